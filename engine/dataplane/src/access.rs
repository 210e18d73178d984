//! What sessions may do: rule sets and meters by number, flows by session, samples of new flows.
//! A worker's own; nothing here is locked or allocated for a packet of a known flow, but for a slice of a meter
//! now and then.

use crate::event::FlowSample;
use crate::meter::Meter;
use crate::options;
use masque_packet::rules::has_ports;
use masque_packet::{
    Admission, Direction, FlowTable, IdMap, Packet, Question, Remote, RuleSet, TokenBucket, Trace,
};
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Flows of one session.
const SESSION_FLOWS: usize = 8192;
/// Flows of all sessions; beyond them each session keeps to its share, so that none takes another's.
const WORKER_FLOWS: usize = 1 << 18;
/// Samples a second, of allowed and of refused flows each, by all workers together.
const SAMPLES: u32 = 50;
/// Between two samples of one kind from one session.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(100);

/// One session's part.
pub struct SessionAccess {
    session: u64,
    plain: options::Access,
    generation: u32,
    flows: FlowTable,
    /// When a flow was last sampled: refused, allowed.
    sampled: [Option<Instant>; 2],
}

/// Rules under the generation in which they came into force.
struct Rules {
    set: Arc<RuleSet>,
    generation: u32,
}

/// See the module.
pub struct Access {
    rules: IdMap<Rules>,
    meters: IdMap<Meter>,
    /// Counts changes of rules and sessions: flows judged before are judged again.
    generation: u32,
    /// The last change that took rules away.
    dropped: u32,
    flows: usize,
    sessions: usize,
    began: Instant,
    /// Secret of the flow tables.
    seeds: RandomState,
    /// Samples that may be taken: refused, allowed.
    budgets: [TokenBucket; 2],
    samples: Vec<FlowSample>,
    samples_lost: u64,
}

/// A packet of a session.
#[derive(Clone, Copy)]
pub struct Arrival<'a> {
    /// The packet.
    pub packet: &'a Packet<'a>,
    /// Which way it goes.
    pub direction: Direction,
    /// Its flow, seen from that session.
    pub trace: Option<Trace>,
    /// When.
    pub now: Instant,
}

impl<'a> Arrival<'a> {
    /// Reads the packet's flow.
    #[inline]
    pub fn new(packet: &'a Packet<'a>, direction: Direction, now: Instant) -> Self {
        Self { packet, direction, trace: Trace::of(packet, direction), now }
    }
}

/// What is said about a packet, and which way its flow was opened.
pub type Answer = (Admission, Direction);

/// The other side of a packet.
#[derive(Clone, Copy)]
pub enum Other<'a> {
    /// No session.
    Host(Remote<'a>),
    /// A session.
    Session {
        /// What rules know it by.
        labels: &'a [u32],
        /// When that was said last.
        generation: u32,
    },
}

impl SessionAccess {
    /// As the other side of a packet.
    pub fn as_other(&self) -> Other<'_> {
        Other::Session { labels: &self.plain.labels, generation: self.generation }
    }
}

impl Access {
    /// Without rules and meters, for one of `workers`.
    pub fn new(workers: usize, now: Instant) -> Self {
        let samples = (SAMPLES / workers.max(1) as u32).max(1);
        let budget = || TokenBucket::new(samples, samples, now);
        Self {
            rules: IdMap::default(),
            meters: IdMap::default(),
            generation: 0,
            dropped: 0,
            flows: 0,
            sessions: 0,
            began: now,
            seeds: RandomState::new(),
            budgets: [budget(), budget()],
            samples: Vec::new(),
            samples_lost: 0,
        }
    }

    /// Counts a change: whatever refers to it is judged again.
    pub fn next_generation(&mut self) -> u32 {
        self.generation += 1;
        self.generation
    }

    /// Defines or replaces rules.
    pub fn set_rules(&mut self, id: u32, set: Arc<RuleSet>) {
        let generation = self.next_generation();
        self.rules.insert(id, Rules { set, generation });
    }

    /// Without its rules a session may do nothing.
    pub fn drop_rules(&mut self, id: u32) {
        if self.rules.remove(&id).is_some() {
            self.dropped = self.next_generation();
        }
    }

    /// Defines or changes a meter that is this worker's own.
    pub fn set_meter(&mut self, id: u32, rate: u64, burst: u64, now: Instant) {
        match self.meters.get_mut(&id) {
            Some(Meter::Own(bucket)) => bucket.change(rate, burst, now),
            _ => self.share_meter(id, Meter::Own(TokenBucket::of_bytes(rate, burst, now))),
        }
    }

    /// Defines or changes a meter that workers share.
    pub fn share_meter(&mut self, id: u32, meter: Meter) {
        self.meters.insert(id, meter);
    }

    /// Lets everything pass from now on.
    pub fn drop_meter(&mut self, id: u32) {
        self.meters.remove(&id);
    }

