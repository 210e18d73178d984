//! The life of a connection: handshake, events, packets out, end.

use super::shared::count;
use super::{Blocked, SEGMENTS_PER_SEND, SENDS_PER_TURN, Worker};
use crate::connection::{Connection, handshake_failure};
use crate::counters::Handshake;
use crate::event::{ConnectionCause, Event, SessionCause};
use crate::udp::{Sent, unmapped};
use crate::worker::inbound::NO_ERROR;
use bytes::BytesMut;
use quinn_proto::{self as quic, DatagramEvent, EcnCodepoint};
use std::net::{IpAddr, SocketAddr};
use std::time::Instant;

impl Worker {
    /// One UDP datagram.
    pub(super) fn handle_udp(
        &mut self,
        now: Instant,
        remote: SocketAddr,
        local: Option<IpAddr>,
        ecn: Option<EcnCodepoint>,
        datagram: BytesMut,
    ) {
        let Some(net) = &mut self.net else { return };
        let response = &mut self.response_buffer;
        response.clear();
        match net.endpoint.handle(now, remote, local, ecn, datagram, response) {
            Some(DatagramEvent::ConnectionEvent(handle, event)) => {
                if let Some(Some(connection)) = self.connections.get_mut(handle.0) {
                    connection.quic.handle_event(event);
                    self.mark_dirty(handle.0);
                }
            }
            Some(DatagramEvent::NewConnection(incoming)) => self.admit(incoming, now),
            Some(DatagramEvent::Response(transmit)) => {
                // Stateless answers are best effort.
                net.udp.send(&transmit, &response[..transmit.size]);
            }
            None => {}
        }
    }

    /// Lets a stranger begin a handshake, or not.
    fn admit(&mut self, incoming: quic::Incoming, now: Instant) {
        let Some(net) = &mut self.net else { return };
        let totals = &self.shared.registry.totals;
        let response = &mut self.response_buffer;
        response.clear();
        let admission = self
            .listening
            .as_ref()
            .filter(|l| l.accepting && count(&self.crew, |totals| &totals.held) < l.admission.max_connections)
            .map(|l| &l.admission);
        let Some(admission) = admission else {
            totals.handshakes.add(Handshake::Refused, 1);
            let transmit = net.endpoint.refuse(incoming, response);
            net.udp.send(&transmit, &response[..transmit.size]);
            return;
        };
        let crowded = count(&self.crew, |totals| &totals.half_open) >= admission.retry_above_handshakes;
        if crowded && !incoming.remote_address_validated() {
            totals.handshakes.add(Handshake::Retried, 1);
            if let Ok(transmit) = net.endpoint.retry(incoming, response) {
                net.udp.send(&transmit, &response[..transmit.size]);
            }
            return;
        }
        match net.endpoint.accept(incoming, now, response, None) {
            Ok((handle, quic)) => {
                let id = self.shared.new_id();
                let counters = self.shared.registry.rows.add_connection(id);
                let limits = admission.limits.clone();
                self.connection_keys.insert(id, handle.0);
                totals.held.add(1);
                let mut connection = Connection::new(id, handle, quic, limits, counters, now);
                connection.unauthenticated = Some(admission.unauthenticated);
                self.add_connection(connection);
            }
            Err(error) => {
                totals.handshakes.add(handshake_failure(&error.cause), 1);
                if let Some(transmit) = error.response {
                    net.udp.send(&transmit, &response[..transmit.size]);
                }
            }
        }
    }

    pub(super) fn add_connection(&mut self, connection: Connection) {
        let key = connection.handle.0;
        if self.connections.len() <= key {
            self.connections.resize_with(key + 1, || None);
        }
        let totals = &self.shared.registry.totals;
        totals.half_open.add(1);
        totals.connections.add(1);
        self.connections[key] = Some(Box::new(connection));
        self.mark_dirty(key);
    }

    /// Everything there is to do for one connection.
    pub(super) fn drive(&mut self, key: usize) {
        let Some(mut connection) = self.connections.get_mut(key).and_then(Option::take) else {
            return;
        };
        connection.dirty = false;
        let now = Instant::now();
        self.heed_claims();
        self.receive_events(&mut connection, now);
        // Streams before datagrams: those behind an answer in the same batch belong to an open tunnel.
        self.receive_http3(&mut connection, now);
        self.receive_datagrams(&mut connection, now);
        self.check_path(&mut connection, now);
        let own_deadline = self.check_deadlines(&mut connection, now);
        self.fill(&mut connection, now);
        if connection.established {
            connection.http3.pump(&mut connection.quic, now);
        }
        // Writing may have broken HTTP/3's rules or ended streams.
        self.receive_http3(&mut connection, now);
        let mut drained = self.exchange_endpoint_events(&mut connection);
        self.transmit(&mut connection, now);
        drained |= self.exchange_endpoint_events(&mut connection);
        let refresh_due = connection.refresh(now, false);
        if drained {
            self.timers.replace(key, connection.deadline, None);
            self.connection_keys.remove(&connection.id);
            self.shared.registry.totals.held.sub(1);
            return;
        }
        let deadline =
            [connection.quic.poll_timeout(), own_deadline, refresh_due].into_iter().flatten().min();
        self.timers.replace(key, connection.deadline, deadline);
        connection.deadline = deadline;
        let again = connection.dirty;
        self.connections[key] = Some(connection);
        if again {
            self.dirty.push(key);
        }
    }

