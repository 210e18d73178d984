//! Two engines on the loopback interface.

use super::*;
use crate::event::{ConnectionCause, SessionCause};
use crate::options::{CongestionControl, End, PeerLimits, Transport};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

mod allocations;
mod books;
mod workers;

const PATIENCE: Duration = Duration::from_secs(10);

/// An engine whose events can be waited for.
struct Party {
    engine: Engine,
    wakes: Receiver<()>,
    seen: Vec<Event>,
}

impl Party {
    fn new() -> Self {
        Self::with(1, Without::default())
    }

    fn with(workers: usize, without: Without) -> Self {
        let (wake, wakes) = channel();
        let wake = Mutex::new(wake);
        let engine = Engine::start(
            move || {
                let wake = wake.lock().unwrap_or_else(PoisonError::into_inner);
                // Nobody listens any more once the test is over.
                let _nobody_left = wake.send(());
            },
            without,
            workers,
        )
        .expect("engine");
        Self { engine, wakes, seen: Vec::new() }
    }

    /// Waits for an event that `pick` takes; the others are forgotten.
    fn wait<T>(&mut self, pick: impl Fn(&Event) -> Option<T>) -> T {
        loop {
            while !self.seen.is_empty() {
                if let Some(found) = pick(&self.seen.remove(0)) {
                    return found;
                }
            }
            self.wakes.recv_timeout(PATIENCE).expect("an event in time");
            self.seen.extend(self.engine.drain(usize::MAX));
        }
    }
}

/// What a listener takes.
const MOST_CONNECTIONS: usize = 30;

fn limits() -> PeerLimits {
    PeerLimits {
        requests_per_connection: 4,
        capsule_bytes: 65536,
        capsules_per_second: 100,
        capsule_burst: 200,
    }
}

fn transport() -> Transport {
    Transport {
        idle_timeout: Duration::from_secs(5),
        keep_alive: None,
        congestion_control: CongestionControl::Bbr,
    }
}

fn identity() -> Certificate {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("certificate");
    Certificate { chain_pem: made.cert.pem(), key_pem: made.signing_key.serialize_pem() }
}

fn listen(party: &Party, certificate: Certificate) -> SocketAddr {
    let listener = Listener {
        address: ([127, 0, 0, 1], 0).into(),
        certificate,
        trust: PeerTrust::default(),
        transport: transport(),
        limits: limits(),
        max_connections: MOST_CONNECTIONS,
        retry_above_handshakes: 10,
        unauthenticated: PATIENCE,
    };
    party.engine.listen(listener).expect("listener")
}

fn connector(remote: SocketAddr, anchor: &str) -> Connector {
    Connector {
        remote,
        peer_name: "localhost".into(),
        anchors_pem: anchor.into(),
        certificate: None,
        transport: transport(),
        limits: limits(),
        mark: None,
    }
}

/// Connects and opens a session; returns the ids of connection and session on the asking side.
fn open(peer: &mut Party, server: &mut Party, to: SocketAddr, anchor: &str) -> (u64, u64) {
    let (connection, session, _) = open_both(peer, server, to, anchor);
    (connection, session)
}

/// As [`open`], and the session's id on the other side.
fn open_both(peer: &mut Party, server: &mut Party, to: SocketAddr, anchor: &str) -> (u64, u64, u64) {
    let connection = peer.engine.connect(connector(to, anchor)).expect("connection");
    peer.wait(|e| matches!(e, Event::Connected { connection: c, .. } if *c == connection).then_some(()));
    let fields = [
        (":method", "CONNECT"),
        (":protocol", "connect-ip"),
        (":scheme", "https"),
        (":authority", "localhost"),
        (":path", "/"),
    ]
    .map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec()));
    let session = peer.engine.request(connection, fields.into());
    let asked = server.wait(|e| match e {
        Event::Request { session, .. } => Some(*session),
        _ => None,
    });
    let forwarding = options::Forwarding {
        end: End::Proxy,
        assigned: Vec::new(),
        routes: Vec::new(),
        peers: Vec::new(),
        behind: Vec::new(),
        access: None,
        own_ipv4: None,
        own_ipv6: None,
    };
    let accepted = server.engine.accept(asked, Vec::new(), &forwarding, &[]);
    accepted.expect("accepted");
    peer.wait(|e| matches!(e, Event::Response { status: 200, .. }).then_some(()));
    (connection, session, asked)
}

