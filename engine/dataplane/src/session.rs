//! One CONNECT-IP request and, once accepted, its tunnel: queue, capsule reader, limits.

use crate::access::SessionAccess;
use crate::counters::{Counter, DropReason, SessionCounters};
use crate::forwarding::Forwarding;
use crate::options::PeerLimits;
use bytes::Bytes;
use masque_capsule::Framer;
use masque_capsule::datagram::{self, Prefix};
use masque_packet::TokenBucket;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Bytes a session may have waiting for QUIC; the oldest go first.
const QUEUE_BYTES: usize = 1 << 20;
/// How long a packet may wait for QUIC (CIP-1210).
const QUEUE_TIME: Duration = Duration::from_millis(50);
/// ICMP errors a second and at once, each session (CIP-1105).
const ICMP_RATE: u32 = 100;
const ICMP_BURST: u32 = 50;

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// A request that was neither accepted nor refused.
    Requested,
    /// A tunnel.
    Open,
}

/// See the module.
pub struct Session {
    /// Id known to the embedder.
    pub id: u64,
    /// Key of its connection.
    pub connection: usize,
    /// Request stream.
    pub stream: u64,
    /// The request is an extended CONNECT, which gives its datagrams a meaning (CIP-508).
    pub is_tunnel_request: bool,
    /// Where it stands.
    pub phase: Phase,
    /// Rules for packets, once there are any.
    pub forwarding: Option<Forwarding>,
    /// Its rules and flows, if it is judged by any.
    pub access: Option<SessionAccess>,
    /// Quarter stream id and context id of every datagram sent.
    pub prefix: Prefix,
    /// Largest inner packet; 0 while nothing can be sent.
    pub tunnel_mtu: usize,
    /// The peer takes packets in DATAGRAM capsules only (CIP-115).
    pub over_capsules: bool,
    /// Since when IPv6 does not fit.
    pub too_small_since: Option<Instant>,
    /// Packets waiting for QUIC.
    pub queue: Queue,
    /// Capsule reader of the receive side.
    pub framer: Framer,
    /// Control capsules allowed.
    pub capsules: TokenBucket,
    /// ICMP errors allowed.
    pub icmp: TokenBucket,
    /// Its row.
    pub counters: Arc<SessionCounters>,
}

impl Session {
    /// A request on `stream`.
    pub fn new(
        id: u64,
        connection: usize,
        stream: u64,
        limits: &PeerLimits,
        counters: Arc<SessionCounters>,
        now: Instant,
    ) -> Self {
        const KINDS: &[u64] = &[
            masque_capsule::ADDRESS_ASSIGN,
            masque_capsule::ADDRESS_REQUEST,
            masque_capsule::ROUTE_ADVERTISEMENT,
        ];
        Self {
            id,
            connection,
            stream,
            is_tunnel_request: true,
            phase: Phase::Requested,
            forwarding: None,
            access: None,
            prefix: datagram::prefix(stream),
            tunnel_mtu: 0,
            over_capsules: false,
            too_small_since: None,
            queue: Queue::default(),
            framer: Framer::new(KINDS, limits.capsule_bytes),
            capsules: TokenBucket::new(limits.capsules_per_second, limits.capsule_burst, now),
            icmp: TokenBucket::new(ICMP_RATE, ICMP_BURST, now),
            counters,
        }
    }
}

/// A datagram, prefix included, and when its packet arrived.
struct Waiting {
    datagram: Bytes,
    arrived: Instant,
}

/// Datagrams waiting for QUIC, bounded in bytes and time, oldest dropped first.
#[derive(Default)]
pub struct Queue {
    waiting: VecDeque<Waiting>,
    bytes: usize,
}

impl Queue {
    /// Bytes waiting.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Packets waiting.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether a well-behaved reader would stop filling it.
    pub fn is_half_full(&self) -> bool {
        self.bytes >= QUEUE_BYTES / 2
    }

    /// Appends; returns how many of the oldest had to go because they had waited too long, and how
    /// many because of the bytes.
    pub fn push(&mut self, datagram: Bytes, arrived: Instant) -> (u64, u64) {
        self.bytes += datagram.len();
        self.waiting.push_back(Waiting { datagram, arrived });
        let (mut expired, mut crowded) = (0, 0);
        while let Some(oldest) = self.waiting.front() {
            if arrived.saturating_duration_since(oldest.arrived) > QUEUE_TIME {
                expired += 1;
            } else if self.bytes > QUEUE_BYTES {
                crowded += 1;
            } else {
                break;
            }
            self.bytes -= oldest.datagram.len();
            self.waiting.pop_front();
        }
        (expired, crowded)
    }

    /// Takes the oldest that has not waited too long; counts the others into `expired`.
    pub fn pop(&mut self, now: Instant, expired: &mut u64) -> Option<(Bytes, Instant)> {
        while let Some(Waiting { datagram, arrived }) = self.waiting.pop_front() {
            self.bytes -= datagram.len();
            if now.saturating_duration_since(arrived) <= QUEUE_TIME {
                return Some((datagram, arrived));
            }
            *expired += 1;
        }
        None
    }

    /// Puts back what QUIC would not take.
    pub fn unpop(&mut self, datagram: Bytes, arrived: Instant) {
        self.bytes += datagram.len();
        self.waiting.push_front(Waiting { datagram, arrived });
    }
}

/// Counts packets dropped on the way to the peer.
pub fn count_drop_sending(
    path: &crate::counters::Path,
    counters: &SessionCounters,
    reason: DropReason,
    n: u64,
) {
    if n > 0 {
        path.drop_packets(reason, n);
        counters.drops_sending.add(n);
    }
}

/// Copies the queue's length to its gauges.
pub fn show_queue(queue: &Queue, counters: &SessionCounters, all: &Counter, before: usize) {
    counters.queued_bytes.set(queue.bytes() as u64);
    counters.queued_packets.set(queue.len() as u64);
    all.add(queue.len() as u64);
    all.sub(before as u64);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_drops_its_oldest() {
        let mut queue = Queue::default();
        let now = Instant::now();
        assert_eq!(queue.push(Bytes::from(vec![1; QUEUE_BYTES]), now), (0, 0));
        assert_eq!(queue.push(Bytes::from_static(&[2]), now), (0, 1));
        assert_eq!((queue.len(), queue.bytes()), (1, 1));
        let later = now + QUEUE_TIME + Duration::from_millis(1);
        assert_eq!(queue.push(Bytes::from_static(&[3]), later), (1, 0));
    }

    #[test]
    fn packets_expire_in_the_queue_cip_1210() {
        let mut queue = Queue::default();
        let start = Instant::now();
        queue.push(Bytes::from_static(&[1]), start);
        queue.push(Bytes::from_static(&[2]), start + QUEUE_TIME);
        let mut expired = 0;
        let taken = queue.pop(start + QUEUE_TIME + Duration::from_millis(1), &mut expired);
        assert_eq!(taken.map(|(d, _)| d), Some(Bytes::from_static(&[2])));
        assert_eq!((expired, queue.bytes()), (1, 0));
    }
}
