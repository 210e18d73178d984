//! The life of a session: request, acceptance, forwarding, end.

use super::Worker;
use super::inbound::{EXCESSIVE_LOAD, NO_ERROR};
use crate::connection::Connection;
use crate::counters::{CapsuleError, DropReason};
use crate::event::{Event, Fields, SessionCause};
use crate::forwarding::Forwarding;
use crate::options::End;
use crate::session::{Phase, Session, count_drop_sending, show_queue};
use crate::udp::unmapped;
use bytes::Bytes;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Capsules that may wait on a stream whose peer does not read.
const CAPSULE_BACKLOG: usize = 1 << 20;

impl Worker {
    /// A peer's request: a session that waits for the embedder's answer.
    pub(super) fn receive_request(
        &mut self,
        connection: &mut Connection,
        stream: u64,
        fields: Fields,
        now: Instant,
    ) {
        if self.shared.events.is_full() {
            self.shared.registry.totals.requests_overflowed.add(1);
            connection.http3.respond(stream, 503, &Vec::new(), true);
            return;
        }
        let id = self.shared.new_id();
        let is_tunnel_request = fields.iter().any(|(name, _)| name == b":protocol");
        self.add_session(connection, id, stream, is_tunnel_request, now);
        connection.known = true;
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        self.shared.events.push(Event::Request {
            connection: connection.id,
            session: id,
            fields,
            leaf: connection.leaf(),
            remote: unmapped(connection.remote).to_string(),
            received_at_ms: since_epoch.unwrap_or_default().as_secs_f64() * 1000.0,
        });
    }

    /// Sends our request.
    pub(super) fn send_request(
        &mut self,
        connection: &mut Connection,
        id: u64,
        fields: &Fields,
        now: Instant,
    ) {
        let stream = connection.http3.request(&mut connection.quic, fields, now);
        match stream {
            Some(stream) => {
                self.add_session(connection, id, stream, true, now);
            }
            None => self.shared.events.push(Event::SessionClosed {
                connection: connection.id,
                session: id,
                cause: SessionCause::LocalAborted,
                code: None,
            }),
        }
    }

    fn add_session(
        &mut self,
        connection: &mut Connection,
        id: u64,
        stream: u64,
        is_tunnel_request: bool,
        now: Instant,
    ) {
        let counters = self.shared.registry.rows.add_session(id);
        counters.connection.set(connection.id);
        counters.open.set(1);
        let mut session = Session::new(id, connection.handle.0, stream, &connection.limits, counters, now);
        session.is_tunnel_request = is_tunnel_request;
        let key = self.sessions.insert(session);
        self.session_keys.insert(id, key);
        connection.sessions.push((stream, key));
    }

    /// The final answer to our request.
    pub(super) fn receive_response(
        &mut self,
        connection: &mut Connection,
        stream: u64,
        status: u16,
        fields: Fields,
        now: Instant,
    ) {
        let Some(key) = connection.session_on(stream) else {
            return;
        };
        let Some(session) = self.sessions.get(key) else {
            return;
        };
        self.shared.events.push(Event::Response {
            connection: connection.id,
            session: session.id,
            status,
            fields,
        });
        if (200..300).contains(&status) {
            self.open_session(connection, key, now);
        } else {
            connection.http3.abort(stream, NO_ERROR);
            self.end_session(connection, key, SessionCause::PeerFinished, None, now);
        }
    }

    /// Accepts a peer's request: forwarding first, then the answer, then the capsules.
    pub(super) fn accept_session(
        &mut self,
        connection: &mut Connection,
        key: usize,
        fields: &Fields,
        forwarding: Forwarding,
        capsules: Bytes,
        now: Instant,
    ) {
        let Some(stream) = self.sessions.get(key).map(|s| s.stream) else {
            return;
        };
        self.forward(key, forwarding, now);
        connection.http3.respond(stream, 200, fields, false);
        self.send_capsules(connection, key, capsules, now);
        self.open_session(connection, key, now);
        connection.http3.resume(&mut connection.quic, stream, now);
    }

