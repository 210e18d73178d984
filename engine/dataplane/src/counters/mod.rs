//! What is counted: reasons, outcomes, and the rows of sessions, connections and the engine.

mod counter;
mod histogram;
mod kinds;

pub use counter::Counter;
pub use histogram::{Bounds, HandshakeTimes, Histogram, ProcessingTimes, StreamTimes};
pub use kinds::{CapsuleError, CongestionMode, CountersBy, DropReason, Handshake, IcmpSent, Kind};

/// One direction of the data plane: inbound from peers to the TUN, outbound from the TUN to peers.
#[derive(Debug, Default)]
pub struct Path {
    /// Packets that arrived.
    pub received: Counter,
    /// Packets handed to the other side.
    pub forwarded: Counter,
    /// Packets waiting in session queues.
    pub queued: Counter,
    /// Packets dropped.
    pub drops: CountersBy<DropReason, { DropReason::ALL.len() }>,
    /// Received packets given to another worker, of which it counts what becomes of them.
    pub given: Counter,
    /// Packets that another worker received and gave to this one.
    pub taken: Counter,
    /// What was received or taken, and is nowhere, at the end of the worker's last turn; signed. 0, or there is a bug.
    pub unaccounted: Counter,
    /// From arrival to hand-over.
    pub processing: Histogram<ProcessingTimes, 19>,
}

impl Path {
    /// Balances the books; only between turns, because within one a packet may be nowhere for a moment.
    pub fn audit(&self) {
        let come = self.received.get() + self.taken.get();
        let gone = self.forwarded.get() + self.given.get() + self.queued.get() + self.drops.sum();
        self.unaccounted.set(come.wrapping_sub(gone));
    }

    /// Counts as dropped what is nowhere: the turn that had it did not come to its end.
    pub fn write_off(&self, reason: DropReason) {
        self.audit();
        self.drops.add(reason, self.unaccounted.get().cast_signed().max(0).cast_unsigned());
        self.audit();
    }
}

/// Counters of one worker; the engine's are their sum.
#[derive(Debug, Default)]
pub struct Totals {
    /// Peers to TUN.
    pub inbound: Path,
    /// TUN to peers.
    pub outbound: Path,
    /// Handshakes on the listener.
    pub handshakes: CountersBy<Handshake, { Handshake::ALL.len() }>,
    /// Requests aborted before anybody saw them.
    pub requests_malformed: Counter,
    /// Requests refused because the event queue was full.
    pub requests_overflowed: Counter,
    /// Streams aborted for their capsules.
    pub capsule_errors: CountersBy<CapsuleError, { CapsuleError::ALL.len() }>,
    /// ICMP messages that we originated.
    pub icmp_sent: CountersBy<IcmpSent, { IcmpSent::ALL.len() }>,
    /// From a peer's first packet to the end of its handshake, completed ones.
    pub handshake_duration: Histogram<HandshakeTimes, 9>,
    /// Peers that changed their address.
    pub migrations: Counter,
    /// Nanoseconds that the worker worked.
    pub busy_nanoseconds: Counter,
    /// Nanoseconds that the worker waited for something to do.
    pub wait_nanoseconds: Counter,
    /// Receive calls that returned something.
    pub udp_receive_calls: Counter,
    /// UDP datagrams received.
    pub udp_datagrams_received: Counter,
    /// Send calls.
    pub udp_send_calls: Counter,
    /// UDP datagrams sent.
    pub udp_datagrams_sent: Counter,
    /// Reads of the TUN that returned a frame.
    pub tun_reads: Counter,
    /// Writes to the TUN.
    pub tun_writes: Counter,
    /// Failed reads and writes of the TUN.
    pub tun_errors: Counter,
    /// Failed socket calls.
    pub udp_errors: Counter,
    /// Panics caught.
    pub panics: Counter,
    /// UDP datagrams given to the worker that they belong to.
    pub datagrams_handed_over: Counter,
    /// UDP datagrams lost because that worker took too little.
    pub datagrams_handover_lost: Counter,
    /// Frames of the TUN given to the worker that they belong to.
    pub frames_handed_over: Counter,
    /// Prefixes that the kernel could not be told the queue of.
    pub tun_steering_failures: Counter,
    /// Packets given to a session of another worker.
    pub packets_handed_over: Counter,
    /// Connections that QUIC has not forgotten yet. Not shown: bounds admission.
    pub held: Counter,
    /// Connections without a complete handshake. Not shown: bounds admission.
    pub half_open: Counter,
    /// 1 while the TUN is open.
    pub tun_open: Counter,
    /// 1 where the socket sends many datagrams in one call.
    pub udp_segmentation: Counter,
    /// 1 where the socket receives many datagrams in one call.
    pub udp_coalescing: Counter,
    /// 1 where the kernel gives each worker's socket the datagrams that belong to it.
    pub udp_steering: Counter,
    /// 1 where each worker has a queue of the TUN.
    pub tun_queues: Counter,
    /// 1 where the kernel puts packets in the queue of the worker that they belong to.
    pub tun_steering: Counter,
    /// 1 where the TUN takes and gives TCP super-packets.
    pub tun_tcp: Counter,
    /// 1 where the TUN takes and gives UDP super-packets.
    pub tun_udp: Counter,
    /// Connections now.
    pub connections: Counter,
    /// Open sessions now.
    pub sessions: Counter,
    /// Flows remembered now.
    pub flows: Counter,
    /// New flows that nobody was told of.
    pub flow_samples_lost: Counter,
}

/// Counters of one session.
#[derive(Debug, Default)]
pub struct SessionCounters {
    /// Connection it belongs to.
    pub connection: Counter,
    /// 1 while open.
    pub open: Counter,
    /// Inner bytes handed to QUIC.
    pub bytes_sent: Counter,
    /// Inner bytes received and accepted.
    pub bytes_received: Counter,
    /// Inner packets handed to QUIC.
    pub packets_sent: Counter,
    /// Inner packets received and accepted.
    pub packets_received: Counter,
    /// Packets dropped toward the peer.
    pub drops_sending: Counter,
    /// Packets dropped from the peer.
    pub drops_receiving: Counter,
    /// Bytes waiting.
    pub queued_bytes: Counter,
    /// Packets waiting.
    pub queued_packets: Counter,
    /// Largest inner packet, bytes.
    pub tunnel_mtu: Counter,
}

/// Counters of one connection.
#[derive(Debug, Default)]
pub struct ConnectionCounters {
    /// 1 while open.
    pub open: Counter,
    /// Smoothed round-trip time, microseconds.
    pub rtt_microseconds: Counter,
    /// Congestion window, bytes.
    pub congestion_window: Counter,
    /// Bytes a second that the controller expects of the path; 0 if it does not say.
    pub congestion_rate: Counter,
    /// See [`CongestionMode`].
    pub congestion_mode: Counter,
    /// Largest UDP payload known to pass.
    pub path_mtu: Counter,
    /// QUIC packets sent.
    pub packets_sent: Counter,
    /// QUIC packets declared lost.
    pub packets_lost: Counter,
    /// UDP payload bytes sent.
    pub udp_bytes_sent: Counter,
    /// UDP payload bytes received.
    pub udp_bytes_received: Counter,
    /// Bidirectional streams opened by either side.
    pub bidirectional_streams: Counter,
    /// Unidirectional streams opened by either side.
    pub unidirectional_streams: Counter,
    /// Durations of closed streams.
    pub stream_durations: Histogram<StreamTimes, 9>,
}
