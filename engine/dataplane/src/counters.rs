//! What is counted: reasons, outcomes, and the rows of sessions, connections and the engine.

pub use crate::counter::{Counter, Histogram};
use masque_packet::ErrorKind;

macro_rules! named_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// All variants, in the order of the snapshot's columns.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in snapshots and events.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

named_enum! {
    /// Why a packet was dropped.
    DropReason {
        /// Not a well-formed IP packet (CIP-1001).
        Malformed = "malformed",
        /// Source not assigned to the session (CIP-1003, CIP-1004).
        SpoofedSource = "spoofedSource",
        /// Destination outside the routes, or owned by nobody (CIP-1005).
        NoRoute = "noRoute",
        /// Destination routed, but not for this protocol (CIP-810).
        ProtocolRefused = "protocolRefused",
        /// Destination belongs to another session (CIP-1016).
        PeerToPeer = "peerToPeer",
        /// A rule refused the flow, or none allowed it.
        AccessDenied = "accessDenied",
        /// A meter was exceeded.
        RateLimited = "rateLimited",
        /// The session has as many flows as it may have.
        FlowTableFull = "flowTableFull",
        /// TTL used up on the way from session to session (CIP-1010).
        TtlExpired = "ttlExpired",
        /// Link-local addresses stay on their link (CIP-1012).
        LinkLocal = "linkLocal",
        /// Multicast, loopback and the like (CIP-1014).
        ForbiddenAddress = "forbiddenAddress",
        /// Larger than the session can carry (CIP-1206).
        TooBig = "tooBig",
        /// The session's queue was full.
        QueueFull = "queueFull",
        /// The packet waited too long.
        QueueExpired = "queueExpired",
        /// The session ended while the packet waited.
        SessionEnded = "sessionEnded",
        /// A datagram for no open tunnel (CIP-504, CIP-506).
        NoSession = "noSession",
        /// Unknown context id (CIP-510).
        UnknownContext = "unknownContext",
        /// No context id or no payload (CIP-512).
        EmptyDatagram = "emptyDatagram",
        /// There is no TUN.
        NoTun = "noTun",
        /// The kernel refused the write.
        TunWriteFailed = "tunWriteFailed",
        /// The worker that it belonged to took too little of what others handed over.
        HandoverFull = "handoverFull",
    }
}

impl From<ErrorKind> for IcmpSent {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::TimeExceeded => Self::TimeExceeded,
            ErrorKind::TooBig { .. } => Self::PacketTooBig,
            ErrorKind::SourceNotAssigned
            | ErrorKind::NoRoute
            | ErrorKind::Refused
            | ErrorKind::SourceScope => Self::DestinationUnreachable,
        }
    }
}

named_enum! {
    /// How a handshake on the listener went.
    Handshake {
        /// Completed.
        Completed = "completed",
        /// TLS refused the peer's certificate.
        CertificateRefused = "certificateRefused",
        /// The peer refused ours.
        ServerDistrusted = "serverDistrusted",
        /// No common ALPN, version or cipher.
        Incompatible = "incompatible",
        /// Never completed.
        TimedOut = "timedOut",
        /// Anything else.
        OtherFailure = "otherFailure",
        /// Answered with Retry.
        Retried = "retried",
        /// Turned away.
        Refused = "refused",
    }
}

named_enum! {
    /// ICMP messages that we originate.
    IcmpSent {
        /// Rows A, B, C and E of the refusal table.
        DestinationUnreachable = "destinationUnreachable",
        /// Row D.
        TimeExceeded = "timeExceeded",
        /// Row F: Fragmentation Needed or Packet Too Big.
        PacketTooBig = "packetTooBig",
        /// To a peer that probes the path (CIP-1013).
        EchoReply = "echoReply",
    }
}

named_enum! {
    /// Why a stream was aborted for its capsules.
    CapsuleError {
        /// FIN inside a capsule (CIP-605).
        Malformed = "malformed",
        /// Above the size limit (CIP-608).
        TooLarge = "tooLarge",
        /// Above the rate limit (CIP-610).
        Flood = "flood",
    }
}