    /// Notices a new peer address and a new path MTU.
    fn check_path(&mut self, connection: &mut Connection, now: Instant) {
        let remote = connection.quic.remote_address();
        if remote != connection.remote {
            connection.remote = remote;
            self.shared.registry.totals.migrations.add(1);
            self.shared
                .events
                .push(Event::PathChanged { connection: connection.id, remote: unmapped(remote).to_string() });
        }
        connection.leave_black_hole(now);
        let largest = connection.quic.datagrams().max_size().unwrap_or(0);
        if largest != connection.largest_datagram {
            connection.largest_datagram = largest;
            for (_, key) in connection.sessions.clone() {
                self.update_mtu(connection, key, now);
            }
        }
    }

    /// Our own deadlines; returns the next one.
    fn check_deadlines(&mut self, connection: &mut Connection, now: Instant) -> Option<Instant> {
        if connection.over {
            return None;
        }
        let next = [self.check_mtu(connection, now), connection.keep_alive(now)];
        let next = next.into_iter().flatten().min();
        let (Some(since), Some(limit)) = (connection.unused_since, connection.unauthenticated) else {
            return next;
        };
        let at = since + limit;
        if at <= now {
            let cause = ConnectionCause::UnauthenticatedTimeout;
            let words = "no session in time".to_owned();
            self.close_connection(connection, cause, NO_ERROR, words, now);
            return None;
        }
        Some(next.map_or(at, |next| next.min(at)))
    }

    /// The peer broke HTTP/3: closes with an HTTP/3 code.
    pub(super) fn break_connection(
        &mut self,
        connection: &mut Connection,
        code: u64,
        reason: &'static str,
        now: Instant,
    ) {
        if !connection.over {
            let cause = ConnectionCause::ProtocolError;
            self.close_connection(connection, cause, code, reason.to_owned(), now);
        }
    }

    /// Ends the sessions, settles the row and tells the embedder, once.
    pub(super) fn end_connection(
        &mut self,
        connection: &mut Connection,
        cause: ConnectionCause,
        code: Option<u64>,
        reason: String,
        now: Instant,
    ) {
        if std::mem::replace(&mut connection.over, true) {
            return;
        }
        if !connection.established {
            self.shared.registry.totals.half_open.sub(1);
        }
        for (_, key) in connection.sessions.clone() {
            self.end_session(connection, key, SessionCause::ConnectionClosed, None, now);
        }
        connection.http3.transport_closed(now);
        connection.refresh(now, true);
        connection.counters.open.set(0);
        self.shared.registry.totals.connections.sub(1);
        if connection.known {
            self.shared.events.push(Event::ConnectionClosed {
                connection: connection.id,
                cause,
                code,
                reason,
            });
        } else {
            self.shared.registry.rows.release_connection(connection.id);
        }
    }

    /// Passes events between connection and endpoint; true once QUIC has forgotten the connection.
    fn exchange_endpoint_events(&mut self, connection: &mut Connection) -> bool {
        let Some(net) = &mut self.net else {
            return true;
        };
        let mut drained = false;
        while let Some(event) = connection.quic.poll_endpoint_events() {
            drained |= event.is_drained();
            if let Some(event) = net.endpoint.handle_event(connection.handle, event) {
                connection.quic.handle_event(event);
            }
        }
        drained
    }

    /// Sends resets and ends of streams now: QUIC forgets them once it is told to close.
    pub(super) fn send_last_words(&mut self, connection: &mut Connection, now: Instant) {
        if connection.established && !connection.over {
            connection.http3.pump(&mut connection.quic, now);
            self.transmit(connection, now);
        }
    }

    /// Sends what QUIC has, up to the turn's budget; leaves the connection dirty if there is more.
    fn transmit(&mut self, connection: &mut Connection, now: Instant) {
        for _ in 0..SENDS_PER_TURN {
            if self.blocked.is_some() {
                break;
            }
            // QUIC holds little, and takes it for all there is when that runs out.
            self.fill(connection, now);
            let Some(net) = &mut self.net else { return };
            let segments = net.udp.max_segments().min(SEGMENTS_PER_SEND);
            let buffer = &mut self.transmit_buffer;
            buffer.clear();
            let Some(transmit) = connection.quic.poll_transmit(now, segments, buffer) else {
                return;
            };
            let totals = &self.shared.registry.totals;
            totals.udp_send_calls.add(1);
            let datagrams = transmit.segment_size.map_or(1, |segment| transmit.size.div_ceil(segment));
            totals.udp_datagrams_sent.add(datagrams as u64);
            match net.udp.send(&transmit, &buffer[..transmit.size]) {
                Sent::Done => {}
                Sent::Blocked => {
                    let contents = std::mem::replace(buffer, Vec::with_capacity(65536));
                    self.blocked = Some(Blocked { transmit, contents });
                }
                Sent::Failed => {
                    totals.udp_errors.add(1);
                    self.shared.show_offloads(&net.udp);
                }
            }
        }
        connection.dirty = true;
    }
}