    fn open_session(&mut self, connection: &mut Connection, key: usize, now: Instant) {
        if let Some(session) = self.sessions.get_mut(key)
            && session.phase == Phase::Requested
        {
            session.phase = Phase::Open;
            connection.unused_since = None;
            self.shared.registry.totals.sessions.add(1);
            self.update_mtu(connection, key, now);
        }
    }

    /// Queues encoded capsules; a peer that does not read them loses the session.
    pub(super) fn send_capsules(
        &mut self,
        connection: &mut Connection,
        key: usize,
        capsules: Bytes,
        now: Instant,
    ) {
        let Some(session) = self.sessions.get(key) else {
            return;
        };
        if connection.http3.send(session.stream, capsules) > CAPSULE_BACKLOG {
            self.abort_session(connection, key, EXCESSIVE_LOAD, SessionCause::PeerExcessive, now);
        }
    }

    /// Puts forwarding in force.
    pub(super) fn forward(&mut self, key: usize, forwarding: Forwarding, now: Instant) {
        self.unforward(key);
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        let before = session.access.take();
        session.access = self.access.attach(session.id, forwarding.access.clone(), before, now);
        if !forwarding.has_v6 {
            session.too_small_since = None;
        }
        let owned = (forwarding.end == End::Proxy).then(|| forwarding.assigned.prefixes().to_vec());
        session.forwarding = Some(forwarding);
        if session.phase == Phase::Open {
            session.note_mtu(now);
        }
        match owned {
            Some(prefixes) => self.own(key, &prefixes),
            None => self.requested_sessions.push(key),
        }
    }

    fn unforward(&mut self, key: usize) {
        self.requested_sessions.retain(|k| *k != key);
        self.recent = None;
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        let Some(forwarding) = session.forwarding.take() else {
            return;
        };
        self.disown(key, forwarding.assigned.prefixes());
    }

    /// FIN from the peer.
    pub(super) fn receive_end(&mut self, connection: &mut Connection, stream: u64, now: Instant) {
        let Some(key) = connection.session_on(stream) else {
            return;
        };
        let whole = self.sessions.get(key).is_some_and(|s| s.framer.finish().is_ok());
        if whole {
            connection.http3.finish(stream);
            self.end_session(connection, key, SessionCause::PeerFinished, None, now);
        } else {
            self.refuse_capsules(connection, key, CapsuleError::Malformed, now);
        }
    }

    /// Resets the stream with `code` and ends the session.
    pub(super) fn abort_session(
        &mut self,
        connection: &mut Connection,
        key: usize,
        code: u64,
        cause: SessionCause,
        now: Instant,
    ) {
        if let Some(session) = self.sessions.get(key) {
            connection.http3.abort(session.stream, code);
        }
        self.end_session(connection, key, cause, Some(code), now);
    }

    /// Forgets the session and tells the embedder; its row stays.
    pub(super) fn end_session(
        &mut self,
        connection: &mut Connection,
        key: usize,
        cause: SessionCause,
        code: Option<u64>,
        now: Instant,
    ) {
        self.unforward(key);
        connection.sessions.retain(|(_, k)| *k != key);
        let Some(mut session) = self.sessions.try_remove(key) else {
            return;
        };
        self.session_keys.remove(&session.id);
        self.access.detach(session.access.take());
        let totals = &self.shared.registry.totals;
        let waiting = session.queue.len();
        let counters = &session.counters;
        count_drop_sending(&totals.outbound, counters, DropReason::SessionEnded, waiting as u64);
        session.queue = Default::default();
        show_queue(&session.queue, counters, &totals.outbound.queued, waiting);
        counters.open.set(0);
        self.shared.claims.release(session.id);
        if session.phase == Phase::Open {
            totals.sessions.sub(1);
        }
        let any_open = connection
            .sessions
            .iter()
            .any(|(_, k)| self.sessions.get(*k).is_some_and(|s| s.phase == Phase::Open));
        if !any_open && connection.unused_since.is_none() {
            connection.unused_since = Some(now);
        }
        self.shared.events.push(Event::SessionClosed {
            connection: connection.id,
            session: session.id,
            cause,
            code,
        });
    }
}
