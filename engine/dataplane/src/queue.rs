//! Packets of one session waiting for QUIC: fair between its flows, short for each of them.
//!
//! Flows take turns by bytes (deficit round robin), those that just began first; a flow whose packets
//! keep waiting too long loses some at its head (CoDel, RFC 8289; together RFC 8290). So a bulk transfer
//! delays itself and not the others.

mod codel;

use bytes::Bytes;
use codel::Codel;
use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Bytes a session may have waiting; the longest flow loses its oldest first.
const BYTES: usize = 4 << 20;
/// Bytes that may wait however old they are: what a session that stalls costs.
const OLD_BYTES: usize = 1 << 20;
/// How long a packet counts as new.
const FRESH: Duration = Duration::from_millis(200);
/// Flows told apart; more share.
const FLOWS: usize = 64;
/// A wait that the flows inside hardly notice.
const SHORT_WAIT: Duration = Duration::from_millis(10);
/// Packets that a flow keeps memory for while none waits.
const IDLE_CAPACITY: usize = 1024;
/// Bytes a flow may send in its turn. Small turns would spread one burst of loss over many flows.
const TURN: usize = 32 << 10;

/// How long packets may wait (CIP-1210).
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Waits below it are fine.
    pub target: Duration,
    /// How long waits may stay above `target`.
    pub interval: Duration,
    /// Nothing waits longer.
    pub longest: Duration,
}

impl Patience {
    /// For a path with round-trip time `rtt`: the flows inside need that long to react. Others do not wait for them, so
    /// it is more than a router's: a flow that is cut twice, here and where others join on the path, loses its share.
    pub fn for_rtt(rtt: Duration) -> Self {
        let target = Duration::from_millis(5) + rtt;
        let interval = (4 * rtt).max(Duration::from_millis(400));
        Self { target, interval, longest: Duration::from_millis(100) + rtt }
    }
}

/// A datagram and when its packet arrived.
struct Waiting {
    datagram: Bytes,
    arrived: Instant,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    None,
    New,
    Old,
}

struct Flow {
    key: u32,
    waiting: VecDeque<Waiting>,
    bytes: usize,
    credit: usize,
    turn: Turn,
    codel: Codel,
}

/// See the module.
#[derive(Default)]
pub struct Queue {
    flows: Vec<Flow>,
    new: VecDeque<usize>,
    old: VecDeque<usize>,
    bytes: usize,
    len: usize,
    /// What QUIC would not take goes first.
    returned: Option<Waiting>,
    /// How long the last packet taken had waited.
    last_wait: Duration,
}

impl Queue {
    /// Bytes waiting.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Packets waiting.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether a reader should leave packets where they are: the queue is long, and moves. Behind one that
    /// hardly moves, the packets of all flows would wait and be lost alike.
    pub fn asks_to_wait(&self) -> bool {
        self.bytes >= OLD_BYTES / 2 && self.last_wait < SHORT_WAIT
    }

    /// Appends a packet of the flow `key` (a hash, [`masque_packet::flow::hash`]); returns how many others had to go.
    pub fn push(&mut self, key: u32, datagram: Bytes, arrived: Instant) -> u64 {
        let index = self.flow(key);
        let Some(flow) = self.flows.get_mut(index) else {
            return 1;
        };
        flow.bytes += datagram.len();
        self.bytes += datagram.len();
        self.len += 1;
        flow.waiting.push_back(Waiting { datagram, arrived });
        if flow.turn == Turn::None {
            flow.turn = Turn::New;
            flow.credit = TURN;
            self.new.push_back(index);
        }
        let mut dropped = 0;
        while self.bytes > OLD_BYTES && self.drop_from_longest(arrived) {
            dropped += 1;
        }
        dropped
    }

