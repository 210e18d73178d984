//! The largest inner packet of a session, and what becomes of packets and paths that do not fit.

use super::Worker;
use crate::connection::Connection;
use crate::counters::DropReason;
use crate::event::{Event, SessionCause};
use crate::forwarding::Refusal;
use crate::http3::Carriage;
use crate::session::{Phase, Session};
use masque_packet::ErrorKind;
use std::time::{Duration, Instant};

/// H3_GENERAL_PROTOCOL_ERROR: there is no code for a path that is too small.
const MTU_ABORT: u64 = 0x0101;
/// How long IPv6 may go without its 1280 bytes: path MTU discovery needs a few round trips (CIP-1205).
const MTU_PATIENCE: Duration = Duration::from_secs(10);
/// A capsule carries any IP packet.
const LARGEST_PACKET: usize = 65535;
/// RFC 8200 §5.
const IPV6_MINIMUM: usize = 1280;

impl Worker {
    /// Works out the largest inner packet and reports a change.
    pub(super) fn update_mtu(&mut self, connection: &mut Connection, key: usize, now: Instant) {
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        let largest = connection.quic.datagrams().max_size();
        let (over_capsules, tunnel_mtu) = match connection.http3.carriage(session.stream) {
            None => (false, 0),
            Some(Carriage::Datagrams) => (false, largest.unwrap_or(0).saturating_sub(session.prefix.len())),
            Some(Carriage::Capsules) => (true, LARGEST_PACKET),
        };
        session.over_capsules = over_capsules;
        if session.phase != Phase::Open || tunnel_mtu == session.tunnel_mtu {
            return;
        }
        session.tunnel_mtu = tunnel_mtu;
        session.counters.tunnel_mtu.set(tunnel_mtu as u64);
        session.note_mtu(now);
        self.shared.events.push(Event::MtuChanged {
            connection: connection.id,
            session: session.id,
            tunnel_mtu,
        });
    }

    /// Ends sessions whose path has been too small for IPv6 for too long; returns when to look again.
    pub(super) fn check_mtu(&mut self, connection: &mut Connection, now: Instant) -> Option<Instant> {
        loop {
            let keys = connection.sessions.iter().map(|(_, key)| *key);
            let waiting = keys.filter_map(|key| Some((self.sessions.get(key)?.too_small_since?, key)));
            let (since, key) = waiting.min()?;
            let at = since + MTU_PATIENCE;
            if now < at {
                return Some(at);
            }
            self.abort_session(connection, key, MTU_ABORT, SessionCause::MtuTooSmall, now);
        }
    }
}

impl Session {
    /// The largest packet that senders are told of. A tunnel with IPv6 promises its 1280 bytes also while the
    /// path is searched: it carries them again in a moment, or ends.
    pub(super) fn promised_mtu(&self) -> usize {
        let has_v6 = self.forwarding.as_ref().is_some_and(|f| f.has_v6);
        if has_v6 { self.tunnel_mtu.max(IPV6_MINIMUM) } else { self.tunnel_mtu }
    }

    /// What becomes of a packet of `size` bytes that is larger than the tunnel carries and stays whole.
    pub(super) fn refuse_size(&self, size: usize) -> Refusal {
        let mtu = self.promised_mtu();
        if self.tunnel_mtu == 0 || size <= mtu {
            return Refusal::silent(DropReason::TooBig);
        }
        Refusal::answered(DropReason::TooBig, ErrorKind::TooBig { mtu: mtu as u32 })
    }

    /// Starts or stops the clock of a path that is too small for IPv6.
    pub(super) fn note_mtu(&mut self, now: Instant) {
        if self.promised_mtu() > self.tunnel_mtu {
            self.too_small_since.get_or_insert(now);
        } else {
            self.too_small_since = None;
        }
    }
}
