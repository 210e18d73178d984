//! The handle that an embedder holds: starts the workers, passes commands, reads counters.

use crate::claims::State as ClaimsState;
use crate::command::{Admission, Command};
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventQueue, Fields};
use crate::forwarding::Forwarding;
use crate::meter::Pool;
use crate::options::{Certificate, Connector, End, Listener, MOST_WORKERS, PeerTrust, Without};
use crate::snapshot::fill_totals;
use crate::tun::{Info, Tun};
use crate::udp::Udp;
use crate::worker::{Crew, Shared, Worker};
use crate::{options, tls};
use bytes::Bytes;
use masque_packet::{Rule, RuleSet};
use std::collections::{HashMap, HashSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

/// What is remembered between calls.
#[derive(Default)]
struct State {
    threads: Vec<JoinHandle<()>>,
    has_socket: bool,
    listener: Option<Listener>,
    /// Rule sets and meters that sessions may refer to.
    rules: HashSet<u32>,
    meters: HashSet<u32>,
    /// What workers draw from, if there are several.
    pools: HashMap<u32, Arc<Pool>>,
    without: Without,
    closed: bool,
}

/// An engine. All methods may be called from one thread at a time; none blocks on traffic.
pub struct Engine {
    crew: Crew,
    state: Mutex<State>,
}

impl Engine {
    /// Starts the workers. `wake` is called, from a worker's thread, when events begin to wait.
    pub fn start(wake: impl Fn() + Send + Sync + 'static, without: Without, workers: usize) -> Result<Self> {
        if !(1..=MOST_WORKERS).contains(&workers) {
            let words = format!("an engine has 1 to {MOST_WORKERS} workers, not {workers}");
            return Err(Error::new(Code::InvalidArgument, words));
        }
        let fail = |e: std::io::Error| Error::io("cannot start the engine", &e);
        let crew = Shared::crew(workers, EventQueue::new(wake)).map_err(fail)?;
        // What the host offers is known before there is a socket for peers.
        if let Ok(probes) = Udp::bind_listeners((Ipv4Addr::LOCALHOST, 0).into(), without, workers.min(2)) {
            crew.iter().zip(&probes).for_each(|(shared, udp)| shared.show_offloads(udp));
        }
        let engine = Self { crew: crew.clone(), state: Mutex::new(State { without, ..State::default() }) };
        for index in 0..workers {
            let worker = Worker::new(crew.clone(), index).map_err(fail)?;
            let name = format!("masque-worker{index}");
            let thread = std::thread::Builder::new().name(name).spawn(move || worker.run()).map_err(fail)?;
            engine.with_state(|state| {
                state.threads.push(thread);
                Ok(())
            })?;
        }
        Ok(engine)
    }

    fn with_state<T>(&self, act: impl FnOnce(&mut State) -> Result<T>) -> Result<T> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return Err(Error::new(Code::Closed, "the engine is closed"));
        }
        act(&mut state)
    }

    /// Whom a connection or session belongs to.
    fn worker_of(&self, id: u64) -> &Shared {
        &self.crew[self.crew[0].worker_of(id)]
    }

    /// To the worker of a connection or session.
    fn command(&self, id: u64, command: Command) {
        self.worker_of(id).commands.push(command);
    }

    /// To all workers.
    fn command_all(&self, command: impl Fn() -> Command) {
        self.crew.iter().for_each(|shared| shared.commands.push(command()));
    }

    /// One to each worker.
    fn command_each(&self, commands: impl Iterator<Item = Command>) {
        self.crew.iter().zip(commands).for_each(|(shared, command)| shared.commands.push(command));
    }

    /// Takes up to `limit` events.
    pub fn drain(&self, limit: usize) -> Vec<Event> {
        self.crew[0].events.drain(limit)
    }

    /// Opens the TUN.
    pub fn open_tun(&self, options: &options::Tun) -> Result<Info> {
        self.with_state(|state| {
            let (tuns, steering) = Tun::open(options, state.without, self.crew.len())?;
            self.crew[0].claims.steer(steering);
            let info = tuns[0].info().clone();
            let (backpressure, lost) = (options.backpressure, Arc::default());
            let command = |tun| Command::Tun { tun, backpressure, lost: Arc::clone(&lost) };
            self.command_each(tuns.into_iter().map(command));
            Ok(info)
        })
    }

    /// Closes the TUN.
    pub fn close_tun(&self) {
        self.crew[0].claims.steer(None);
        self.command_all(|| Command::CloseTun);
    }

    /// Opens the listener; returns the address bound.
    pub fn listen(&self, listener: Listener) -> Result<SocketAddr> {
        self.with_state(|state| {
            if state.has_socket {
                return Err(Error::new(Code::InvalidArgument, "this engine has a socket already"));
            }
            tls::check_limits(&listener.limits)?;
            let config = tls::server_config(&listener)?;
            let sockets = Udp::bind_listeners(listener.address, state.without, self.crew.len())?;
            let address = sockets[0].local_address()?;
            // One for all: whoever gets a packet of a forgotten connection can say so.
            let reset_key = tls::reset_key(Some(&listener.certificate));
            self.command_each(
                sockets.into_iter().map(|udp| Command::Udp { udp, reset_key: reset_key.clone() }),
            );
            self.command_all(|| Command::Listen {
                config: config.clone(),
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
            let config = tls::server_config(&listener)?;
            self.command_all(|| Command::Reconfigure(config.clone()));
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
        self.command_all(|| Command::StopListening);
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
                self.crew[0].commands.push(Command::Udp { udp, reset_key });
                state.has_socket = true;
            }
            // One connection is one worker's.
            let connection = self.crew[0].new_id();
            self.crew[0].commands.push(Command::Connect {
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
        let session = self.worker_of(connection).new_id();
        self.command(session, Command::Request { connection, session, fields });
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
            self.command(
                session,
                Command::Accept { session, fields, forwarding, capsules: encode(capsules) },
            );
            Ok(())
        })
    }

    /// Refuses a request with a status, or resets it with a code.
    pub fn refuse(&self, session: u64, status: u16, fields: Fields, code: Option<u64>) {
        self.command(session, Command::Refuse { session, status, fields, code });
    }

    /// Replaces forwarding.
    pub fn update(&self, session: u64, forwarding: &options::Forwarding) -> Result<()> {
        self.with_state(|state| {
            let forwarding = self.compile(state, session, forwarding)?;
            self.command(session, Command::Update { session, forwarding });
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
            let labels = plain.access.as_ref().map(|access| access.labels.as_slice());
            let is_open = || self.crew[0].registry.rows.is_open(session);
            self.crew[0].claims.replace(session, &claims, labels, is_open)?;
        }
        Ok(compiled)
    }

    /// Defines or replaces a rule set.
    pub fn set_rules(&self, id: u32, rules: Vec<Rule>) -> Result<()> {
        self.with_state(|state| {
            state.rules.insert(id);
            let rules = Arc::new(RuleSet::new(rules));
            self.command_all(|| Command::SetRules { id, rules: rules.clone() });
            Ok(())
        })
    }

    /// Forgets a rule set; sessions that refer to it may do nothing.
    pub fn drop_rules(&self, id: u32) {
        self.forget(|| Command::DropRules(id), |state| state.rules.remove(&id));
    }

    /// Defines or changes a meter: inner bytes a second, and at once.
    pub fn set_meter(&self, id: u32, rate: u64, burst: u64) -> Result<()> {
        self.with_state(|state| {
            if rate == 0 || burst == 0 {
                return Err(Error::new(Code::InvalidArgument, "a meter lets at least one byte pass"));
            }
            state.meters.insert(id);
            let pool = (self.crew.len() > 1).then(|| {
                let now = Instant::now();
                let pool = state.pools.entry(id).or_insert_with(|| Arc::new(Pool::new(rate, burst, now)));
                pool.change(rate, burst, now);
                pool.clone()
            });
            self.command_all(|| Command::SetMeter { id, rate, burst, pool: pool.clone() });
            Ok(())
        })
    }

    /// Forgets a meter; it limits nobody any more.
    pub fn drop_meter(&self, id: u32) {
        let remove = |state: &mut State| {
            state.pools.remove(&id);
            state.meters.remove(&id)
        };
        self.forget(|| Command::DropMeter(id), remove);
    }

    fn forget(&self, command: impl Fn() -> Command, remove: impl FnOnce(&mut State) -> bool) {
        if remove(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner)) {
            self.command_all(command);
        }
    }

    /// Sends capsules.
    pub fn send_capsules(&self, session: u64, capsules: &[(u64, &[u8])]) {
        self.command(session, Command::Capsules { session, capsules: encode(capsules) });
    }

    /// Ends a session in order.
    pub fn finish(&self, session: u64) {
        self.crew[0].claims.release(session);
        self.command(session, Command::Finish(session));
    }

    /// Ends a session at once.
    pub fn abort(&self, session: u64, code: u64) {
        self.crew[0].claims.release(session);
        self.command(session, Command::Abort { session, code });
    }

    /// Closes a connection.
    pub fn close_connection(&self, connection: u64, code: u64, reason: String) {
        for session in self.crew[0].registry.rows.sessions_of(connection) {
            self.crew[0].claims.release(session);
        }
        self.command(connection, Command::CloseConnection { connection, code, reason });
    }

    /// Copies what is counted for all; see [`crate::snapshot`].
    pub fn snapshot_totals(&self, into: &mut [f64]) {
        let failures = self.crew[0].claims.read(ClaimsState::steering_failures);
        self.crew[0].registry.totals.tun_steering_failures.set(failures);
        fill_totals(self.crew.iter().map(|shared| &shared.registry.totals), into);
    }

    /// Copies as many rows of sessions as fit; returns how many there are.
    pub fn snapshot_sessions(&self, into: &mut [f64]) -> usize {
        self.crew[0].registry.rows.fill_sessions(into)
    }

    /// Copies as many rows of connections as fit; returns how many there are.
    pub fn snapshot_connections(&self, into: &mut [f64]) -> usize {
        self.crew[0].registry.rows.fill_connections(into)
    }

    /// Forgets the row of a session that is over.
    pub fn release_session(&self, session: u64) {
        self.crew[0].registry.rows.release_session(session);
    }

    /// Forgets the row of a connection that is over.
    pub fn release_connection(&self, connection: u64) {
        self.crew[0].registry.rows.release_connection(connection);
    }

    /// Closes everything and waits for the workers' end, which takes one turn. Idempotent.
    pub fn close(&self) {
        let threads = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.closed = true;
            std::mem::take(&mut state.threads)
        };
        if threads.is_empty() {
            return;
        }
        self.command_all(|| Command::Close);
        for thread in threads {
            if thread.join().is_err() {
                // It panicked outside a turn; there is nothing left to close.
                self.crew[0].registry.totals.panics.add(1);
            }
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
