//! An engine with several workers on the loopback interface.

use super::*;
use crate::counters::{Counter, Totals};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// A server with several workers, and somebody with many connections to it.
struct Stage {
    server: Party,
    peer: Party,
    address: SocketAddr,
    anchor: String,
}

impl Stage {
    fn new(workers: usize, without: Without) -> Self {
        let (server, peer) = (Party::with(workers, without), Party::new());
        let certificate = identity();
        let anchor = certificate.chain_pem.clone();
        let address = listen(&server, certificate);
        Self { server, peer, address, anchor }
    }

    /// Opens a session; returns its ids at the peer and at the server.
    fn open(&mut self, to: SocketAddr) -> (u64, u64) {
        let (_, asked, answered) = open_both(&mut self.peer, &mut self.server, to, &self.anchor);
        (asked, answered)
    }

    /// Opens sessions until each worker has one: their ids at the peer and at the server, by worker.
    fn one_for_each_worker(&mut self) -> Vec<(u64, u64)> {
        let mut found = vec![None; self.server.engine.crew.len()];
        // That none of so many meets one of three workers would be an accident of one in a hundred thousand.
        for _ in 0..MOST_CONNECTIONS {
            let (asked, answered) = self.open(self.address);
            found[self.server.engine.crew[0].worker_of(answered)].get_or_insert((asked, answered));
            if found.iter().all(Option::is_some) {
                break;
            }
        }
        found.into_iter().map(|found| found.expect("a session for each worker")).collect()
    }

    /// Sends a capsule from the peer and waits for it at the server, and back.
    fn exchange(&mut self, (asked, answered): (u64, u64)) {
        self.peer.engine.send_capsules(asked, &[(1, b"up")]);
        self.server
            .wait(|e| matches!(e, Event::Capsules { session, .. } if *session == answered).then_some(()));
        self.server.engine.send_capsules(answered, &[(1, b"down")]);
        self.peer.wait(|e| matches!(e, Event::Capsules { session, .. } if *session == asked).then_some(()));
    }

    fn sum(&self, counter: impl Fn(&Totals) -> &Counter) -> u64 {
        self.server.engine.crew.iter().map(|shared| counter(&shared.registry.totals).get()).sum()
    }
}

#[test]
fn each_datagram_arrives_where_it_belongs() {
    for workers in [2, 3] {
        // Datagrams of several connections of one peer may come as one if the kernel coalesces them.
        let mut stage = Stage::new(workers, Without { udp_coalescing: true, ..Without::default() });
        for ids in stage.one_for_each_worker() {
            stage.exchange(ids);
        }
        assert_eq!(stage.sum(|totals| &totals.udp_steering), workers as u64);
        assert_eq!(stage.sum(|totals| &totals.datagrams_handed_over), 0);
    }
}

#[test]
fn what_arrives_elsewhere_is_handed_over() {
    for workers in [2, 3] {
        let mut stage = Stage::new(workers, Without { udp_steering: true, ..Without::default() });
        let sessions = stage.one_for_each_worker();
        let before = stage.sum(|totals| &totals.datagrams_handed_over);
        for ids in sessions {
            stage.exchange(ids);
        }
        // All comes from one port, so to one socket.
        assert_eq!(stage.sum(|totals| &totals.udp_steering), 0);
        assert!(stage.sum(|totals| &totals.datagrams_handed_over) > before);
        assert_eq!(stage.sum(|totals| &totals.datagrams_handover_lost), 0);
    }
}

#[test]
fn a_panic_of_one_worker_ends_its_own_sessions_only() {
    let mut stage = Stage::new(2, Without::default());
    let [first, second] = stage.one_for_each_worker()[..] else { panic!("two workers") };
    stage.server.engine.crew[0].commands.push(Command::Panic);
    let mut ended = BTreeSet::new();
    // Connections end after all sessions.
    stage
        .server
        .wait(|e| matches!(e, Event::SessionClosed { session, .. } if *session == first.1).then_some(()));
    stage.exchange(second);
    for event in stage.server.engine.drain(usize::MAX) {
        if let Event::SessionClosed { session, .. } = event {
            ended.insert(stage.server.engine.crew[0].worker_of(session));
        }
    }
    assert!(!ended.contains(&1), "{ended:?}");
    assert_eq!(stage.sum(|totals| &totals.panics), 1);
    // It goes on with the same socket, and still steers.
    for ids in stage.one_for_each_worker() {
        stage.exchange(ids);
    }
}