#[test]
fn an_engine_knows_from_the_start_what_it_does_without() {
    let segments = |udp_segmentation| {
        let without = Without { udp_segmentation, ..Without::default() };
        let engine = Engine::start(|| (), without, 1).expect("engine");
        engine.crew[0].registry.totals.udp_segmentation.get()
    };
    assert_eq!([segments(false), segments(true)], [1, 0]);
}

#[test]
fn a_panic_ends_sessions_with_a_cause_and_the_engine_goes_on() {
    let (mut server, mut peer) = (Party::new(), Party::new());
    let certificate = identity();
    let anchor = certificate.chain_pem.clone();
    let address = listen(&server, certificate);
    let (connection, session) = open(&mut peer, &mut server, address, &anchor);

    peer.engine.crew[0].commands.push(Command::Panic);
    peer.wait(|e| match e {
        Event::SessionClosed { session: s, cause, .. } => {
            assert_eq!((*s, *cause), (session, SessionCause::EngineFault));
            Some(())
        }
        _ => None,
    });
    peer.wait(|e| match e {
        Event::ConnectionClosed { connection: c, cause, .. } => {
            assert_eq!((*c, *cause), (connection, ConnectionCause::EngineFault));
            Some(())
        }
        _ => None,
    });
    assert_eq!(peer.engine.crew[0].registry.totals.panics.get(), 1);
    open(&mut peer, &mut server, address, &anchor);

    server.engine.crew[0].commands.push(Command::Panic);
    server.wait(|e| {
        matches!(e, Event::ConnectionClosed { cause: ConnectionCause::EngineFault, .. }).then_some(())
    });
    open(&mut peer, &mut server, address, &anchor);
}

#[test]
fn what_was_asked_for_together_with_what_panicked_is_still_done() {
    let party = Party::new();
    let worker = &party.engine.crew[0];
    let (proceed, stop) = channel::<()>();
    // While the worker stands here, the next commands gather, and it takes them together.
    worker.commands.push(Command::Run(Box::new(move || stop.recv_timeout(PATIENCE).expect("in time"))));
    let (done, outcome) = channel();
    worker.commands.push(Command::Panic);
    worker.commands.push(Command::Run(Box::new(move || done.send(()).expect("somebody waits"))));
    proceed.send(()).expect("the worker waits");
    outcome.recv_timeout(PATIENCE).expect("the command after the panic");
    assert_eq!(worker.registry.totals.panics.get(), 1);
}

#[test]
fn a_restarted_server_tells_its_old_peers_at_once() {
    a_restarted_server_tells_its_old_peers(1);
}

#[test]
fn a_restarted_server_tells_its_old_peers_whichever_worker_they_had() {
    a_restarted_server_tells_its_old_peers(3);
}

fn a_restarted_server_tells_its_old_peers(workers: usize) {
    let (mut server, mut peer) = (Party::with(workers, Without::default()), Party::new());
    let certificate = identity();
    let anchor = certificate.chain_pem.clone();
    let address = listen(&server, certificate.clone());
    let (connection, session) = open(&mut peer, &mut server, address, &anchor);
    // A panic forgets all connections without a word to the peers, as a crash does.
    server.engine.command_all(|| Command::Panic);
    server.wait(|e| matches!(e, Event::ConnectionClosed { .. }).then_some(()));
    // Large enough to be answered: a reset is smaller than what it answers (RFC 9000 §10.3.3).
    peer.engine.send_capsules(session, &[(2, &[0; 200])]);
    let cause = peer.wait(|e| match e {
        Event::ConnectionClosed { connection: c, cause, .. } if *c == connection => Some(*cause),
        _ => None,
    });
    assert_eq!(cause, ConnectionCause::PeerReset);
}
