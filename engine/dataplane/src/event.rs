//! What the engine tells its embedder, through a bounded queue that wakes it once.

use masque_packet::Direction;
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Header fields in order.
pub type Fields = Vec<(Vec<u8>, Vec<u8>)>;

/// Why a session ended; the names cross the border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionCause {
    /// FIN on a capsule boundary.
    PeerFinished,
    /// RESET_STREAM or STOP_SENDING.
    PeerReset,
    /// Broken framing, or a request that is none.
    PeerMalformed,
    /// A limit was exceeded.
    PeerExcessive,
    /// We ended it in order.
    LocalFinished,
    /// We reset it.
    LocalAborted,
    /// IPv6 needs 1280 bytes and the path has fewer.
    MtuTooSmall,
    /// Its connection ended first.
    ConnectionClosed,
    /// A panic, caught.
    EngineFault,
}

impl SessionCause {
    /// The name in events.
    pub fn name(self) -> &'static str {
        match self {
            Self::PeerFinished => "peerFinished",
            Self::PeerReset => "peerReset",
            Self::PeerMalformed => "peerMalformed",
            Self::PeerExcessive => "peerExcessive",
            Self::LocalFinished => "localFinished",
            Self::LocalAborted => "localAborted",
            Self::MtuTooSmall => "mtuTooSmall",
            Self::ConnectionClosed => "connectionClosed",
            Self::EngineFault => "engineFault",
        }
    }
}

/// Why a connection ended; the names cross the border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionCause {
    /// CONNECTION_CLOSE from the peer.
    PeerClosed,
    /// CONNECTION_CLOSE from us.
    LocalClosed,
    /// Silence.
    IdleTimeout,
    /// Stateless reset: the peer restarted.
    PeerReset,
    /// QUIC or HTTP/3 rules were broken.
    ProtocolError,
    /// The peer sent a TLS alert, for instance about our certificate.
    TlsRefused,
    /// We refused the peer in TLS: its certificate or the name in it.
    PeerUntrusted,
    /// No answer at all.
    Unreachable,
    /// No session was accepted in time.
    UnauthenticatedTimeout,
    /// A panic, caught.
    EngineFault,
}

impl ConnectionCause {
    /// The name in events.
    pub fn name(self) -> &'static str {
        match self {
            Self::PeerClosed => "peerClosed",
            Self::LocalClosed => "localClosed",
            Self::IdleTimeout => "idleTimeout",
            Self::PeerReset => "peerReset",
            Self::ProtocolError => "protocolError",
            Self::TlsRefused => "tlsRefused",
            Self::PeerUntrusted => "peerUntrusted",
            Self::Unreachable => "unreachable",
            Self::UnauthenticatedTimeout => "unauthenticatedTimeout",
            Self::EngineFault => "engineFault",
        }
    }
}

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// Our connection is up and the peer's SETTINGS are known.
    Connected {
        /// Connection.
        connection: u64,
        /// Local UDP address.
        local: String,
        /// Remote UDP address.
        remote: String,
        /// Extended CONNECT is offered.
        extended_connect: bool,
        /// HTTP Datagrams are negotiated.
        datagrams: bool,
    },
    /// A peer's request.
    Request {
        /// Connection.
        connection: u64,
        /// The session it will be.
        session: u64,
        /// Pseudo-headers first, as received.
        fields: Fields,
        /// DER of the peer's leaf certificate.
        leaf: Option<Vec<u8>>,
        /// Remote UDP address.
        remote: String,
        /// When its last byte arrived, milliseconds since 1970.
        received_at_ms: f64,
    },
    /// The final answer to our request.
    Response {
        /// Connection.
        connection: u64,
        /// Session.
        session: u64,
        /// `:status`.
        status: u16,
        /// Other fields.
        fields: Fields,
    },
    /// Control capsules in stream order.
    Capsules {
        /// Connection.
        connection: u64,
        /// Session.
        session: u64,
        /// Types and values.
        capsules: Vec<(u64, Vec<u8>)>,
    },
    /// The peer moved.
    PathChanged {
        /// Connection.
        connection: u64,
        /// Its new UDP address.
        remote: String,
    },
    /// The largest inner packet changed.
    MtuChanged {
        /// Connection.
        connection: u64,
        /// Session.
        session: u64,
        /// Bytes.
        tunnel_mtu: usize,
    },
    /// A session or request ended.
    SessionClosed {
        /// Connection.
        connection: u64,
        /// Session.
        session: u64,
        /// Why.
        cause: SessionCause,
        /// HTTP/3 error code involved.
        code: Option<u64>,
    },
    /// A connection ended.
    ConnectionClosed {
        /// Connection.
        connection: u64,
        /// Why.
        cause: ConnectionCause,
        /// Error code of CONNECTION_CLOSE.
        code: Option<u64>,
        /// For people.
        reason: String,
    },
    /// A few of the flows that began.
    Flows(Vec<FlowSample>),
    /// The TUN is gone.
    TunLost {
        /// Why.
        error: crate::error::Error,
    },
}

