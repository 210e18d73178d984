//! A worker: one thread that owns a UDP socket, a TUN queue and the connections between them.
//!
//! A turn: commands, what other workers hand over, UDP in, timers, TUN in, then every connection with
//! something to do: events, datagrams from its sessions' queues in turn, packets out; at last, what belongs
//! to other workers. Whatever is left over keeps the next turn from waiting.

mod access;
mod commands;
mod connections;
mod handover;
mod inbound;
mod mtu;
mod outbound;
mod owners;
mod peers;
mod recovery;
mod scheduling;
mod sessions;
mod shared;
mod switching;
mod tun_port;

pub use shared::{Crew, Shared};

use crate::access::Access;
use crate::command::{Admission, Command};
use crate::connection::Connection;
use crate::handover::Parcel;
use crate::poll::{Interest, Poll};
use crate::session::Session;
use crate::slabs::Slabs;
use crate::timers::Timers;
use crate::udp::{Received, Sent, Udp};
use masque_packet::PrefixTable;
use owners::{Elsewhere, Owner};
use quinn_proto as quic;
use slab::Slab;
use std::collections::{HashMap, VecDeque};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tun_port::TunPort;

/// Receive calls in one turn: enough for one acknowledgement per batch, few enough to stay fair.
const RECEIVES_PER_TURN: usize = 8;
/// GSO sends of one connection in one turn.
const SENDS_PER_TURN: usize = 4;
/// Packets in one GSO send.
const SEGMENTS_PER_SEND: usize = 45;
/// Longest wait without any deadline.
const IDLE_WAIT: Duration = Duration::from_secs(60);

struct Net {
    endpoint: quic::Endpoint,
    udp: Udp,
    reset_key: Arc<dyn quic::crypto::HmacKey>,
}

struct Listening {
    admission: Admission,
    accepting: bool,
}

/// A send that the socket had no room for.
struct Blocked {
    transmit: quic::Transmit,
    contents: Vec<u8>,
}

/// See the module.
pub struct Worker {
    shared: Arc<Shared>,
    /// All workers' shares, this one's among them.
    crew: Crew,
    /// Parcels for each of them, until the end of the turn.
    outboxes: Vec<Vec<Parcel>>,
    /// Memory of what was handed over.
    parcels: Vec<Parcel>,
    poll: Poll,
    net: Option<Net>,
    server_config: Option<Arc<quic::ServerConfig>>,
    listening: Option<Listening>,
    tun: Option<Box<TunPort>>,
    connections: Vec<Option<Box<Connection>>>,
    connection_keys: HashMap<u64, usize>,
    sessions: Slab<Session>,
    session_keys: HashMap<u64, usize>,
    /// Which session a packet from the TUN goes to, by destination.
    owners: PrefixTable<Owner>,
    /// Sessions of other workers that have prefixes.
    elsewhere: HashMap<u64, Elsewhere>,
    /// The version of the claims that `owners` shows.
    heeded: u64,
    /// Sessions that we asked for.
    requested_sessions: Vec<usize>,
    access: Access,
    recent: Option<access::Recent>,
    /// Memory of packets between sessions.
    switched: Slabs,
    /// When expired flows were last looked for.
    swept: Instant,
    timers: Timers,
    dirty: Vec<usize>,
    /// Memory for the next turn's.
    driven: Vec<usize>,
    blocked: Option<Blocked>,
    transmit_buffer: Vec<u8>,
    response_buffer: Vec<u8>,
    icmp_buffer: Vec<u8>,
    /// When this turn's first datagram arrived, and packets written since.
    inbound_batch: Option<(Instant, u64)>,
    /// When the last wait ended.
    woken: Instant,
    /// Commands that were taken and have not run; a panic of one leaves the rest.
    taken: VecDeque<Command>,
    closing: bool,
}

fn nanoseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

impl Worker {
    /// The worker with this number, without socket or TUN.
    pub fn new(crew: Crew, index: usize) -> std::io::Result<Self> {
        let shared = crew[index].clone();
        let workers = crew.len();
        let mut poll = Poll::new()?;
        let readable = Interest { readable: true, writable: false };
        poll.watch(shared.commands.waker.as_raw_fd(), readable)?;
        let now = Instant::now();
        Ok(Self {
            shared,
            crew,
            outboxes: (0..workers).map(|_| Vec::new()).collect(),
            parcels: Vec::new(),
            poll,
            net: None,
            server_config: None,
            listening: None,
            tun: None,
            connections: Vec::new(),
            connection_keys: HashMap::new(),
            sessions: Slab::new(),
            session_keys: HashMap::new(),
            owners: PrefixTable::new(),
            elsewhere: HashMap::new(),
            heeded: 0,
            requested_sessions: Vec::new(),
            access: Access::new(workers, now),
            recent: None,
            switched: Slabs::default(),
            swept: now,
            timers: Timers::default(),
            dirty: Vec::new(),
            driven: Vec::new(),
            blocked: None,
            transmit_buffer: Vec::with_capacity(65536),
            response_buffer: Vec::with_capacity(2048),
            icmp_buffer: Vec::with_capacity(1280),
            inbound_batch: None,
            woken: now,
            taken: VecDeque::new(),
            closing: false,
        })
    }