#[test]
fn limits_hold_for_all_workers_together() {
    let mut stage = Stage::new(3, Without::default());
    for _ in 0..MOST_CONNECTIONS {
        stage.open(stage.address);
    }
    let connector = connector(stage.address, &stage.anchor);
    let refused = stage.peer.engine.connect(connector).expect("connection");
    stage.peer.wait(|e| match e {
        Event::ConnectionClosed { connection, cause, .. } if *connection == refused => {
            assert_eq!(*cause, ConnectionCause::PeerClosed);
            Some(())
        }
        _ => None,
    });
    let open = (stage.sum(|totals| &totals.connections), stage.sum(|totals| &totals.sessions));
    assert_eq!(open, (MOST_CONNECTIONS as u64, MOST_CONNECTIONS as u64));
}

#[test]
fn closing_reaches_all_workers() {
    let mut stage = Stage::new(2, Without::default());
    // In whatever order.
    let open: BTreeSet<u64> = stage.one_for_each_worker().into_iter().map(|(asked, _)| asked).collect();
    let open = RefCell::new(open);
    stage.server.engine.close();
    stage.peer.wait(|e| {
        if let Event::SessionClosed { session, .. } = e {
            open.borrow_mut().remove(session);
        }
        open.borrow().is_empty().then_some(())
    });
}

/// Carries datagrams between a peer and a server, and can let the peer seem to be elsewhere.
struct Relay {
    address: SocketAddr,
    upstream: Arc<Mutex<Arc<UdpSocket>>>,
    downstream: Arc<UdpSocket>,
    peer: Arc<Mutex<Option<SocketAddr>>>,
    server: SocketAddr,
    over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

fn socket() -> Arc<UdpSocket> {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("socket");
    socket.set_read_timeout(Some(Duration::from_millis(20))).expect("time-out");
    Arc::new(socket)
}

impl Relay {
    fn new(server: SocketAddr) -> Self {
        let downstream = socket();
        let mut relay = Self {
            address: downstream.local_addr().expect("address"),
            upstream: Arc::new(Mutex::new(socket())),
            downstream: downstream.clone(),
            peer: Arc::default(),
            server,
            over: Arc::default(),
            threads: Vec::new(),
        };
        let (upstream, peer) = (relay.upstream.clone(), relay.peer.clone());
        relay.spawn(downstream, move |datagram, from| {
            *peer.lock().expect("peer") = Some(from);
            let upstream = upstream.lock().expect("socket").clone();
            upstream.send_to(datagram, server).expect("sent");
        });
        relay.answer();
        relay
    }

    fn spawn(&mut self, from: Arc<UdpSocket>, carry: impl Fn(&[u8], SocketAddr) + Send + 'static) {
        let over = self.over.clone();
        self.threads.push(std::thread::spawn(move || {
            let mut buffer = [0; 65536];
            while !over.load(Relaxed) {
                // Nothing for a while, or the port was closed on the other side.
                if let Ok((n, source)) = from.recv_from(&mut buffer) {
                    carry(&buffer[..n], source);
                }
            }
        }));
    }

    fn answer(&mut self) {
        let (peer, downstream) = (self.peer.clone(), self.downstream.clone());
        let upstream = self.upstream.lock().expect("socket").clone();
        self.spawn(upstream, move |datagram, _| {
            let peer = *peer.lock().expect("peer");
            downstream.send_to(datagram, peer.expect("a peer")).expect("sent");
        });
    }

    /// From now on the server sees another port.
    fn rebind(&mut self) -> SocketAddr {
        let fresh = socket();
        let address = fresh.local_addr().expect("address");
        *self.upstream.lock().expect("socket") = fresh;
        self.answer();
        assert_ne!(self.server, address);
        address
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.over.store(true, Relaxed);
        for thread in self.threads.drain(..) {
            assert!(thread.join().is_ok(), "the relay failed");
        }
    }
}

#[test]
fn a_peer_that_moves_keeps_its_worker() {
    let mut stage = Stage::new(3, Without { udp_coalescing: true, ..Without::default() });
    let mut relay = Relay::new(stage.address);
    let (asked, answered) = stage.open(relay.address);
    let worker = stage.server.engine.crew[0].worker_of(answered);
    // Three ports: a hash of addresses would keep to one socket with a chance of one in nine.
    for move_number in 1..=3 {
        let moved = relay.rebind().to_string();
        stage.peer.engine.send_capsules(asked, &[(1, b"from elsewhere")]);
        stage
            .server
            .wait(|e| matches!(e, Event::PathChanged { remote, .. } if *remote == moved).then_some(()));
        stage.exchange((asked, answered));
        let migrations = stage.server.engine.crew[worker].registry.totals.migrations.get();
        assert_eq!(migrations, move_number);
    }
    assert_eq!(stage.sum(|totals| &totals.datagrams_handed_over), 0);
    drop(stage);
}