    /// The state of a session that begins or changes; its flows stay, and are judged again.
    pub fn attach(
        &mut self,
        session: u64,
        plain: Option<options::Access>,
        before: Option<SessionAccess>,
        now: Instant,
    ) -> Option<SessionAccess> {
        let Some(plain) = plain else {
            self.detach(before);
            return None;
        };
        let generation = self.next_generation();
        if let Some(before) = before {
            return Some(SessionAccess { plain, generation, ..before });
        }
        self.sessions += 1;
        let flows = FlowTable::new(self.seeds.hash_one(session), self.seconds(now));
        Some(SessionAccess { session, plain, generation, flows, sampled: [None; 2] })
    }

    /// Forgets a session.
    pub fn detach(&mut self, session: Option<SessionAccess>) {
        if let Some(session) = session {
            self.sessions -= 1;
            self.flows -= session.flows.len();
        }
    }

    /// Forgets all sessions.
    pub fn clear(&mut self) {
        (self.sessions, self.flows) = (0, 0);
    }

    /// How many flows there are.
    pub fn flows(&self) -> usize {
        self.flows
    }

    fn seconds(&self, now: Instant) -> u32 {
        now.saturating_duration_since(self.began).as_secs() as u32
    }

    /// Judges a packet of `own`; says which way its flow was opened as well.
    pub fn admit(&mut self, own: &mut SessionAccess, arrival: &Arrival<'_>, other: Other<'_>) -> Answer {
        let rules = self.rules.get(&own.plain.rules);
        let since = rules.map_or(self.dropped, |rules| rules.generation).max(own.generation);
        let (remote, generation) = match other {
            Other::Host(remote) => (remote, since),
            Other::Session { labels, generation } => (Remote::Session(labels), since.max(generation)),
        };
        let limit = if self.flows < WORKER_FLOWS {
            SESSION_FLOWS
        } else {
            (WORKER_FLOWS / self.sessions.max(1)).clamp(1, SESSION_FLOWS)
        };
        let ask = Question {
            direction: arrival.direction,
            remote,
            rules: rules.map(|rules| &*rules.set),
            generation,
            limit,
            now: self.seconds(arrival.now),
        };
        let before = own.flows.len();
        let answer = own.flows.admit(arrival.packet, arrival.trace, &ask);
        self.flows = self.flows + own.flows.len() - before;
        answer
    }

    /// Forgets a flow that `admit` has just let in.
    pub fn retract(&mut self, own: &mut SessionAccess, trace: Trace) {
        let before = own.flows.len();
        own.flows.remove(&trace.key);
        self.flows -= before - own.flows.len();
    }

    /// Lets some of a session's expired flows go: all of them in eight calls.
    pub fn sweep(&mut self, own: &mut SessionAccess, now: Instant) {
        let before = own.flows.len();
        own.flows.sweep(own.flows.capacity().div_ceil(8), self.seconds(now));
        self.flows -= before - own.flows.len();
    }

    /// Whether the session's meters let a packet of `bytes` pass; all of them, or none counts it.
    #[inline]
    pub fn meter(&mut self, own: &SessionAccess, direction: Direction, bytes: usize, now: Instant) -> bool {
        let meters = match direction {
            Direction::FromPeer => &own.plain.from_peer,
            Direction::ToPeer => &own.plain.to_peer,
        };
        let has = |id| self.meters.get_mut(id).is_none_or(|meter: &mut Meter| meter.has(bytes, now));
        let passes = meters.iter().all(has);
        if passes {
            for id in meters {
                if let Some(meter) = self.meters.get_mut(id) {
                    meter.take(bytes);
                }
            }
        }
        passes
    }

    /// Remembers a flow that was new or refused, to be told of, if there is room for it.
    pub fn sample(
        &mut self,
        own: &mut SessionAccess,
        &Arrival { packet, direction, trace, now }: &Arrival<'_>,
        (admission, opened): Answer,
    ) {
        let (allowed, rule) = match admission {
            Admission::Known => return,
            Admission::New(verdict) => (true, verdict.rule),
            Admission::Refused(verdict) => (false, verdict.rule),
            Admission::Full => (false, None),
        };
        let (last, budget) =
            (&mut own.sampled[usize::from(allowed)], &mut self.budgets[usize::from(allowed)]);
        let recent = last.is_some_and(|last| now.saturating_duration_since(last) < SAMPLE_INTERVAL);
        if recent || !budget.try_take(now) {
            self.samples_lost += 1;
            return;
        }
        *last = Some(now);
        let ports = trace.filter(|_| has_ports(packet.protocol)).map(|trace| match opened {
            Direction::FromPeer => [trace.key.local_port, trace.key.remote_port],
            Direction::ToPeer => [trace.key.remote_port, trace.key.local_port],
        });
        let mut addresses = [packet.source.into(), packet.destination.into()];
        if opened != direction {
            addresses.reverse();
        }
        let at_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1000.0;
        self.samples.push(FlowSample {
            session: own.session,
            allowed,
            rule,
            opened,
            addresses,
            protocol: packet.protocol,
            ports,
            at_ms: at_ms.floor(),
        });
    }

    /// Takes the samples, and how many there was no room for.
    pub fn take_samples(&mut self) -> (Vec<FlowSample>, u64) {
        (std::mem::take(&mut self.samples), std::mem::take(&mut self.samples_lost))
    }
}
