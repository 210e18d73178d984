//! One CONNECT-IP request and, once accepted, its tunnel: queue, capsule reader, limits.

use crate::access::SessionAccess;
use crate::counters::{Counter, DropReason, SessionCounters};
use crate::forwarding::Forwarding;
use crate::options::PeerLimits;
use crate::queue::Queue;
use masque_capsule::Framer;
use masque_capsule::datagram::{self, Prefix};
use masque_packet::TokenBucket;
use std::sync::Arc;
use std::time::Instant;

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
            masque_capsule::DNS_ASSIGN,
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

/// Counts packets dropped on the way to the peer.
pub fn count_drop_sending(
    path: &crate::counters::Path,
    counters: &SessionCounters,
    reason: DropReason,
    n: u64,
) {
    if n > 0 {
        path.drops.add(reason, n);
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
