//! Commands of the embedder.

use super::{Listening, Net, Worker};
use crate::command::Command;
use crate::connection::Connection;
use crate::event::{ConnectionCause, Event, SessionCause};
use crate::meter::Meter;
use crate::steering::WorkerIds;
use crate::udp::Udp;
use bytes::Bytes;
use quinn_proto::{self as quic, VarInt};
use std::sync::Arc;
use std::time::Instant;

impl Worker {
    pub(super) fn run_commands(&mut self) {
        self.taken.extend(self.shared.commands.take());
        while let Some(command) = self.taken.pop_front() {
            self.run_command(command);
        }
    }

    fn run_command(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::Udp { udp, reset_key } => self.use_udp(udp, reset_key),
            Command::Tun { tun, backpressure, lost } => self.use_tun(tun, backpressure, lost),
            Command::CloseTun => self.close_tun(),
            Command::Listen { config, admission } => {
                self.listening = Some(Listening { admission, accepting: true });
                self.reconfigure(config);
            }
            Command::Reconfigure(config) => self.reconfigure(config),
            Command::StopListening => {
                if let Some(listening) = &mut self.listening {
                    listening.accepting = false;
                }
                self.for_all_connections(|connection| connection.http3.go_away());
            }
            Command::Connect { connection, config, remote, peer_name, limits, keep_alive, mark } => {
                let outcome = self.start_connection(connection, config, remote, &peer_name, mark);
                match outcome {
                    Ok((handle, quic)) => {
                        let counters = self.shared.registry.rows.add_connection(connection);
                        let mut connection = Connection::new(connection, handle, quic, limits, counters, now);
                        connection.keep_alive_interval = keep_alive;
                        self.add_connection(connection);
                    }
                    Err(reason) => self.shared.events.push(Event::ConnectionClosed {
                        connection,
                        cause: ConnectionCause::Unreachable,
                        code: None,
                        reason,
                    }),
                }
            }
            Command::Request { connection, session, fields } => {
                let known = self.with_connection(connection, |worker, connection| {
                    worker.send_request(connection, session, &fields, now);
                });
                if !known {
                    self.shared.events.push(Event::SessionClosed {
                        connection,
                        session,
                        cause: SessionCause::ConnectionClosed,
                        code: None,
                    });
                }
            }
            Command::Accept { session, fields, forwarding, capsules } => {
                self.with_session(session, |worker, connection, key| {
                    worker.accept_session(connection, key, &fields, forwarding, capsules, now);
                })
            }
            Command::Refuse { session, status, fields, code } => {
                self.with_session(session, |worker, connection, key| {
                    let Some(code) = code else {
                        if let Some(session) = worker.sessions.get(key) {
                            connection.http3.respond(session.stream, status, &fields, true);
                        }
                        let cause = SessionCause::LocalFinished;
                        return worker.end_session(connection, key, cause, None, now);
                    };
                    let cause = SessionCause::LocalAborted;
                    worker.abort_session(connection, key, code, cause, now);
                })
            }
            Command::Update { session, forwarding } => self.with_session(session, |worker, _, key| {
                worker.forward(key, forwarding, now);
            }),
            Command::SetRules { id, rules } => self.access.set_rules(id, rules),
            Command::DropRules(id) => self.access.drop_rules(id),
            Command::SetMeter { id, rate, burst, pool: None } => self.access.set_meter(id, rate, burst, now),
            Command::SetMeter { id, burst, pool: Some(pool), .. } => {
                self.access.share_meter(id, Meter::sliced(pool, burst, self.crew.len()));
            }
            Command::DropMeter(id) => self.access.drop_meter(id),
            Command::Capsules { session, capsules } => {
                self.with_session(session, |worker, connection, key| {
                    worker.send_capsules(connection, key, capsules, now);
                });
            }
            Command::Finish(session) => self.with_session(session, |worker, connection, key| {
                if let Some(session) = worker.sessions.get(key) {
                    connection.http3.finish(session.stream);
                }
                let cause = SessionCause::LocalFinished;
                worker.end_session(connection, key, cause, None, now);
            }),
            Command::Abort { session, code } => {
                self.with_session(session, |worker, connection, key| {
                    let cause = SessionCause::LocalAborted;
                    worker.abort_session(connection, key, code, cause, now);
                });
            }
            Command::CloseConnection { connection, code, reason } => {
                self.with_connection(connection, |worker, connection| {
                    worker.send_last_words(connection, now);
                    let cause = ConnectionCause::LocalClosed;
                    worker.close_connection(connection, cause, code, reason, now);
                });
            }
            Command::Close => self.closing = true,
            #[cfg(test)]
            Command::Panic => panic!("asked for by a test"),
            #[cfg(test)]
            Command::Run(act) => act(),
        }
    }

    pub(super) fn use_udp(&mut self, udp: Udp, reset_key: Arc<dyn quic::crypto::HmacKey>) {
        let mut config = quic::EndpointConfig::new(reset_key.clone());
        // Without an id of our own, several connections on one socket could not be told apart.
        let (worker, workers) = (self.shared.index, self.crew.len());
        config.cid_generator(move || Box::new(WorkerIds::new(worker, workers)));
        let endpoint =
            quic::Endpoint::new(Arc::new(config), self.server_config.clone(), !udp.may_fragment(), None);
        self.shared.show_offloads(&udp);
        self.net = Some(Net { endpoint, udp, reset_key });
    }

    fn reconfigure(&mut self, config: Arc<quic::ServerConfig>) {
        if let Some(net) = &mut self.net {
            net.endpoint.set_server_config(Some(config.clone()));
        }
        self.server_config = Some(config);
    }

    fn start_connection(
        &mut self,
        id: u64,
        config: quic::ClientConfig,
        remote: std::net::SocketAddr,
        peer_name: &str,
        mark: Option<u32>,
    ) -> Result<(quic::ConnectionHandle, quic::Connection), String> {
        let net = self.net.as_mut().ok_or("no socket")?;
        net.udp.set_mark(mark).map_err(|e| e.message)?;
        let remote = net.udp.mapped(remote);
        let started =
            net.endpoint.connect(Instant::now(), config, remote, peer_name).map_err(|e| e.to_string())?;
        self.connection_keys.insert(id, started.0.0);
        self.shared.registry.totals.held.add(1);
        Ok(started)
    }

    fn for_all_connections(&mut self, mut act: impl FnMut(&mut Connection)) {
        for key in 0..self.connections.len() {
            if let Some(Some(connection)) = self.connections.get_mut(key) {
                act(connection);
                self.mark_dirty(key);
            }
        }
    }

    /// Runs `act` on a live connection; false if it is over.
    fn with_connection(&mut self, id: u64, act: impl FnOnce(&mut Self, &mut Connection)) -> bool {
        let Some(&key) = self.connection_keys.get(&id) else {
            return false;
        };
        let Some(mut connection) = self.connections.get_mut(key).and_then(Option::take) else {
            return false;
        };
        act(self, &mut connection);
        self.connections[key] = Some(connection);
        self.mark_dirty(key);
        true
    }

    /// Runs `act` on a live session and its connection.
    fn with_session(&mut self, id: u64, act: impl FnOnce(&mut Self, &mut Connection, usize)) {
        let Some(&key) = self.session_keys.get(&id) else {
            return;
        };
        let Some(connection) = self.sessions.get(key).map(|s| s.connection) else {
            return;
        };
        let id = self.connections.get(connection).and_then(Option::as_ref).map(|c| c.id);
        if let Some(id) = id {
            self.with_connection(id, |worker, connection| act(worker, connection, key));
        }
    }

    /// Closes all connections, with a last packet each.
    pub(super) fn close_everything(&mut self) {
        let now = Instant::now();
        let ids: Vec<u64> = self.connection_keys.keys().copied().collect();
        for id in ids {
            self.with_connection(id, |worker, connection| {
                worker.send_last_words(connection, now);
                let cause = ConnectionCause::LocalClosed;
                worker.close_connection(connection, cause, super::inbound::NO_ERROR, String::new(), now);
            });
        }
        self.drive_dirty();
        self.close_tun();
    }

    /// Closes QUIC and tells the embedder.
    pub(super) fn close_connection(
        &mut self,
        connection: &mut Connection,
        cause: ConnectionCause,
        code: u64,
        reason: String,
        now: Instant,
    ) {
        let wire_code = VarInt::from_u64(code).unwrap_or(VarInt::MAX);
        connection.quic.close(now, wire_code, Bytes::from(reason.clone()));
        self.end_connection(connection, cause, Some(code), reason, now);
    }
}
