//! One QUIC connection and what belongs to it.

use crate::black_hole::{BlackHole, Lost};
use crate::congestion::{CERTAIN_SIZE, Fate, mode_of};
use crate::counters::{ConnectionCounters, Handshake};
use crate::event::ConnectionCause;
use crate::http3::Http3;
use crate::options::PeerLimits;
use crate::silence::{Answer, Heard, Silence};
use masque_capsule::varint;
use quinn_proto as quic;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How often path figures are copied into the connection's row.
const REFRESH: Duration = Duration::from_millis(100);
/// How often the mode of congestion control is, which takes a copy of the controller.
const MODE_REFRESH: Duration = Duration::from_secs(1);

/// See the module.
pub struct Connection {
    /// Id known to the embedder.
    pub id: u64,
    /// Endpoint's handle, also the key in the worker.
    pub handle: quic::ConnectionHandle,
    /// QUIC.
    pub quic: quic::Connection,
    /// HTTP/3; also counts streams.
    pub http3: Http3,
    /// Its row.
    pub counters: Arc<ConnectionCounters>,
    /// Bounds for this peer.
    pub limits: PeerLimits,
    /// PING interval asked for by the embedder.
    pub keep_alive_interval: Option<Duration>,
    /// Which side opened it.
    pub is_server: bool,
    /// When the handshake began.
    pub began: Instant,
    /// The handshake completed.
    pub established: bool,
    /// The embedder has heard of it: we opened it, or it made a request. Strangers are only counted.
    pub known: bool,
    /// Its end was noticed and told.
    pub over: bool,
    /// Peer address as last reported.
    pub remote: SocketAddr,
    /// Request streams with sessions, and the sessions' keys.
    pub sessions: Vec<(u64, usize)>,
    /// Where the next round of sending starts.
    pub next_session: usize,
    /// Since when no session is open.
    pub unused_since: Option<Instant>,
    /// How long it may stay that way.
    pub unauthenticated: Option<Duration>,
    /// How often we have to be heard, if more often than QUIC sees to it.
    pub ping_interval: Option<Duration>,
    pinged: Option<Instant>,
    /// In the worker's list of connections to drive.
    pub dirty: bool,
    /// Its timer.
    pub deadline: Option<Instant>,
    /// Largest datagram as last seen.
    pub largest_datagram: usize,
    black_hole: BlackHole,
    silence: Silence,
    refreshed: Option<Instant>,
    mode_refreshed: Option<Instant>,
}

impl Connection {
    /// A connection whose handshake begins.
    pub fn new(
        id: u64,
        handle: quic::ConnectionHandle,
        quic: quic::Connection,
        limits: PeerLimits,
        counters: Arc<ConnectionCounters>,
        now: Instant,
    ) -> Self {
        let is_server = quic.side().is_server();
        let role = if is_server { h3wire::Role::Server } else { h3wire::Role::Client };
        counters.open.set(1);
        Self {
            id,
            handle,
            http3: Http3::new(role, counters.clone(), now),
            remote: quic.remote_address(),
            quic,
            counters,
            limits,
            is_server,
            keep_alive_interval: None,
            began: now,
            established: false,
            known: !is_server,
            over: false,
            sessions: Vec::new(),
            next_session: 0,
            unused_since: Some(now),
            unauthenticated: None,
            ping_interval: None,
            pinged: None,
            dirty: false,
            deadline: None,
            largest_datagram: 0,
            black_hole: BlackHole::default(),
            silence: Silence::default(),
            refreshed: None,
            mode_refreshed: None,
        }
    }

    /// Key of the session on `stream`.
    #[inline]
    pub fn session_on(&self, stream: u64) -> Option<usize> {
        self.sessions.iter().find(|(s, _)| *s == stream).map(|(_, key)| *key)
    }

    /// Finds out whether the peer's idle timeout asks for more PINGs than configured (CIP-117).
    pub fn heed_idle_timeout(&mut self) {
        let parameters = self.quic.crypto_session().transport_parameters();
        let idle = parameters.ok().flatten().and_then(|p| idle_timeout(&p));
        self.ping_interval = idle
            .map(|idle| idle / 3)
            .filter(|needed| self.keep_alive_interval.is_some_and(|own| *needed < own));
    }

