//! The handle that an embedder holds: starts the worker, passes commands, reads counters.

use crate::command::{Admission, Command, CommandQueue};
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventQueue, Fields};
use crate::forwarding::Forwarding;
use crate::options::{Certificate, Connector, End, Listener, PeerTrust, Without};
use crate::poll::Waker;
use crate::snapshot::Filled;
use crate::tun::{Info, Tun};
use crate::udp::Udp;
use crate::worker::{Shared, Worker};
use crate::{options, tls};
use bytes::Bytes;
use masque_packet::{Rule, RuleSet};
use std::collections::HashSet;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// What is remembered between calls.
#[derive(Default)]
struct State {
    thread: Option<JoinHandle<()>>,
    has_socket: bool,
    listener: Option<Listener>,
    /// Rule sets and meters that sessions may refer to.
    rules: HashSet<u32>,
    meters: HashSet<u32>,
    without: Without,
    closed: bool,
}

/// An engine with one worker. All methods may be called from one thread at a time; none blocks on traffic.
pub struct Engine {
    shared: Arc<Shared>,
    state: Mutex<State>,
}

impl Engine {
    /// Starts the worker. `wake` is called, from the worker's thread, when events begin to wait.
    pub fn start(wake: impl Fn() + Send + Sync + 'static, without: Without) -> Result<Self> {
        let fail = |e: std::io::Error| Error::io("cannot start the engine", &e);
        let commands = CommandQueue::new(Waker::new().map_err(fail)?);
        let shared = Arc::new(Shared::new(EventQueue::new(wake), commands));
        // What the host offers is known before there is a socket for peers.
        if let Ok(udp) = Udp::bind((Ipv4Addr::LOCALHOST, 0).into(), None, without) {
            shared.show_offloads(&udp);
        }
        let worker = Worker::new(shared.clone()).map_err(fail)?;
        let thread = std::thread::Builder::new()
            .name("masque-worker".into())
            .spawn(move || worker.run())
            .map_err(fail)?;
        Ok(Self { shared, state: Mutex::new(State { thread: Some(thread), without, ..State::default() }) })
    }

