//! A bottleneck, flows that share it, and a tunnel in front of it.

use super::super::adaptive::Adaptive;
use super::flow::{Flow, Kind};
use super::{PACKET, Path};
use crate::queue::{Patience, Queue};
use bytes::Bytes;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::{Duration, Instant};

/// Bytes that the tunnel adds to a packet.
const OVERHEAD: f64 = 60.0;
const PING: usize = usize::MAX;
/// How late reordered packets are, and how long each of several rates lasts; seconds.
const LATE: f64 = 0.002;
const RATE_STEP: f64 = 0.5;

#[derive(Clone, Copy)]
pub(super) struct Packet {
    flow: usize,
    number: u64,
    sent: f64,
}

#[derive(Clone, Copy)]
pub(super) enum Happening {
    Send(usize),
    TimeOut(usize),
    Ping,
    Arrive { packet: Packet, outer: Option<u64> },
    Acknowledge { flow: usize, number: u64 },
    AcknowledgeOuter(u64),
    Pace,
}

/// See the module.
pub(super) struct Simulation {
    now: f64,
    start: Instant,
    path: Path,
    chance: u64,
    burst_left: u32,
    busy_until: f64,
    pub(super) flows: Vec<Flow>,
    agenda: BinaryHeap<Reverse<(u64, u64)>>,
    happenings: Vec<Happening>,
    controller: Adaptive,
    queue: Queue,
    waiting: Vec<Packet>,
    outer_next: u64,
    outer_newest: u64,
    outer_in_flight: BTreeMap<u64, f64>,
    limited: bool,
    tokens: f64,
    tokens_at: f64,
    smoothed_rtt: f64,
    pacing: bool,
    unacknowledged: Vec<u64>,
    pub(super) pings: Vec<f64>,
    pub(super) pings_sent: usize,
}

impl Simulation {
    pub(super) fn new(path: Path, seed: u64, flows: Vec<Flow>) -> Self {
        let start = Instant::now();
        Self {
            now: 0.0,
            start,
            path,
            chance: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            burst_left: 0,
            busy_until: 0.0,
            flows,
            agenda: BinaryHeap::new(),
            happenings: Vec::new(),
            controller: Adaptive::new(start, 1452),
            queue: Queue::default(),
            waiting: Vec::new(),
            outer_next: 0,
            outer_newest: 0,
            outer_in_flight: BTreeMap::new(),
            limited: true,
            tokens: 0.0,
            tokens_at: 0.0,
            smoothed_rtt: path.rtt,
            pacing: false,
            unacknowledged: Vec::new(),
            pings: Vec::new(),
            pings_sent: 0,
        }
    }

    fn at(&self, seconds: f64) -> Instant {
        self.start + Duration::from_secs_f64(seconds)
    }

