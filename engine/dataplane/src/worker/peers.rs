//! What peers do: events of QUIC and HTTP/3, and what follows for connections and sessions.

use super::Worker;
use super::inbound::NO_ERROR;
use crate::connection::{Connection, explain, handshake_failure};
use crate::counters::Handshake;
use crate::event::{Event, SessionCause};
use crate::http3;
use crate::session::Phase;
use crate::udp::unmapped;
use quinn_proto::{self as quic, StreamEvent};
use std::net::SocketAddr;
use std::time::Instant;

impl Worker {
    pub(super) fn receive_events(&mut self, connection: &mut Connection, now: Instant) {
        while let Some(event) = connection.quic.poll() {
            match event {
                quic::Event::Connected => {
                    connection.established = true;
                    self.shared.registry.totals.half_open.sub(1);
                    if connection.is_server {
                        let totals = &self.shared.registry.totals;
                        totals.handshakes.add(Handshake::Completed, 1);
                        let took = now.saturating_duration_since(connection.began);
                        totals.handshake_duration.observe(took, 1);
                    }
                    connection.heed_idle_timeout();
                    connection.http3.writable();
                }
                quic::Event::ConnectionLost { reason } => {
                    if connection.is_server && !connection.established {
                        self.shared.registry.totals.handshakes.add(handshake_failure(&reason), 1);
                    }
                    let (cause, code, words) = explain(&reason, connection.established);
                    self.end_connection(connection, cause, code, words, now);
                }
                quic::Event::Stream(event) => {
                    let Connection { http3, quic, .. } = connection;
                    match event {
                        StreamEvent::Opened { dir } => http3.opened(quic, dir, now),
                        StreamEvent::Readable { id } => http3.readable(quic, id, now),
                        StreamEvent::Writable { .. } | StreamEvent::Available { .. } => {
                            http3.writable();
                        }
                        StreamEvent::Stopped { id, error_code } => http3.stopped(id, error_code),
                        StreamEvent::Finished { .. } => {}
                    }
                }
                // Datagrams are taken and given on every drive.
                quic::Event::HandshakeDataReady
                | quic::Event::DatagramReceived
                | quic::Event::DatagramsUnblocked => {}
            }
        }
    }

    pub(super) fn receive_http3(&mut self, connection: &mut Connection, now: Instant) {
        while let Some(event) = connection.http3.poll() {
            match event {
                http3::Event::Settings { extended_connect, datagrams } => {
                    self.receive_settings(connection, extended_connect, datagrams, now)
                }
                http3::Event::Request { stream, fields } => {
                    self.receive_request(connection, stream, fields, now);
                }
                http3::Event::Response { stream, status, fields } => {
                    self.receive_response(connection, stream, status, fields, now)
                }
                http3::Event::Data { stream, bytes } => {
                    self.receive_capsules(connection, stream, &bytes, now);
                }
                http3::Event::Finished { stream } => self.receive_end(connection, stream, now),
                http3::Event::Aborted { stream, code, by_peer } => {
                    self.receive_abort(connection, stream, code, by_peer, now)
                }
                http3::Event::Stopped { stream, code } => {
                    self.receive_stop(connection, stream, code, now);
                }
                http3::Event::Broken { code, reason } => {
                    self.break_connection(connection, code, reason, now);
                }
            }
        }
    }

    fn receive_settings(
        &mut self,
        connection: &mut Connection,
        extended_connect: bool,
        datagrams: bool,
        now: Instant,
    ) {
        if !connection.is_server {
            let net = self.net.as_ref();
            let local = net.and_then(|net| net.udp.local_address().ok());
            let local = match (connection.quic.local_ip(), local) {
                (Some(ip), Some(bound)) => SocketAddr::new(ip, bound.port()).to_string(),
                (_, bound) => bound.map(|b| b.to_string()).unwrap_or_default(),
            };
            self.shared.events.push(Event::Connected {
                connection: connection.id,
                local,
                remote: unmapped(connection.remote).to_string(),
                extended_connect,
                datagrams,
            });
        }
        // Requests may have been accepted before the peer's SETTINGS said that datagrams are fine.
        for (_, key) in connection.sessions.clone() {
            self.update_mtu(connection, key, now);
        }
    }

    /// STOP_SENDING. With H3_NO_ERROR it is how some peers begin an orderly end, and it may overtake
    /// the answer to a request, which is read on.
    fn receive_stop(&mut self, connection: &mut Connection, stream: u64, code: u64, now: Instant) {
        let key = connection.session_on(stream);
        let phase = key.and_then(|key| self.sessions.get(key)).map(|s| s.phase);
        let orderly = code == NO_ERROR;
        if orderly && phase == Some(Phase::Requested) && !connection.is_server {
            return;
        }
        connection.http3.abort(stream, NO_ERROR);
        if let Some(key) = key {
            let cause = if orderly { SessionCause::PeerFinished } else { SessionCause::PeerReset };
            self.end_session(connection, key, cause, Some(code), now);
        }
    }

    fn receive_abort(
        &mut self,
        connection: &mut Connection,
        stream: u64,
        code: u64,
        by_peer: bool,
        now: Instant,
    ) {
        match connection.session_on(stream) {
            Some(key) => {
                let cause = if by_peer { SessionCause::PeerReset } else { SessionCause::PeerMalformed };
                self.end_session(connection, key, cause, Some(code), now);
            }
            None if !by_peer && connection.is_server => {
                self.shared.registry.totals.requests_malformed.add(1);
            }
            None => {}
        }
    }
}