    /// Takes the next packet in turn; counts into `expired` those that waited too long for it.
    pub fn pop(&mut self, now: Instant, patience: &Patience, expired: &mut u64) -> Option<(Bytes, Instant)> {
        if let Some(Waiting { datagram, arrived }) = self.returned.take() {
            self.left(datagram.len());
            return Some((datagram, arrived));
        }
        loop {
            let is_new = !self.new.is_empty();
            let index = *if is_new { self.new.front() } else { self.old.front() }?;
            let flow = self.flows.get_mut(index)?;
            if flow.credit == 0 {
                flow.credit = TURN;
                self.rotate(index, is_new, Turn::Old);
                continue;
            }
            let before = (flow.bytes, flow.waiting.len());
            let taken = flow.take(now, patience);
            let (bytes, packets) = (before.0 - flow.bytes, before.1 - flow.waiting.len());
            self.bytes -= bytes;
            self.len -= packets;
            match taken {
                Some(Waiting { datagram, arrived }) => {
                    *expired += packets as u64 - 1;
                    self.last_wait = now.saturating_duration_since(arrived);
                    return Some((datagram, arrived));
                }
                None => {
                    *expired += packets as u64;
                    // One more turn among the old, or a flow of single packets would always be new.
                    self.rotate(index, is_new, if is_new { Turn::Old } else { Turn::None });
                    if !is_new && let Some(flow) = self.flows.get_mut(index) {
                        flow.waiting.shrink_to(IDLE_CAPACITY);
                    }
                }
            }
        }
    }

    /// Puts back what QUIC would not take.
    pub fn unpop(&mut self, datagram: Bytes, arrived: Instant) {
        self.bytes += datagram.len();
        self.len += 1;
        self.returned = Some(Waiting { datagram, arrived });
    }

    fn left(&mut self, bytes: usize) {
        self.bytes -= bytes;
        self.len -= 1;
    }

    fn flow(&mut self, key: u32) -> usize {
        if let Some(index) = self.flows.iter().position(|flow| flow.key == key) {
            return index;
        }
        let idle = self.flows.iter_mut().enumerate().find(|(_, flow)| flow.turn == Turn::None);
        if let Some((index, flow)) = idle {
            (flow.key, flow.codel) = (key, Codel::default());
            return index;
        }
        if self.flows.len() == FLOWS {
            return key as usize % FLOWS;
        }
        let codel = Codel::default();
        self.flows.push(Flow { key, waiting: VecDeque::new(), bytes: 0, credit: 0, turn: Turn::None, codel });
        self.flows.len() - 1
    }

    fn rotate(&mut self, index: usize, is_new: bool, turn: Turn) {
        if is_new {
            self.new.pop_front();
        } else {
            self.old.pop_front();
        }
        if turn == Turn::Old {
            self.old.push_back(index);
        }
        if let Some(flow) = self.flows.get_mut(index) {
            flow.turn = turn;
        }
    }

    /// Drops the oldest packet of the longest flow unless it may stay: a fast path that slows down needs room for what
    /// the flows inside have under way until they notice, one that stands still does not.
    fn drop_from_longest(&mut self, now: Instant) -> bool {
        let longest = self.flows.iter_mut().max_by_key(|flow| flow.bytes);
        let too_long = self.bytes > BYTES;
        let oldest = longest.and_then(|flow| flow.pop_if(|oldest| too_long || oldest.is_old(now)));
        let Some(oldest) = oldest else {
            return false;
        };
        self.left(oldest.datagram.len());
        true
    }
}

impl Waiting {
    fn is_old(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.arrived) > FRESH
    }
}

impl Flow {
    fn pop(&mut self) -> Option<Waiting> {
        self.pop_if(|_| true)
    }

    fn pop_if(&mut self, may_go: impl FnOnce(&Waiting) -> bool) -> Option<Waiting> {
        self.waiting.front().filter(|oldest| may_go(oldest))?;
        let oldest = self.waiting.pop_front()?;
        self.bytes -= oldest.datagram.len();
        Some(oldest)
    }

    fn take(&mut self, now: Instant, patience: &Patience) -> Option<Waiting> {
        loop {
            let oldest = self.pop()?;
            let waited = now.saturating_duration_since(oldest.arrived);
            let is_last = self.waiting.is_empty();
            if waited <= patience.longest && self.codel.passes(now, waited, is_last, patience) {
                self.credit = self.credit.saturating_sub(oldest.datagram.len());
                return Some(oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests;