/// The first packet of a flow, and what became of it.
#[derive(Debug)]
pub struct FlowSample {
    /// Session.
    pub session: u64,
    /// Allowed or refused.
    pub allowed: bool,
    /// The rule that decided.
    pub rule: Option<u32>,
    /// Which way the flow was opened.
    pub opened: Direction,
    /// Source and destination of whoever opened it.
    pub addresses: [IpAddr; 2],
    /// IP protocol.
    pub protocol: u8,
    /// Source and destination port.
    pub ports: Option<[u16; 2]>,
    /// Milliseconds since 1970.
    pub at_ms: f64,
}

/// Events waiting for the embedder. `Request` is the only kind that a stranger can produce without
/// bound, so it is the only kind that a full queue refuses.
pub struct EventQueue {
    waiting: Mutex<VecDeque<Event>>,
    wake: Box<dyn Fn() + Send + Sync>,
}

/// Requests beyond this many undrained events are answered with 503.
const REQUEST_LIMIT: usize = 4096;

impl EventQueue {
    /// `wake` is called when the queue stops being empty.
    pub fn new(wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self { waiting: Mutex::default(), wake: Box::new(wake) }
    }

    /// Every operation under the lock is one call on the deque: a panic cannot leave it half done.
    fn lock(&self) -> MutexGuard<'_, VecDeque<Event>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a request should be refused instead of queued.
    pub fn is_full(&self) -> bool {
        self.lock().len() >= REQUEST_LIMIT
    }

    /// Appends one event.
    pub fn push(&self, event: Event) {
        let was_empty = {
            let mut waiting = self.lock();
            waiting.push_back(event);
            waiting.len() == 1
        };
        if was_empty {
            (self.wake)();
        }
    }

    /// Takes up to `limit` events; wakes again if some stay.
    pub fn drain(&self, limit: usize) -> Vec<Event> {
        let (taken, more) = {
            let mut waiting = self.lock();
            let n = waiting.len().min(limit);
            let taken = waiting.drain(..n).collect();
            (taken, !waiting.is_empty())
        };
        if more {
            (self.wake)();
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    fn event(connection: u64) -> Event {
        Event::PathChanged { connection, remote: String::new() }
    }

    #[test]
    fn wakes_once_for_a_batch_and_again_for_what_stays() {
        let wakes = Arc::new(AtomicUsize::new(0));
        let counted = wakes.clone();
        let queue = EventQueue::new(move || {
            counted.fetch_add(1, Relaxed);
        });
        for connection in 0..3 {
            queue.push(event(connection));
        }
        assert_eq!(wakes.load(Relaxed), 1);
        assert_eq!(queue.drain(2).len(), 2);
        assert_eq!(wakes.load(Relaxed), 2);
        assert_eq!((queue.drain(2).len(), wakes.load(Relaxed)), (1, 2));
    }

    #[test]
    fn only_requests_are_refused_by_a_full_queue() {
        let queue = EventQueue::new(|| {});
        for connection in 0..REQUEST_LIMIT as u64 {
            assert!(!queue.is_full());
            queue.push(event(connection));
        }
        assert!(queue.is_full());
        queue.push(event(0));
        assert_eq!(queue.drain(usize::MAX).len(), REQUEST_LIMIT + 1);
    }
}
