//! Two engines with a tunnel between them, and what a TCP flow through it looks like to them.

use super::counting::Tally;
use crate::command::Command;
use crate::engine::tests::{Party, identity, listen, open_both};
use crate::options::{Access, End, Forwarding, RouteRange};
use crate::tun::{Info, LARGEST_FRAME, Tun};
use crate::worker::Crew;
use masque_packet::{Direction, RemoteMatch, Rule, VnetHeader, checksum, vnet};
use std::net::{IpAddr, Ipv4Addr};
use std::os::unix::net::UnixDatagram;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

const CALLER: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 11);
const HOST: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);
const HEADERS: usize = 40;
/// Payload of each packet, and packets in each super-packet.
const SEGMENT: usize = 1100;
const SEGMENTS: usize = 40;
/// Bytes under way at most, as TCP would have it.
const WINDOW: u32 = 512 << 10;
/// After which TCP would send again.
const LOST: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(10);

/// See the module.
pub struct Tunnel {
    caller: Party,
    server: Party,
    /// The other ends of what the engines take for their TUNs.
    near: UnixDatagram,
    far: UnixDatagram,
    sequence: u32,
}

impl Tunnel {
    /// A tunnel whose workers' allocations go to `tally`.
    pub fn new(tally: &'static Tally) -> Self {
        let (mut server, mut caller) = (Party::new(), Party::new());
        let certificate = identity();
        let anchor = certificate.chain_pem.clone();
        let address = listen(&server, certificate);
        let (_, session, asked) = open_both(&mut caller, &mut server, address, &anchor);
        let (near, far) = (give_tun(&caller), give_tun(&server));
        near.set_read_timeout(Some(LOST)).expect("a time-out");
        let anything = Rule {
            id: 1,
            allows: true,
            opened: Direction::FromPeer,
            remote: RemoteMatch::Any,
            protocol: 0,
            ports: Vec::new(),
        };
        server.engine.set_rules(1, vec![anything]).expect("rules");
        let forwarding = |end, access| Forwarding {
            end,
            assigned: vec![(IpAddr::V4(CALLER), 32)],
            routes: vec![RouteRange {
                start: Ipv4Addr::UNSPECIFIED.into(),
                end: Ipv4Addr::BROADCAST.into(),
                protocol: 0,
            }],
            peers: Vec::new(),
            behind: Vec::new(),
            access,
            own_ipv4: None,
            own_ipv6: None,
        };
        let access = Access { rules: 1, labels: Vec::new(), from_peer: Vec::new(), to_peer: Vec::new() };
        server.engine.update(asked, &forwarding(End::Proxy, Some(access))).expect("forwarding");
        caller.engine.update(session, &forwarding(End::Requester, None)).expect("forwarding");
        for party in [&caller, &server] {
            party.engine.crew[0].commands.push(Command::Run(Box::new(|| tally.watch_this_thread())));
        }
        Self { caller, server, near, far, sequence: 1 }
    }

    /// What both ends count.
    pub fn crews(&self) -> [Crew; 2] {
        [&self.caller, &self.server].map(|party| party.engine.crew.clone())
    }

    /// Has `packets` cross the tunnel from the caller to the server, each super-packet that arrives answered
    /// by an acknowledgement.
    pub fn carry(&mut self, packets: u64) {
        let (near, far) = (&self.near, &self.far);
        let mut sequence = self.sequence;
        let done = AtomicBool::new(false);
        let arrived_to = (Mutex::new(sequence), Condvar::new());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Relaxed) {
                    let seen = arrived_to.0.lock().expect("whole");
                    // When all that is under way is lost, one goes on after a while.
                    let far_ahead = |seen: &mut u32| sequence.wrapping_sub(*seen) > WINDOW;
                    drop(arrived_to.1.wait_timeout_while(seen, LOST, far_ahead));
                    let frame = super_packet(sequence);
                    sequence = sequence.wrapping_add((SEGMENT * SEGMENTS) as u32);
                    near.send(&frame).expect("sent");
                }
            });
            scope.spawn(|| {
                let mut buffer = vec![0; LARGEST_FRAME];
                while !done.load(Relaxed) {
                    // Acknowledgements.
                    let _none_in_time = near.recv(&mut buffer);
                }
            });
            let _end = Done(&done);
            let mut buffer = vec![0; LARGEST_FRAME];
            let mut arrived = 0;
            while arrived < packets {
                let n = far.recv(&mut buffer).expect("packets in time");
                let at = vnet::LENGTH + 24;
                let seen = buffer[at..at + 4].try_into().map(u32::from_be_bytes).expect("a number");
                *arrived_to.0.lock().expect("whole") = seen;
                arrived_to.1.notify_one();
                arrived += ((n - vnet::LENGTH - HEADERS) / SEGMENT) as u64;
                far.send(&acknowledgement()).expect("sent");
            }
        });
        self.sequence = sequence;
    }
}

/// Ends the other threads, also when this one fails.
pub struct Done<'a>(pub &'a AtomicBool);

impl Drop for Done<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}

/// Gives an engine a TUN whose other end is returned.
fn give_tun(party: &Party) -> UnixDatagram {
    let (ours, theirs) = UnixDatagram::pair().expect("a pair of sockets");
    theirs.set_nonblocking(true).expect("not blocking");
    ours.set_read_timeout(Some(PATIENCE)).expect("a time-out");
    let info = Info {
        name: "tun".into(),
        index: 0,
        vnet_header: true,
        tcp: true,
        udp: true,
        queues: false,
        steering: false,
    };
    let tun = Tun::adopt(theirs.into(), info);
    let lost = Arc::new(AtomicBool::new(false));
    party.engine.crew[0].commands.push(Command::Tun { tun, backpressure: true, lost });
    ours
}

fn packet(source: Ipv4Addr, destination: Ipv4Addr, sequence: u32, payload: usize) -> Vec<u8> {
    let mut packet = vec![0; HEADERS + payload];
    packet[0] = 0x45;
    packet[2..4].copy_from_slice(&((HEADERS + payload) as u16).to_be_bytes());
    // Don't fragment.
    packet[6] = 0x40;
    packet[8] = 64;
    packet[9] = 6;
    packet[12..16].copy_from_slice(&source.octets());
    packet[16..20].copy_from_slice(&destination.octets());
    let sum = checksum::complement(checksum::sum(&packet[..20], 0));
    packet[10..12].copy_from_slice(&sum);
    packet[20..24].copy_from_slice(&[0x9c, 0x40, 0x01, 0xbb]);
    packet[24..28].copy_from_slice(&sequence.to_be_bytes());
    // Header length and ACK.
    packet[32..34].copy_from_slice(&[0x50, 0x10]);
    packet
}

/// Data as the kernel hands it over: to be cut, its checksum to be completed.
fn super_packet(sequence: u32) -> Vec<u8> {
    let header = VnetHeader {
        flags: vnet::NEEDS_CSUM,
        gso_type: vnet::GSO_TCPV4,
        header_length: HEADERS as u16,
        gso_size: SEGMENT as u16,
        checksum_start: 20,
        checksum_offset: 16,
    };
    [header.to_bytes().as_slice(), &packet(CALLER, HOST, sequence, SEGMENT * SEGMENTS)].concat()
}

fn acknowledgement() -> Vec<u8> {
    let header =
        VnetHeader { flags: vnet::NEEDS_CSUM, checksum_start: 20, checksum_offset: 16, ..Default::default() };
    let mut packet = packet(HOST, CALLER, 1, 0);
    packet[20..24].rotate_left(2);
    [header.to_bytes().as_slice(), &packet].concat()
}