    fn chance(&mut self) -> f64 {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        (self.chance >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub(super) fn plan(&mut self, at: f64, happening: Happening) {
        self.agenda.push(Reverse(((at * 1e9) as u64, self.happenings.len() as u64)));
        self.happenings.push(happening);
    }

    /// Goes on until so many seconds after the start.
    pub(super) fn run(&mut self, until: f64) {
        while let Some(Reverse((at, index))) = self.agenda.peek().copied() {
            if at as f64 > until * 1e9 {
                break;
            }
            self.agenda.pop();
            self.now = at as f64 * 1e-9;
            self.happen(self.happenings[index as usize]);
        }
    }

    fn happen(&mut self, happening: Happening) {
        let (now, way) = (self.now, self.path.rtt / 2.0);
        match happening {
            Happening::Send(flow) => {
                self.send(flow);
                if let Kind::Blast { megabits } = self.flows[flow].kind {
                    self.plan(now + PACKET / (megabits * 125_000.0), happening);
                }
            }
            Happening::TimeOut(flow) => {
                self.flows[flow].time_out(now);
                if self.flows[flow].kind == Kind::Cubic {
                    self.send(flow);
                }
                self.plan(now + 0.05, happening);
            }
            Happening::Ping => {
                let packet = Packet { flow: PING, number: 0, sent: now };
                self.pings_sent += 1;
                self.enqueue(packet);
                self.fill();
                self.plan(now + 0.02, happening);
            }
            Happening::Arrive { packet, outer } => {
                if let Some(number) = outer {
                    self.unacknowledged.push(number);
                }
                if self.unacknowledged.len() >= 2 {
                    for number in std::mem::take(&mut self.unacknowledged) {
                        self.plan(now + way, Happening::AcknowledgeOuter(number));
                    }
                }
                match self.flows.get_mut(packet.flow) {
                    None => self.pings.push(now + way - packet.sent),
                    Some(flow) if flow.kind == Kind::Cubic => {
                        let (flow, number) = (packet.flow, packet.number);
                        self.plan(now + way, Happening::Acknowledge { flow, number });
                    }
                    Some(flow) => flow.arrived += PACKET,
                }
            }
            Happening::Acknowledge { flow, number } => {
                self.flows[flow].acknowledged(now, number);
                self.send(flow);
            }
            Happening::AcknowledgeOuter(number) => self.acknowledge_outer(number),
            Happening::Pace => {
                self.pacing = false;
                self.fill();
            }
        }
    }

    fn send(&mut self, index: usize) {
        let flow = &mut self.flows[index];
        let count = match flow.kind {
            Kind::Blast { .. } => 1,
            Kind::Cubic => (flow.window as usize).saturating_sub(flow.in_flight.len()),
        };
        let in_tunnel = flow.in_tunnel;
        for _ in 0..count {
            let flow = &mut self.flows[index];
            let packet = Packet { flow: index, number: flow.next, sent: self.now };
            flow.next += 1;
            if flow.kind == Kind::Cubic {
                flow.in_flight.insert(packet.number, self.now);
            }
            if in_tunnel {
                self.enqueue(packet);
            } else {
                self.depart(packet, None);
            }
        }
        if in_tunnel {
            self.fill();
        }
    }

    /// The packet's index in `waiting` is what the queue carries.
    fn enqueue(&mut self, packet: Packet) {
        let mut datagram = vec![0; if packet.flow == PING { 100 } else { PACKET as usize }];
        datagram[..8].copy_from_slice(&(self.waiting.len() as u64).to_le_bytes());
        self.waiting.push(packet);
        let now = self.at(self.now);
        self.queue.push(packet.flow as u32, Bytes::from(datagram), now);
    }

    fn depart(&mut self, packet: Packet, outer: Option<u64>) {
        let steps = self.path.megabits;
        let step = (self.busy_until.max(self.now) / RATE_STEP) as usize % steps.len();
        let rate = steps[step] * 125_000.0;
        let limit = self.path.queue * steps.iter().copied().fold(0.0, f64::max) * 125_000.0 * self.path.rtt;
        let size = PACKET + if outer.is_some() { OVERHEAD } else { 0.0 };
        let lost = self.burst_left > 0 || self.chance() < self.path.loss / f64::from(self.path.burst);
        if lost {
            self.burst_left = if self.burst_left > 0 { self.burst_left } else { self.path.burst } - 1;
        } else if (self.busy_until - self.now).max(0.0) * rate + size <= limit {
            self.busy_until = self.busy_until.max(self.now) + size / rate;
            let late = if self.chance() < self.path.reordered { LATE } else { 0.0 };
            self.plan(self.busy_until + self.path.rtt / 2.0 + late, Happening::Arrive { packet, outer });
        }
    }

    /// What QUIC does with the window: at most so much in flight, paced at 1.25 windows a round trip.
    fn fill(&mut self) {
        let size = PACKET + OVERHEAD;
        let patience = Patience::for_rtt(Duration::from_secs_f64(self.smoothed_rtt));
        loop {
            let window = self.controller.window() as f64;
            let speed = 1.25 * window / self.smoothed_rtt;
            let most = (0.002 * window / self.smoothed_rtt).clamp(10.0 * size, 256.0 * size);
            self.tokens = (self.tokens + speed * (self.now - self.tokens_at)).min(most);
            self.tokens_at = self.now;
            if self.outer_in_flight.len() as f64 * size + size > window {
                self.limited = self.queue.is_empty();
                break;
            }
            if self.tokens < size {
                self.limited = self.queue.is_empty();
                if !self.pacing && !self.limited {
                    self.pacing = true;
                    self.plan(self.now + 2e-5 + (size - self.tokens) / speed, Happening::Pace);
                }
                break;
            }
            let now = self.at(self.now);
            let Some((datagram, _)) = self.queue.pop(now, &patience, &mut 0) else {
                self.limited = true;
                break;
            };
            let index = u64::from_le_bytes(*datagram.first_chunk().expect("an index")) as usize;
            self.outer_next += 1;
            self.tokens -= size;
            self.controller.sent(now, self.outer_next);
            self.outer_in_flight.insert(self.outer_next, self.now);
            self.depart(self.waiting[index], Some(self.outer_next));
        }
        let oldest = self.now - 3.0 * self.smoothed_rtt - 0.2;
        while let Some(entry) = self.outer_in_flight.first_entry().filter(|entry| *entry.get() < oldest) {
            entry.remove();
            self.controller.lost(self.start, size as u64, false);
        }
    }

    fn acknowledge_outer(&mut self, number: u64) {
        let Some(sent) = self.outer_in_flight.remove(&number) else { return };
        let size = (PACKET + OVERHEAD) as u64;
        self.smoothed_rtt = 0.875 * self.smoothed_rtt + 0.125 * (self.now - sent);
        self.outer_newest = self.outer_newest.max(number);
        let now = self.at(self.now);
        self.controller.acknowledged(now, self.at(sent), size);
        let before = self.outer_in_flight.len();
        self.outer_in_flight = self.outer_in_flight.split_off(&self.outer_newest.saturating_sub(2));
        let lost = before - self.outer_in_flight.len();
        let in_flight = self.outer_in_flight.len() as u64 * size;
        self.controller.acknowledged_all(now, in_flight, self.limited, Some(self.outer_newest));
        if lost > 0 {
            self.controller.lost(now, lost as u64 * size, false);
        }
        self.fill();
    }

    /// Bytes that flows inside or outside the tunnel have got through.
    pub(super) fn arrived(&self, in_tunnel: bool) -> f64 {
        self.flows.iter().filter(|flow| flow.in_tunnel == in_tunnel).map(|flow| flow.arrived).sum()
    }
}
