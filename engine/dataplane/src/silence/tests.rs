//! Two connections on a simulated network on which the caller's port changes.

use crate::connection::Connection;
use crate::options::{Certificate, CongestionControl, Connector, Listener, PeerLimits, PeerTrust, Transport};
use crate::tls;
use bytes::{Bytes, BytesMut};
use quinn_proto as quic;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How far time goes at once.
const STEP: Duration = Duration::from_millis(1);
const ONE_WAY: Duration = Duration::from_millis(5);
const KEEP_ALIVE: Duration = Duration::from_secs(10);
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
const SERVER: ([u8; 4], u16) = ([192, 0, 2, 1], 443);

/// One end: what the worker does with a connection, as far as it matters here.
struct End {
    endpoint: quic::Endpoint,
    connection: Option<Connection>,
    /// HTTP Datagrams received.
    datagrams: u64,
}

struct Packet {
    arrives: Instant,
    from: SocketAddr,
    to: SocketAddr,
    bytes: Vec<u8>,
}

struct Network {
    now: Instant,
    caller: End,
    server: End,
    caller_address: SocketAddr,
    under_way: Vec<Packet>,
    /// Nothing passes before.
    dead_until: Instant,
}

fn limits() -> PeerLimits {
    PeerLimits {
        requests_per_connection: 4,
        capsule_bytes: 65536,
        capsules_per_second: 100,
        capsule_burst: 200,
    }
}

impl End {
    fn new(config: Option<Arc<quic::ServerConfig>>) -> Self {
        let mut endpoint = quic::EndpointConfig::new(tls::reset_key(None));
        endpoint.cid_generator(|| Box::new(quic::RandomConnectionIdGenerator::new(8)));
        let endpoint = quic::Endpoint::new(Arc::new(endpoint), config, true, None);
        Self { endpoint, connection: None, datagrams: 0 }
    }

    fn own(&mut self, (handle, quic): (quic::ConnectionHandle, quic::Connection), now: Instant) {
        let id = handle.0 as u64;
        self.connection = Some(Connection::new(id, handle, quic, limits(), Arc::default(), now));
    }

    fn receive(&mut self, packet: &Packet, now: Instant) {
        let mut response = Vec::new();
        let bytes = BytesMut::from(packet.bytes.as_slice());
        match self.endpoint.handle(now, packet.from, None, None, bytes, &mut response) {
            Some(quic::DatagramEvent::ConnectionEvent(_, event)) => {
                self.connection.as_mut().expect("a connection").quic.handle_event(event);
            }
            Some(quic::DatagramEvent::NewConnection(incoming)) => {
                let accepted = self.endpoint.accept(incoming, now, &mut response, None);
                self.own(accepted.expect("accepted"), now);
            }
            _ => {}
        }
    }

    /// Returns what is sent, and where to.
    fn drive(&mut self, now: Instant) -> Vec<(SocketAddr, Vec<u8>)> {
        let Some(connection) = &mut self.connection else { return Vec::new() };
        if connection.quic.poll_timeout().is_some_and(|at| at <= now) {
            connection.quic.handle_timeout(now);
        }
        while connection.quic.poll().is_some() {}
        while connection.quic.datagrams().recv().is_some() {
            self.datagrams += 1;
        }
        connection.keep_alive(now);
        while let Some(event) = connection.quic.poll_endpoint_events() {
            if let Some(event) = self.endpoint.handle_event(connection.handle, event) {
                connection.quic.handle_event(event);
            }
        }
        let mut sent = Vec::new();
        let mut buffer = Vec::new();
        while let Some(transmit) = connection.quic.poll_transmit(now, 1, &mut buffer) {
            sent.push((transmit.destination, std::mem::take(&mut buffer)));
        }
        sent
    }
}

impl Network {
    /// A caller and a server that have shaken hands.
    fn new() -> Self {
        let now = Instant::now();
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("certificate");
        let anchors_pem = made.cert.pem();
        let certificate =
            Certificate { chain_pem: anchors_pem.clone(), key_pem: made.signing_key.serialize_pem() };
        let transport = Transport {
            idle_timeout: IDLE_TIMEOUT,
            keep_alive: Some(KEEP_ALIVE),
            congestion_control: CongestionControl::Adaptive,
        };
        let listener = Listener {
            address: SERVER.into(),
            certificate,
            trust: PeerTrust::default(),
            transport: Transport { keep_alive: None, ..transport.clone() },
            limits: limits(),
            max_connections: 1,
            retry_above_handshakes: 1,
            unauthenticated: IDLE_TIMEOUT,
        };
        let connector = Connector {
            remote: SERVER.into(),
            peer_name: "localhost".into(),
            anchors_pem,
            certificate: None,
            transport,
            limits: limits(),
            mark: None,
        };
        let server = End::new(Some(tls::server_config(&listener).expect("server's configuration")));
        let mut caller = End::new(None);
        let config = tls::client_config(&connector).expect("caller's configuration");
        let begun = caller.endpoint.connect(now, config, SERVER.into(), "localhost");
        caller.own(begun.expect("a connection"), now);
        let caller_address = SocketAddr::from(([198, 51, 100, 7], 40_000));
        let mut network =
            Self { now, caller, server, caller_address, under_way: Vec::new(), dead_until: now };
        network.pass(Duration::from_secs(5), |_| {});
        network
    }

