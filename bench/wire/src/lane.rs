use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use crate::loss::Loss;
use crate::random::Random;
use crate::rate::Rate;

/// How one direction treats packets.
pub struct LaneOptions {
    pub rate: Rate,
    pub delay_ns: u64,
    /// Bytes that may wait for the bottleneck.
    pub queue_bytes: usize,
    pub loss: Loss,
    /// Share of packets that come later than those behind them.
    pub reordered_share: f64,
    /// How much later.
    pub reordered_ns: u64,
    pub seed: u64,
}

/// What a lane did so far.
#[derive(Default, Debug, PartialEq)]
pub struct Counters {
    pub packets: u64,
    pub bytes: u64,
    pub lost: u64,
    pub queue_drops: u64,
    pub reordered: u64,
    pub queue_ns_total: u64,
    pub queue_ns_max: u64,
    /// How late a packet was delivered at worst: how busy the machine was.
    pub late_ns_max: u64,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Travelling {
    due: u64,
    order: u64,
    packet: Vec<u8>,
}

/// One direction of the link. Every packet passes random loss, a drop-tail queue before the bottleneck, the delay.
/// No I/O; time is an argument, in nanoseconds.
pub struct Lane {
    options: LaneOptions,
    random: Random,
    /// When the bottleneck will have sent all that waits.
    free_at: u64,
    /// When each waiting packet will have left the queue, and its bytes.
    waiting: VecDeque<(u64, usize)>,
    waiting_bytes: usize,
    travelling: BinaryHeap<Reverse<Travelling>>,
    order: u64,
    spare: Vec<Vec<u8>>,
    pub counters: Counters,
}

impl Lane {
    pub fn new(options: LaneOptions) -> Self {
        Self {
            random: Random::new(options.seed),
            options,
            free_at: 0,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
            travelling: BinaryHeap::new(),
            order: 0,
            spare: Vec::new(),
            counters: Counters::default(),
        }
    }

    /// A packet enters the link.
    pub fn offer(&mut self, now: u64, packet: &[u8]) {
        if self.options.loss.takes(&mut self.random) {
            self.counters.lost += 1;
            return;
        }
        self.forget_sent(now);
        let start = self.free_at.max(now);
        if start > now && self.waiting_bytes + packet.len() > self.options.queue_bytes {
            self.counters.queue_drops += 1;
            return;
        }
        self.free_at = self.options.rate.finish(start, packet.len());
        self.waiting.push_back((self.free_at, packet.len()));
        self.waiting_bytes += packet.len();
        self.counters.queue_ns_total += start - now;
        self.counters.queue_ns_max = self.counters.queue_ns_max.max(start - now);
        let mut due = self.free_at + self.options.delay_ns;
        if self.random.unit() < self.options.reordered_share {
            due += self.options.reordered_ns;
            self.counters.reordered += 1;
        }
        let mut copy = self.spare.pop().unwrap_or_default();
        copy.clear();
        copy.extend_from_slice(packet);
        self.order += 1;
        self.travelling.push(Reverse(Travelling { due, order: self.order, packet: copy }));
    }

    /// When the next packet arrives.
    pub fn next_due(&self) -> Option<u64> {
        self.travelling.peek().map(|Reverse(next)| next.due)
    }

    /// The next packet that has arrived; give its buffer back with `recycle`.
    pub fn take_due(&mut self, now: u64) -> Option<Vec<u8>> {
        if self.next_due()? > now {
            return None;
        }
        let Reverse(Travelling { due, packet, .. }) = self.travelling.pop()?;
        self.counters.packets += 1;
        self.counters.bytes += packet.len() as u64;
        self.counters.late_ns_max = self.counters.late_ns_max.max(now - due);
        Some(packet)
    }

    pub fn recycle(&mut self, buffer: Vec<u8>) {
        if self.spare.len() < 4_096 {
            self.spare.push(buffer);
        }
    }

    fn forget_sent(&mut self, now: u64) {
        while let Some((left_at, bytes)) = self.waiting.front().copied()
            && left_at <= now
        {
            self.waiting.pop_front();
            self.waiting_bytes -= bytes;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;

    /// 8 Mbit/s: a byte takes a microsecond.
    fn options() -> LaneOptions {
        LaneOptions {
            rate: Rate::new(&[8.0], MS),
            delay_ns: 10 * MS,
            queue_bytes: 3_000,
            loss: Loss::new(0.0, 1.0),
            reordered_share: 0.0,
            reordered_ns: 0,
            seed: 1,
        }
    }

    fn arrivals(lane: &mut Lane) -> Vec<(u64, u8)> {
        let mut seen = Vec::new();
        while let Some(due) = lane.next_due() {
            let packet = lane.take_due(due).expect("it is due");
            seen.push((due, packet[0]));
        }
        seen
    }

    #[test]
    fn delivers_after_the_queue_the_rate_and_the_delay() {
        let mut lane = Lane::new(options());
        lane.offer(0, &[1; 1_000]);
        lane.offer(0, &[2; 1_000]);
        assert!(lane.take_due(11 * MS - 1).is_none());
        assert_eq!(arrivals(&mut lane), [(11 * MS, 1), (12 * MS, 2)]);
        assert_eq!(lane.counters.queue_ns_max, MS);
    }

    #[test]
    fn drops_what_the_queue_has_no_room_for_until_something_left() {
        let mut lane = Lane::new(options());
        for packet in 1..=4 {
            lane.offer(0, &[packet; 1_000]);
        }
        assert_eq!(lane.counters.queue_drops, 1);
        lane.offer(MS, &[5; 1_000]);
        assert_eq!(lane.counters.queue_drops, 1);
        let order: Vec<u8> = arrivals(&mut lane).iter().map(|(_, packet)| *packet).collect();
        assert_eq!(order, [1, 2, 3, 5]);
    }

    #[test]
    fn carries_its_rate_and_no_more() {
        let mut lane = Lane::new(options());
        // Twice the rate for a second.
        for step in 0..2_000 {
            lane.offer(step * MS / 2, &[0; 1_000]);
        }
        let within: usize = arrivals(&mut lane).iter().filter(|(due, _)| *due <= 1_010 * MS).count();
        assert!((999..=1_001).contains(&within), "{within}");
    }

    #[test]
    fn reordered_packets_come_behind_later_ones() {
        let mut lane = Lane::new(LaneOptions {
            reordered_share: 0.5,
            reordered_ns: 5 * MS,
            queue_bytes: 1_000_000,
            ..options()
        });
        for packet in 0..100 {
            lane.offer(0, &[packet; 100]);
        }
        let order: Vec<u8> = arrivals(&mut lane).iter().map(|(_, packet)| *packet).collect();
        assert_eq!(order.len(), 100);
        assert!(!order.is_sorted());
        assert!(lane.counters.reordered > 20);
    }
}