    /// Works until told to close. A panic ends all sessions and connections with a cause, is counted,
    /// and the work goes on with the same socket, TUN and listener.
    pub fn run(mut self) {
        loop {
            let turns = std::panic::AssertUnwindSafe(|| while self.turn() {});
            match std::panic::catch_unwind(turns) {
                Ok(()) => return,
                Err(_) => self.recover(),
            }
        }
    }

    /// One turn; false when closed. Only what the wait before it found ready is read: an attempt in vain
    /// costs a packet that comes alone as much as its own read.
    fn turn(&mut self) -> bool {
        self.run_commands();
        if self.closing {
            self.close_everything();
            return false;
        }
        self.take_parcels();
        if self.net.as_ref().is_some_and(|net| self.poll.is_ready(net.udp.as_raw_fd())) {
            self.receive();
        }
        self.expire_timers();
        if self.tun.as_ref().is_some_and(|port| self.poll.is_ready(port.tun.as_raw_fd())) {
            self.read_tun();
        }
        self.drive_dirty();
        self.flush_tun();
        self.settle_access();
        self.hand_over();
        self.audit();
        self.retry_blocked();
        self.wait();
        true
    }

    /// Every packet is somewhere now: whoever looks during the next turn sees what was found here.
    fn audit(&self) {
        let totals = &self.shared.registry.totals;
        totals.inbound.audit();
        totals.outbound.audit();
    }

    /// Waits for the next turn's work; only looks, if some is left over.
    fn wait(&mut self) {
        let mut watched = Ok(());
        if let Some(net) = &self.net {
            let readable = net.udp.steered() || !self.is_anybody_behind();
            let interest = Interest { readable, writable: self.blocked.is_some() };
            watched = self.poll.watch(net.udp.as_raw_fd(), interest);
        }
        if let (Some(port), Ok(())) = (&self.tun, &watched)
            && port.tun.reads()
        {
            let interest = Interest { readable: self.wants_packets(port), writable: false };
            watched = self.poll.watch(port.tun.as_raw_fd(), interest);
        }
        if watched.is_err() {
            // Out of kernel memory for epoll: poll by time rather than spin or die.
            self.shared.registry.totals.udp_errors.add(1);
            self.poll.wait(Duration::from_millis(1));
            return;
        }
        let now = Instant::now();
        let left_over = !self.dirty.is_empty() && self.blocked.is_none();
        let deadline = [left_over.then_some(now), self.timers.next(), self.sweep_due()];
        let deadline = deadline.into_iter().flatten().min();
        let timeout = deadline.map_or(IDLE_WAIT, |at| at.saturating_duration_since(now));
        let totals = &self.shared.registry.totals;
        totals.busy_nanoseconds.add(nanoseconds(now - self.woken));
        self.poll.wait(timeout);
        // Before commands are taken: whoever adds one later makes it readable again.
        if self.poll.is_ready(self.shared.commands.waker.as_raw_fd()) {
            self.shared.commands.waker.clear();
        }
        self.woken = Instant::now();
        totals.wait_nanoseconds.add(nanoseconds(self.woken - now));
    }

    /// Receives a few batches from the socket. Where the kernel does not steer, what belongs to others stays in
    /// it while they are behind.
    fn receive(&mut self) {
        let behind = self.is_anybody_behind();
        for _ in 0..RECEIVES_PER_TURN {
            let Some(net) = &mut self.net else { break };
            if behind && !net.udp.steered() {
                break;
            }
            let received = match net.udp.receive() {
                Ok(Some(received)) => received,
                Ok(None) => break,
                Err(_) => {
                    // ICMP errors of earlier sends show up here; QUIC has its own timers.
                    self.shared.registry.totals.udp_errors.add(1);
                    continue;
                }
            };
            let now = Instant::now();
            let totals = &self.shared.registry.totals;
            totals.udp_receive_calls.add(1);
            let datagrams = received.data.len().div_ceil(received.stride);
            totals.udp_datagrams_received.add(datagrams as u64);
            self.sort(received, now);
        }
    }

    /// Datagrams that belong here.
    fn handle_received(&mut self, received: Received, now: Instant) {
        self.inbound_batch.get_or_insert((now, 0));
        let mut rest = received.data;
        while !rest.is_empty() {
            let datagram = rest.split_to(received.stride.min(rest.len()));
            self.handle_udp(now, received.remote, received.local, received.ecn, datagram);
        }
    }

    fn expire_timers(&mut self) {
        let now = Instant::now();
        while let Some(key) = self.timers.expired(now) {
            if let Some(connection) = self.connections.get_mut(key).and_then(Option::as_mut) {
                connection.deadline = None;
                connection.quic.handle_timeout(now);
                self.mark_dirty(key);
            }
        }
    }

    fn drive_dirty(&mut self) {
        let mut keys = std::mem::replace(&mut self.dirty, std::mem::take(&mut self.driven));
        for key in keys.drain(..) {
            self.drive(key);
        }
        self.driven = keys;
    }

    fn mark_dirty(&mut self, key: usize) {
        if let Some(connection) = self.connections.get_mut(key).and_then(Option::as_mut)
            && !connection.dirty
        {
            connection.dirty = true;
            self.dirty.push(key);
        }
    }

    fn retry_blocked(&mut self) {
        if let (Some(net), Some(blocked)) = (&mut self.net, &self.blocked)
            && net.udp.send(&blocked.transmit, &blocked.contents) != Sent::Blocked
        {
            self.blocked = None;
        }
    }
}