    fn with_state<T>(&self, act: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return Err(Error::new(Code::Closed, "the engine is closed"));
        }
        act(&mut state)
    }

    fn command(&self, command: Command) {
        self.shared.commands.push(command);
    }

    /// Takes up to `limit` events.
    pub fn drain(&self, limit: usize) -> Vec<Event> {
        self.shared.events.drain(limit)
    }

    /// Opens the TUN.
    pub fn open_tun(&self, options: &options::Tun) -> Result<Info> {
        self.with_state(|state| {
            let tun = Tun::open(options, state.without)?;
            let info = tun.info().clone();
            self.command(Command::Tun { tun, backpressure: options.backpressure });
            Ok(info)
        })
    }

    /// Closes the TUN.
    pub fn close_tun(&self) {
        self.command(Command::CloseTun);
    }

    /// Opens the listener; returns the address bound.
    pub fn listen(&self, listener: Listener) -> Result<SocketAddr> {
        self.with_state(|state| {
            if state.has_socket {
                return Err(Error::new(Code::InvalidArgument, "this engine has a socket already"));
            }
            tls::check_limits(&listener.limits)?;
            let config = tls::server_config(&listener)?;
            let udp = Udp::bind_listener(listener.address, state.without)?;
            let address = udp.local_address()?;
            let reset_key = tls::reset_key(Some(&listener.certificate));
            self.command(Command::Udp { udp, reset_key });
            self.command(Command::Listen {
                config,
                admission: Admission {
                    limits: listener.limits.clone(),
                    max_connections: listener.max_connections,
                    retry_above_handshakes: listener.retry_above_handshakes,
                    unauthenticated: listener.unauthenticated,
                },
            });
            state.has_socket = true;
            state.listener = Some(listener);
            Ok(address)
        })
    }

    fn reconfigure(&self, change: impl FnOnce(&mut Listener)) -> Result<()> {
        self.with_state(|state| {
            let mut listener = state
                .listener
                .clone()
                .ok_or_else(|| Error::new(Code::InvalidArgument, "there is no listener"))?;
            change(&mut listener);
            self.command(Command::Reconfigure(tls::server_config(&listener)?));
            state.listener = Some(listener);
            Ok(())
        })
    }

    /// Shows another certificate to new peers.
    pub fn set_certificate(&self, certificate: Certificate) -> Result<()> {
        self.reconfigure(|listener| listener.certificate = certificate)
    }

    /// Trusts other peers from now on.
    pub fn set_peer_trust(&self, trust: PeerTrust) -> Result<()> {
        self.reconfigure(|listener| listener.trust = trust)
    }

    /// Nobody new.
    pub fn stop_listening(&self) {
        self.command(Command::StopListening);
    }

    /// Starts a connection; returns its id.
    pub fn connect(&self, connector: Connector) -> Result<u64> {
        self.with_state(|state| {
            tls::check_limits(&connector.limits)?;
            let config = tls::client_config(&connector)?;
            rustls::pki_types::ServerName::try_from(connector.peer_name.as_str()).map_err(|_| {
                Error::new(
                    Code::InvalidArgument,
                    format!("{} is neither a DNS name nor an address", connector.peer_name),
                )
            })?;
            if !state.has_socket {
                let udp = Udp::bind_for(connector.remote, connector.mark, state.without)?;
                let reset_key = tls::reset_key(None);
                self.command(Command::Udp { udp, reset_key });
                state.has_socket = true;
            }
            let connection = self.shared.new_id();
            self.command(Command::Connect {
                connection,
                config,
                remote: connector.remote,
                peer_name: connector.peer_name,
                limits: connector.limits,
                keep_alive: connector.transport.keep_alive,
                mark: connector.mark,
            });
            Ok(connection)
        })
    }

    /// Sends a request; returns the session's id.
    pub fn request(&self, connection: u64, fields: Fields) -> u64 {
        let session = self.shared.new_id();
        self.command(Command::Request { connection, session, fields });
        session
    }

    /// Accepts a request.
    pub fn accept(
        &self,
        session: u64,
        fields: Fields,
        forwarding: &options::Forwarding,
        capsules: &[(u64, &[u8])],
    ) -> Result<()> {
        self.with_state(|state| {
            let forwarding = self.compile(state, session, forwarding)?;
            self.command(Command::Accept { session, fields, forwarding, capsules: encode(capsules) });
            Ok(())
        })
    }

    /// Refuses a request with a status, or resets it with a code.
    pub fn refuse(&self, session: u64, status: u16, fields: Fields, code: Option<u64>) {
        self.command(Command::Refuse { session, status, fields, code });
    }

    /// Replaces forwarding.
    pub fn update(&self, session: u64, forwarding: &options::Forwarding) -> Result<()> {
        self.with_state(|state| {
            let forwarding = self.compile(state, session, forwarding)?;
            self.command(Command::Update { session, forwarding });
            Ok(())
        })
    }

    /// Compiles, and claims the prefixes for the session.
    fn compile(&self, state: &State, session: u64, plain: &options::Forwarding) -> Result<Forwarding> {
        let compiled = Forwarding::compile(plain)?;
        let unknown = |what, id| Error::new(Code::InvalidArgument, format!("there is no {what} {id}"));
        if let Some(access) = &plain.access {
            if plain.end == End::Requester {
                return Err(Error::new(Code::InvalidArgument, "flows are judged at the proxy's end"));
            }
            if !state.rules.contains(&access.rules) {
                return Err(unknown("rule set", access.rules));
            }
            let mut meters = access.from_peer.iter().chain(&access.to_peer);
            if let Some(id) = meters.find(|id| !state.meters.contains(id)) {
                return Err(unknown("meter", *id));
            }
        }
        if plain.end == End::Proxy {
            let prefixes = compiled.assigned.prefixes().iter().enumerate();
            let claims: Vec<_> = prefixes.map(|(at, prefix)| (*prefix, at >= plain.assigned.len())).collect();
            let is_open = || self.shared.registry.is_open(session);
            self.shared.claims.replace(session, &claims, is_open)?;
        }
        Ok(compiled)
    }

    /// Defines or replaces a rule set.
    pub fn set_rules(&self, id: u32, rules: Vec<Rule>) -> Result<()> {
        self.with_state(|state| {
            state.rules.insert(id);
            self.command(Command::SetRules { id, rules: RuleSet::new(rules) });
            Ok(())
        })
    }

    /// Forgets a rule set; sessions that refer to it may do nothing.
    pub fn drop_rules(&self, id: u32) {
        self.forget(Command::DropRules(id), |state| state.rules.remove(&id));
    }

    /// Defines or changes a meter: inner bytes a second, and at once.
    pub fn set_meter(&self, id: u32, rate: u64, burst: u64) -> Result<()> {
        self.with_state(|state| {
            if rate == 0 || burst == 0 {
                return Err(Error::new(Code::InvalidArgument, "a meter lets at least one byte pass"));
            }
            state.meters.insert(id);
            self.command(Command::SetMeter { id, rate, burst });
            Ok(())
        })
    }

    /// Forgets a meter; it limits nobody any more.
    pub fn drop_meter(&self, id: u32) {
        self.forget(Command::DropMeter(id), |state| state.meters.remove(&id));
    }

    fn forget(&self, command: Command, remove: impl FnOnce(&mut State) -> bool) {
        if remove(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner)) {
            self.command(command);
        }
    }

    /// Sends capsules.
    pub fn send_capsules(&self, session: u64, capsules: &[(u64, &[u8])]) {
        self.command(Command::Capsules { session, capsules: encode(capsules) });
    }

    /// Ends a session in order.
    pub fn finish(&self, session: u64) {
        self.shared.claims.release(session);
        self.command(Command::Finish(session));
    }

    /// Ends a session at once.
    pub fn abort(&self, session: u64, code: u64) {
        self.shared.claims.release(session);
        self.command(Command::Abort { session, code });
    }

    /// Closes a connection.
    pub fn close_connection(&self, connection: u64, code: u64, reason: String) {
        for session in self.shared.registry.sessions_of(connection) {
            self.shared.claims.release(session);
        }
        self.command(Command::CloseConnection { connection, code, reason });
    }

    /// Copies counters; see [`crate::snapshot`].
    pub fn snapshot(&self, sessions: &mut [f64], connections: &mut [f64], totals: &mut [f64]) -> Filled {
        self.shared.registry.fill(sessions, connections, totals)
    }

    /// Forgets the row of a session that is over.
    pub fn release_session(&self, session: u64) {
        self.shared.registry.release_session(session);
    }

    /// Forgets the row of a connection that is over.
    pub fn release_connection(&self, connection: u64) {
        self.shared.registry.release_connection(connection);
    }

    /// Closes everything and waits for the worker's end, which takes one turn. Idempotent.
    pub fn close(&self) {
        let thread = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.closed = true;
            state.thread.take()
        };
        let Some(thread) = thread else { return };
        self.command(Command::Close);
        if thread.join().is_err() {
            // It panicked outside a turn; there is nothing left to close.
            self.shared.registry.totals.panics.add(1);
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.close();
    }
}

fn encode(capsules: &[(u64, &[u8])]) -> Bytes {
    let mut out = Vec::new();
    for (kind, value) in capsules {
        masque_capsule::encode(*kind, value, &mut out);
    }
    out.into()
}

#[cfg(test)]
mod tests;
