//! What the embedder asks of a worker, in order.

use crate::event::Fields;
use crate::forwarding::Forwarding;
use crate::meter::Pool;
use crate::options::PeerLimits;
use crate::poll::Waker;
use crate::tun::Tun;
use crate::udp::Udp;
use bytes::Bytes;
use masque_packet::RuleSet;
use quinn_proto as quic;
use std::net::SocketAddr;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How the listener treats strangers.
#[derive(Clone, Debug)]
pub struct Admission {
    /// Bounds for each peer.
    pub limits: PeerLimits,
    /// Connections at once.
    pub max_connections: usize,
    /// Half-open handshakes above which Retry is demanded.
    pub retry_above_handshakes: usize,
    /// Life of a connection without an open session.
    pub unauthenticated: Duration,
}

/// See the module. Commands for what is over already are ignored.
pub enum Command {
    /// Use this socket.
    Udp {
        /// Bound.
        udp: Udp,
        /// For stateless resets.
        reset_key: Arc<dyn quic::crypto::HmacKey>,
    },
    /// Use this TUN.
    Tun {
        /// Open device.
        tun: Tun,
        /// Stop reading instead of dropping.
        backpressure: bool,
        /// A worker has told of its loss.
        lost: Arc<AtomicBool>,
    },
    /// Close the TUN.
    CloseTun,
    /// Let peers in.
    Listen {
        /// For new handshakes.
        config: Arc<quic::ServerConfig>,
        /// For all.
        admission: Admission,
    },
    /// For handshakes from now on.
    Reconfigure(Arc<quic::ServerConfig>),
    /// Nobody new.
    StopListening,
    /// Open a connection.
    Connect {
        /// Its id.
        connection: u64,
        /// TLS and transport.
        config: quic::ClientConfig,
        /// Where to.
        remote: SocketAddr,
        /// Whom to expect.
        peer_name: String,
        /// Bounds for the peer.
        limits: PeerLimits,
        /// PING interval.
        keep_alive: Option<Duration>,
        /// SO_MARK.
        mark: Option<u32>,
    },
    /// Send a request.
    Request {
        /// On which connection.
        connection: u64,
        /// The session it will be.
        session: u64,
        /// All fields.
        fields: Fields,
    },
    /// Accept a request.
    Accept {
        /// Which.
        session: u64,
        /// Fields after `:status`.
        fields: Fields,
        /// Attached before the answer leaves.
        forwarding: Forwarding,
        /// Sent after the answer.
        capsules: Bytes,
    },
    /// Refuse a request.
    Refuse {
        /// Which.
        session: u64,
        /// `:status`.
        status: u16,
        /// Fields after `:status`.
        fields: Fields,
        /// Reset with this code instead of answering.
        code: Option<u64>,
    },
    /// Replace forwarding.
    Update {
        /// Whose.
        session: u64,
        /// The new one.
        forwarding: Forwarding,
    },
    /// Define or replace a rule set.
    SetRules {
        /// Which.
        id: u32,
        /// Compiled.
        rules: Arc<RuleSet>,
    },
    /// Forget a rule set.
    DropRules(u32),
    /// Define or change a meter.
    SetMeter {
        /// Which.
        id: u32,
        /// Inner bytes a second.
        rate: u64,
        /// Inner bytes at once.
        burst: u64,
        /// Where workers draw from, if there are several.
        pool: Option<Arc<Pool>>,
    },
    /// Forget a meter.
    DropMeter(u32),
    /// Send capsules.
    Capsules {
        /// On which session.
        session: u64,
        /// Encoded.
        capsules: Bytes,
    },
    /// End in order.
    Finish(u64),
    /// End at once.
    Abort {
        /// Which.
        session: u64,
        /// HTTP/3 error code.
        code: u64,
    },
    /// Close a connection.
    CloseConnection {
        /// Which.
        connection: u64,
        /// HTTP/3 error code.
        code: u64,
        /// For people.
        reason: String,
    },
    /// Close everything and end the thread.
    Close,
    /// Panics, to see what is left standing.
    #[cfg(test)]
    Panic,
    /// Runs on the worker's thread.
    #[cfg(test)]
    Run(Box<dyn FnOnce() + Send>),
}

/// Commands on their way to the worker.
pub struct CommandQueue {
    waiting: Mutex<Vec<Command>>,
    /// Watched by the worker.
    pub waker: Waker,
}

impl CommandQueue {
    /// An empty queue.
    pub fn new(waker: Waker) -> Self {
        Self { waiting: Mutex::default(), waker }
    }

    /// Appends one and wakes the worker.
    pub fn push(&self, command: Command) {
        let first = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            waiting.push(command);
            waiting.len() == 1
        };
        if first {
            self.waker.wake();
        }
    }

    /// Takes all.
    pub fn take(&self) -> Vec<Command> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