    /// The caller's port becomes another one; what is under way is lost, and all else for a tenth of a second.
    fn rebind(&mut self) {
        self.caller_address.set_port(self.caller_address.port() + 1);
        self.dead_until = self.now + Duration::from_millis(100);
        self.under_way.clear();
    }

    /// Lets time go by; `act` is called at each step.
    fn pass(&mut self, time: Duration, mut act: impl FnMut(&mut Self)) {
        let end = self.now + time;
        while self.now < end {
            self.now += STEP;
            act(self);
            let now = self.now;
            let (arrived, later) =
                std::mem::take(&mut self.under_way).into_iter().partition(|packet| packet.arrives <= now);
            self.under_way = later;
            for packet in &arrived {
                if packet.to == SERVER.into() {
                    self.server.receive(packet, now);
                } else if packet.to == self.caller_address {
                    self.caller.receive(packet, now);
                }
            }
            for (to, bytes) in self.caller.drive(now) {
                self.send(self.caller_address, to, bytes);
            }
            for (to, bytes) in self.server.drive(now) {
                self.send(SERVER.into(), to, bytes);
            }
        }
    }

    fn send(&mut self, from: SocketAddr, to: SocketAddr, bytes: Vec<u8>) {
        if self.now >= self.dead_until {
            self.under_way.push(Packet { arrives: self.now + ONE_WAY, from, to, bytes });
        }
    }

    /// The server has a few more datagrams for the caller.
    fn download(&mut self) {
        self.send_datagrams(2);
    }

    fn send_datagrams(&mut self, count: usize) {
        let connection = self.server.connection.as_mut().expect("a connection");
        for _ in 0..count {
            // What does not fit any more is dropped, as a queue would.
            let _full = connection.quic.datagrams().send(Bytes::from_static(&[0; 1000]), true);
        }
    }

    /// How long nothing arrives at the caller while the server has something for it.
    fn pause(&mut self) -> Duration {
        let (began, before) = (self.now, self.caller.datagrams);
        while self.caller.datagrams == before && self.now < began + IDLE_TIMEOUT {
            self.pass(STEP, Self::download);
        }
        self.now - began
    }

    /// PINGs of the caller while the server has a little for it every other second, or nothing.
    fn pings(&mut self, time: Duration, datagrams: usize) -> u64 {
        let sent = |network: &Self| {
            network.caller.connection.as_ref().expect("a connection").quic.stats().frame_tx.ping
        };
        let before = sent(self);
        let end = self.now + time;
        while self.now < end {
            self.send_datagrams(datagrams);
            self.pass(Duration::from_secs(2), |_| {});
        }
        sent(self) - before
    }
}

#[test]
fn a_download_goes_on_soon_after_the_callers_port_has_changed() {
    let mut network = Network::new();
    network.pass(Duration::from_secs(1), Network::download);
    network.rebind();
    let pause = network.pause();
    assert!(pause < KEEP_ALIVE / 5, "{pause:?}");
}

#[test]
fn so_it_does_after_a_second_change_right_after_the_first() {
    let mut network = Network::new();
    network.pass(Duration::from_secs(1), Network::download);
    network.rebind();
    network.pause();
    // The question is answered, so that nothing of the caller's is under way again.
    network.pass(Duration::from_millis(100), |_| {});
    network.rebind();
    let pause = network.pause();
    assert!(pause < KEEP_ALIVE / 3, "{pause:?}");
}

#[test]
fn a_tunnel_without_a_download_costs_no_more_than_its_keep_alives() {
    let mut network = Network::new();
    assert_eq!(network.pings(KEEP_ALIVE * 6, 0), 6);
    // The server is heard more often than it would have to be kept from forgetting us.
    assert_eq!(network.pings(KEEP_ALIVE * 6, 4), 0);
}

#[test]
fn after_a_download_it_asks_three_times() {
    let mut network = Network::new();
    network.pass(Duration::from_secs(1), Network::download);
    assert_eq!(network.pings(KEEP_ALIVE, 0), u64::from(super::QUESTIONS));
    assert_eq!(network.pings(KEEP_ALIVE * 6, 0), 6);
}