named_enum! {
    /// What a congestion controller does. A row has its place in this list, from 1; 0: not known yet.
    CongestionMode {
        /// `adaptive` looks for the path's rate.
        Startup = "startup",
        /// `adaptive` has the path to itself.
        Alone = "alone",
        /// `adaptive` tests whether the queue is its own.
        Test = "test",
        /// `adaptive` shares the path with others.
        Sharing = "sharing",
        /// The library's BBR, which tells no more.
        Bbr = "bbr",
        /// The library's Cubic, which tells no more.
        Cubic = "cubic",
    }
}

/// Upper bounds of handshake time, seconds.
pub const HANDSHAKE_BOUNDS: [f64; 9] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0];
/// Upper bounds of packet processing time, seconds.
pub const PROCESSING_BOUNDS: [f64; 19] = [
    1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5,
    1.0,
];
/// Upper bounds of stream durations, seconds.
pub const STREAM_BOUNDS: [f64; 9] = [1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 1800.0, 3600.0];

/// One direction of the data plane: inbound from peers to the TUN, outbound from the TUN to peers.
#[derive(Debug)]
pub struct Path {
    /// Packets that arrived.
    pub received: Counter,
    /// Packets handed to the other side.
    pub forwarded: Counter,
    /// Packets waiting in session queues.
    pub queued: Counter,
    drops: [Counter; DropReason::ALL.len()],
    /// Received packets given to another worker, of which it counts what becomes of them.
    pub given: Counter,
    /// Packets that another worker received and gave to this one.
    pub taken: Counter,
    /// What was received or taken, and is nowhere, at the end of the worker's last turn; signed. 0, or there is a bug.
    pub unaccounted: Counter,
    /// From arrival to hand-over.
    pub processing: Histogram<19>,
}

impl Default for Path {
    fn default() -> Self {
        Self {
            received: Counter::default(),
            forwarded: Counter::default(),
            queued: Counter::default(),
            drops: std::array::from_fn(|_| Counter::default()),
            given: Counter::default(),
            taken: Counter::default(),
            unaccounted: Counter::default(),
            processing: Histogram::new(&PROCESSING_BOUNDS),
        }
    }
}

impl Path {
    /// Counts `n` packets dropped for `reason`.
    #[inline]
    pub fn drop_packets(&self, reason: DropReason, n: u64) {
        if let Some(counter) = self.drops.get(reason as usize) {
            counter.add(n);
        }
    }

    /// Balances the books; only between turns, because within one a packet may be nowhere for a moment.
    pub fn audit(&self) {
        let come = self.received.get() + self.taken.get();
        let gone = self.forwarded.get() + self.given.get() + self.queued.get() + self.drops().sum::<u64>();
        self.unaccounted.set(come.wrapping_sub(gone));
    }

    /// Counts as dropped what is nowhere: the turn that had it did not come to its end.
    pub fn write_off(&self, reason: DropReason) {
        self.audit();
        self.drop_packets(reason, self.unaccounted.get().cast_signed().max(0).cast_unsigned());
        self.audit();
    }

    /// Drops by reason, in the order of [`DropReason::ALL`].
    pub fn drops(&self) -> impl Iterator<Item = u64> + '_ {
        self.drops.iter().map(Counter::get)
    }
}

