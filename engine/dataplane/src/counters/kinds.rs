//! Reasons, outcomes and kinds that are counted apart.

use super::Counter;
use masque_packet::ErrorKind;
use std::marker::PhantomData;

/// A closed list, by which something is counted.
pub trait Kind: Copy + 'static {
    /// All of it, in the order of the snapshot's columns.
    const ALL: &'static [Self];

    /// The name in snapshots.
    fn name(self) -> &'static str;

    /// The place in [`Kind::ALL`].
    fn index(self) -> usize;
}

/// One counter for each of the `N` kinds in `K`.
#[derive(Debug)]
pub struct CountersBy<K, const N: usize> {
    counters: [Counter; N],
    kind: PhantomData<K>,
}

impl<K, const N: usize> Default for CountersBy<K, N> {
    fn default() -> Self {
        Self { counters: std::array::from_fn(|_| Counter::default()), kind: PhantomData }
    }
}

impl<K: Kind, const N: usize> CountersBy<K, N> {
    const EACH_HAS_ONE: () = assert!(N == K::ALL.len());

    /// Counts `n` of a kind.
    #[inline]
    pub fn add(&self, kind: K, n: u64) {
        let () = Self::EACH_HAS_ONE;
        if let Some(counter) = self.counters.get(kind.index()) {
            counter.add(n);
        }
    }

    /// What was counted of each kind, in the order of [`Kind::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (K, u64)> + '_ {
        K::ALL.iter().copied().zip(self.counters.iter().map(Counter::get))
    }

    /// All kinds together.
    pub fn sum(&self) -> u64 {
        self.counters.iter().map(Counter::get).sum()
    }
}

macro_rules! named_enum {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl Kind for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            fn index(self) -> usize {
                self as usize
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
