//! Notices that large packets do not arrive any more while small ones do: the path has become narrower, and
//! nobody says so. QUIC needs four bursts of loss for that, which take seconds once the flows inside have
//! nothing under way but a packet now and then.

use crate::congestion::{CERTAIN_SIZE, Fate};
use std::time::{Duration, Instant};

/// What was lost longer ago says nothing about now.
const MEMORY: Duration = Duration::from_secs(10);

/// See the module.
#[derive(Debug, Default)]
pub struct BlackHole {
    lost: Lost,
    /// When large packets were found lost, since when none that left later has arrived.
    suspected: Option<Instant>,
}

/// What a connection has lost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lost {
    /// Packets.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl BlackHole {
    /// Takes in what is lost `now`. True when, after large packets were lost before, those that left since are
    /// lost as well and none has arrived for a round trip (`rtt`): search the path anew. A queue that overflows
    /// takes many in a row, but not for so long. `fate` is asked for only if need be.
    pub fn is_found(&mut self, now: Instant, rtt: Duration, lost: Lost, fate: impl FnOnce() -> Fate) -> bool {
        let before = std::mem::replace(&mut self.lost, lost);
        let packets = lost.packets.saturating_sub(before.packets);
        let bytes = lost.bytes.saturating_sub(before.bytes);
        if bytes <= packets * CERTAIN_SIZE {
            return false;
        }
        let fate = fate();
        let is_recent = |since: &Instant| now.saturating_duration_since(*since) < MEMORY;
        let none_arrived = |since: &Instant| fate.large_acknowledged.is_none_or(|left| left < *since);
        match self.suspected.filter(is_recent).filter(none_arrived) {
            Some(since) if fate.lost.is_some_and(|left| left > since + rtt) => {
                self.suspected = None;
                true
            }
            Some(_) => false,
            None => {
                self.suspected = Some(now);
                false
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RTT_MS: u64 = 5;

    /// A connection that loses packets of 1400 bytes, or other sizes.
    struct Path {
        hole: BlackHole,
        start: Instant,
        lost: Lost,
        fate: Fate,
    }

    impl Path {
        fn new() -> Self {
            let (hole, start) = (BlackHole::default(), Instant::now());
            Self { hole, start, lost: Lost::default(), fate: Fate::default() }
        }

        fn at(&self, ms: u64) -> Instant {
            self.start + Duration::from_millis(ms)
        }

        fn loses(&mut self, sent_ms: u64, packets: u64, size: u64, noticed_ms: u64) -> bool {
            self.lost.packets += packets;
            self.lost.bytes += packets * size;
            self.fate.lost = Some(self.at(sent_ms));
            let fate = self.fate;
            self.hole.is_found(self.at(noticed_ms), Duration::from_millis(RTT_MS), self.lost, || fate)
        }

        fn delivers_large(&mut self, sent_ms: u64) {
            self.fate.large_acknowledged = Some(self.at(sent_ms));
        }
    }

    #[test]
    fn the_second_loss_of_all_large_packets_is_one() {
        let mut path = Path::new();
        path.delivers_large(5);
        assert!(!path.loses(10, 30, 1400, 50));
        assert!(path.loses(60, 1, 1400, 90));
    }

    #[test]
    fn one_outage_is_none_however_its_losses_are_noticed() {
        let mut path = Path::new();
        assert!(!path.loses(10, 30, 1400, 50));
        assert!(!path.loses(12, 2, 1400, 55));
        path.delivers_large(60);
        assert!(!path.loses(70, 5, 1400, 100));
    }

    #[test]
    fn a_queue_that_overflows_for_less_than_a_round_trip_is_none() {
        let mut path = Path::new();
        assert!(!path.loses(10, 30, 1400, 50));
        assert!(!path.loses(50 + RTT_MS, 30, 1400, 60));
        path.delivers_large(57);
        assert!(!path.loses(70, 5, 1400, 100));
    }

    #[test]
    fn losses_between_arrivals_are_none() {
        let mut path = Path::new();
        for round in 1..100 {
            assert!(!path.loses(round * 20, 3, 1400, round * 20 + 10));
            path.delivers_large(round * 20 + 15);
        }
    }

    #[test]
    fn small_packets_say_nothing() {
        let mut path = Path::new();
        assert!(!path.loses(10, 10, 200, 50));
        assert!(!path.loses(60, 10, 200, 90));
        assert!(!path.loses(100, 1, 1400, 150));
    }

    #[test]
    fn what_was_lost_long_ago_does_not_count() {
        let mut path = Path::new();
        assert!(!path.loses(10, 1, 1400, 50));
        assert!(!path.loses(20_000, 1, 1400, 20_050));
        assert!(path.loses(20_100, 1, 1400, 20_150));
    }
}