    /// Sends a PING when it is time; returns when to look again.
    pub fn keep_alive(&mut self, now: Instant) -> Option<Instant> {
        [self.keep_from_idling(now), self.end_silence(now)].into_iter().flatten().min()
    }

    /// Asks a server that has fallen silent for a packet: it may not know where we are.
    fn end_silence(&mut self, now: Instant) -> Option<Instant> {
        if self.is_server {
            return None;
        }
        let stats = self.quic.stats();
        let heard = Heard { packets: stats.udp_rx.datagrams, datagrams: stats.frame_rx.datagram };
        match self.silence.look(now, heard, stats.path.rtt) {
            Answer::Rest => None,
            Answer::Wait(until) => Some(until),
            Answer::Ask { again } => {
                self.quic.ping();
                again
            }
        }
    }

    fn keep_from_idling(&mut self, now: Instant) -> Option<Instant> {
        let interval = self.ping_interval?;
        let due = *self.pinged.get_or_insert(now) + interval;
        if now < due {
            return Some(due);
        }
        self.quic.ping();
        self.pinged = Some(now);
        Some(now + interval)
    }

    /// Has QUIC search a path anew that has become narrower without a word.
    pub fn leave_black_hole(&mut self, now: Instant) {
        let stats = self.quic.stats().path;
        let lost = Lost { packets: stats.lost_packets, bytes: stats.lost_bytes };
        let controller = self.quic.congestion_state();
        if self.black_hole.is_found(now, stats.rtt, lost, || Fate::of(controller))
            && u64::from(stats.current_mtu) > CERTAIN_SIZE
        {
            self.quic.path_changed(now);
        }
    }

    /// DER of the peer's leaf certificate.
    pub fn leaf(&self) -> Option<Vec<u8>> {
        let identity = self.quic.crypto_session().peer_identity()?;
        let chain = identity.downcast::<Vec<rustls::pki_types::CertificateDer<'static>>>().ok()?;
        chain.first().map(|leaf| leaf.to_vec())
    }

    /// Bytes of datagrams that QUIC should hold at most: a millisecond's worth or a few packets, because what
    /// waits inside QUIC can no longer be put in a fair order or dropped.
    pub fn datagram_budget(&self) -> usize {
        const LEAST: f64 = (8 << 10) as f64;
        const MOST: f64 = (1 << 20) as f64;
        let window = self.quic.congestion_state().window() as f64;
        let rtt = self.quic.rtt().as_secs_f64().max(1e-4);
        (window / rtt * 0.001).clamp(LEAST, MOST) as usize
    }

    /// Copies path figures into the row, now and then or at once. Returns when it is due again, if
    /// it was too early: the last figures before a silence count too.
    pub fn refresh(&mut self, now: Instant, at_once: bool) -> Option<Instant> {
        let due = self.refreshed.map(|at| at + REFRESH);
        if due.is_some_and(|due| now < due) && !at_once {
            return due;
        }
        self.refreshed = Some(now);
        let stats = self.quic.stats();
        let c = &self.counters;
        c.rtt_microseconds.set(u64::try_from(stats.path.rtt.as_micros()).unwrap_or(u64::MAX));
        c.congestion_window.set(stats.path.cwnd);
        c.path_mtu.set(stats.path.current_mtu.into());
        c.packets_sent.set(stats.path.sent_packets);
        c.packets_lost.set(stats.path.lost_packets);
        c.udp_bytes_sent.set(stats.udp_tx.bytes);
        c.udp_bytes_received.set(stats.udp_rx.bytes);
        let controller = self.quic.congestion_state();
        c.congestion_rate.set(controller.metrics().pacing_rate.map_or(0, |bits| bits / 8));
        let due = self.mode_refreshed.map(|at| at + MODE_REFRESH);
        if due.is_some_and(|due| now < due) && !at_once {
            return due;
        }
        self.mode_refreshed = Some(now);
        c.congestion_mode.set(mode_of(controller).map_or(0, |mode| mode as u64 + 1));
        None
    }
}