/// Counters of one worker; the engine's are their sum.
#[derive(Debug)]
pub struct Totals {
    /// Peers to TUN.
    pub inbound: Path,
    /// TUN to peers.
    pub outbound: Path,
    handshakes: [Counter; Handshake::ALL.len()],
    /// Requests aborted before anybody saw them.
    pub requests_malformed: Counter,
    /// Requests refused because the event queue was full.
    pub requests_overflowed: Counter,
    capsule_errors: [Counter; CapsuleError::ALL.len()],
    icmp_sent: [Counter; IcmpSent::ALL.len()],
    /// From a peer's first packet to the end of its handshake, completed ones.
    pub handshake_duration: Histogram<9>,
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

impl Default for Totals {
    fn default() -> Self {
        Self {
            inbound: Path::default(),
            outbound: Path::default(),
            handshakes: Default::default(),
            requests_malformed: Counter::default(),
            requests_overflowed: Counter::default(),
            capsule_errors: Default::default(),
            icmp_sent: Default::default(),
            handshake_duration: Histogram::new(&HANDSHAKE_BOUNDS),
            migrations: Counter::default(),
            busy_nanoseconds: Counter::default(),
            wait_nanoseconds: Counter::default(),
            udp_receive_calls: Counter::default(),
            udp_datagrams_received: Counter::default(),
            udp_send_calls: Counter::default(),
            udp_datagrams_sent: Counter::default(),
            tun_reads: Counter::default(),
            tun_writes: Counter::default(),
            tun_errors: Counter::default(),
            udp_errors: Counter::default(),
            panics: Counter::default(),
            datagrams_handed_over: Counter::default(),
            datagrams_handover_lost: Counter::default(),
            frames_handed_over: Counter::default(),
            packets_handed_over: Counter::default(),
            held: Counter::default(),
            half_open: Counter::default(),
            udp_steering: Counter::default(),
            tun_queues: Counter::default(),
            tun_steering: Counter::default(),
            tun_steering_failures: Counter::default(),
            tun_open: Counter::default(),
            udp_segmentation: Counter::default(),
            udp_coalescing: Counter::default(),
            tun_tcp: Counter::default(),
            tun_udp: Counter::default(),
            connections: Counter::default(),
            sessions: Counter::default(),
            flows: Counter::default(),
            flow_samples_lost: Counter::default(),
        }
    }
}

impl Totals {
    /// Counts one stream aborted for its capsules.
    pub fn capsule_error(&self, cause: CapsuleError) {
        if let Some(counter) = self.capsule_errors.get(cause as usize) {
            counter.add(1);
        }
    }

    /// Aborted streams by cause, in the order of [`CapsuleError::ALL`].
    pub fn capsule_errors(&self) -> impl Iterator<Item = u64> + '_ {
        self.capsule_errors.iter().map(Counter::get)
    }

    /// Counts one ICMP message.
    pub fn icmp(&self, kind: IcmpSent) {
        if let Some(counter) = self.icmp_sent.get(kind as usize) {
            counter.add(1);
        }
    }

    /// ICMP messages by kind, in the order of [`IcmpSent::ALL`].
    pub fn icmp_sent(&self) -> impl Iterator<Item = u64> + '_ {
        self.icmp_sent.iter().map(Counter::get)
    }

    /// Counts one handshake.
    pub fn handshake(&self, outcome: Handshake) {
        if let Some(counter) = self.handshakes.get(outcome as usize) {
            counter.add(1);
        }
    }

    /// Handshakes by outcome, in the order of [`Handshake::ALL`].
    pub fn handshakes(&self) -> impl Iterator<Item = u64> + '_ {
        self.handshakes.iter().map(Counter::get)
    }
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
#[derive(Debug)]
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
    pub stream_durations: Histogram<9>,
}

impl Default for ConnectionCounters {
    fn default() -> Self {
        Self {
            open: Counter::default(),
            rtt_microseconds: Counter::default(),
            congestion_window: Counter::default(),
            congestion_rate: Counter::default(),
            congestion_mode: Counter::default(),
            path_mtu: Counter::default(),
            packets_sent: Counter::default(),
            packets_lost: Counter::default(),
            udp_bytes_sent: Counter::default(),
            udp_bytes_received: Counter::default(),
            bidirectional_streams: Counter::default(),
            unidirectional_streams: Counter::default(),
            stream_durations: Histogram::new(&STREAM_BOUNDS),
        }
    }
}