/// The transport parameter max_idle_timeout (RFC 9000 §18.2); `None` if absent or 0.
fn idle_timeout(parameters: &quic::transport_parameters::TransportParameters) -> Option<Duration> {
    const MAX_IDLE_TIMEOUT: u64 = 0x01;
    let mut encoded = Vec::new();
    parameters.write(&mut encoded);
    let mut rest = encoded.as_slice();
    loop {
        let (id, length) = (take_varint(&mut rest)?, take_varint(&mut rest)?);
        let (value, after) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        rest = after;
        if id == MAX_IDLE_TIMEOUT {
            let (milliseconds, _) = varint::decode(value)?;
            return (milliseconds > 0).then(|| Duration::from_millis(milliseconds));
        }
    }
}

fn take_varint(bytes: &mut &[u8]) -> Option<u64> {
    let (value, length) = varint::decode(bytes)?;
    *bytes = &bytes[length..];
    Some(value)
}

/// CRYPTO_ERROR: TLS alerts start here (RFC 9001 §4.8).
const CRYPTO_ERROR: u64 = 0x100;
/// TLS alerts about certificates: bad, unsupported, revoked, expired, unknown, unknown CA,
/// access denied, certificate required (RFC 8446 §6.2).
const CERTIFICATE_ALERTS: [u64; 8] = [42, 43, 44, 45, 46, 48, 49, 116];

/// Whether one side refused the other's certificate.
fn is_certificate_alert(code: u64) -> bool {
    code.checked_sub(CRYPTO_ERROR).is_some_and(|alert| CERTIFICATE_ALERTS.contains(&alert))
}

/// Cause, code and words for a lost connection.
pub fn explain(error: &quic::ConnectionError, established: bool) -> (ConnectionCause, Option<u64>, String) {
    use quic::ConnectionError as E;
    let reason = error.to_string();
    match error {
        E::TimedOut if !established => (ConnectionCause::Unreachable, None, reason),
        E::TimedOut => (ConnectionCause::IdleTimeout, None, reason),
        E::Reset => (ConnectionCause::PeerReset, None, reason),
        E::LocallyClosed => (ConnectionCause::LocalClosed, None, reason),
        E::ApplicationClosed(close) => (ConnectionCause::PeerClosed, Some(close.error_code.into()), reason),
        E::ConnectionClosed(close) => {
            let code = u64::from(close.error_code);
            let is_alert = (CRYPTO_ERROR..CRYPTO_ERROR + 256).contains(&code);
            let cause = if is_alert { ConnectionCause::TlsRefused } else { ConnectionCause::PeerClosed };
            (cause, Some(code), reason)
        }
        E::TransportError(error) => {
            let code = u64::from(error.code);
            let untrusted = is_certificate_alert(code);
            let cause =
                if untrusted { ConnectionCause::PeerUntrusted } else { ConnectionCause::ProtocolError };
            (cause, Some(code), reason)
        }
        E::VersionMismatch | E::CidsExhausted => (ConnectionCause::ProtocolError, None, reason),
    }
}

/// What a failed handshake counts as on the listener.
pub fn handshake_failure(error: &quic::ConnectionError) -> Handshake {
    use quic::ConnectionError as E;
    // Anybody can say that our certificate is bad; to have one refused takes presenting it.
    let (code, about_certificates) = match error {
        E::TimedOut => return Handshake::TimedOut,
        E::VersionMismatch => return Handshake::Incompatible,
        E::ConnectionClosed(close) => (u64::from(close.error_code), Handshake::ServerDistrusted),
        E::TransportError(error) => (u64::from(error.code), Handshake::CertificateRefused),
        _ => return Handshake::OtherFailure,
    };
    // Handshake failure, protocol version, missing extension, no application protocol.
    let incompatible = [40, 70, 109, 120].map(|alert| CRYPTO_ERROR + alert);
    if is_certificate_alert(code) {
        about_certificates
    } else if incompatible.contains(&code) {
        Handshake::Incompatible
    } else {
        Handshake::OtherFailure
    }
}
