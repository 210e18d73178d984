//! The flows of one session. Rules judge a flow's first packet; the table lets the others pass.
//!
//! Open addressing with a secret seed, so that nobody can choose colliding flows. Bounded: a full table
//! gives up a flow that has expired or was never answered, of the same session, else the new flow is
//! refused. Expired flows go a few slots at a time.

use crate::flow::{Direction, FlowKey, Meaning, Trace};
use crate::packet::{Fragment, Packet};
use crate::protocol::{ICMP, ICMPV6, TCP, UDP};
use crate::rules::{Remote, RuleSet, Verdict};

/// Slots looked at when a full table has to give up a flow.
const SEARCHED: usize = 64;
/// Slots swept for each new flow: twice as many as are filled, so that what expired cannot pile up.
const SWEPT: usize = 2;
/// Fragmented datagrams that are remembered, and for how many seconds.
const FRAGMENTED: usize = 64;
const FRAGMENTED_SECONDS: u32 = 5;
/// Seconds after a session's begin in which TCP connections of an earlier session may go on with a segment
/// from outside. It cannot open a connection; a download would hang for ever otherwise.
const RESUMING_SECONDS: u32 = 180;

/// What there is to judge a packet by.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Which way the packet goes.
    pub direction: Direction,
    /// Its other side.
    pub remote: Remote<'a>,
    /// Rules for new flows; none denies.
    pub rules: Option<&'a RuleSet>,
    /// Flows that were judged under a smaller one are judged again.
    pub generation: u32,
    /// Flows that the session may have.
    pub limit: usize,
    /// Seconds since any fixed moment.
    pub now: u32,
}

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    /// Part of a flow that was allowed.
    Known,
    /// The first packet of a flow, allowed.
    New(Verdict),
    /// Denied.
    Refused(Verdict),
    /// It might be allowed, but there are too many flows.
    Full,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing came back yet.
    Unanswered,
    Answered,
    /// TCP FIN or RST was seen.
    Ending,
}

#[derive(Debug, Clone, Copy)]
struct Flow {
    key: FlowKey,
    opened: Direction,
    phase: Phase,
    /// The other side is a session.
    inside: bool,
    generation: u32,
    seen: u32,
}

impl Flow {
    fn is_expired(&self, now: u32) -> bool {
        // RFC 5382 REQ-5, RFC 4787 REQ-5, RFC 5508 REQ-2, and less for what was never answered.
        let seconds = match (self.key.protocol, self.phase) {
            (TCP, Phase::Answered) => 7440,
            (TCP, Phase::Ending) => 240,
            (TCP, Phase::Unanswered) => 60,
            (UDP, Phase::Answered) => 180,
            (UDP, _) => 30,
            (ICMP | ICMPV6, _) => 60,
            (_, Phase::Answered) => 600,
            (_, _) => 60,
        };
        now.saturating_sub(self.seen) > seconds
    }

    fn note(&mut self, meaning: Meaning, direction: Direction, now: u32) {
        self.phase = match (meaning, self.phase) {
            (Meaning::Error, _) => return,
            (Meaning::End, _) => Phase::Ending,
            (Meaning::Syn, Phase::Ending) => Phase::Unanswered,
            (_, Phase::Unanswered) if direction != self.opened => Phase::Answered,
            (_, phase) => phase,
        };
        self.seen = now;
    }
}

#[derive(Debug, Clone, Copy)]
struct Fragmented {
    addresses: FlowKey,
    id: u32,
    seen: u32,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct FlowTable {
    /// A power of two, or none.
    slots: Vec<Option<Flow>>,
    len: usize,
    hand: usize,
    seed: u64,
    born: u32,
    fragmented: Vec<Fragmented>,
    next_fragmented: usize,
}

impl FlowTable {
    /// An empty table of a session that begins `now`. `seed` is secret.
    pub fn new(seed: u64, now: u32) -> Self {
        Self {
            slots: Vec::new(),
            len: 0,
            hand: 0,
            seed,
            born: now,
            fragmented: Vec::new(),
            next_fragmented: 0,
        }
    }

    /// How many flows there are, expired ones that nobody has looked at included.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Judges a packet, and says which way its flow was opened. `trace` is its [`Trace::of`] for the
    /// question's direction.
    pub fn admit(
        &mut self,
        packet: &Packet<'_>,
        trace: Option<Trace>,
        ask: &Question<'_>,
    ) -> (Admission, Direction) {
        let addresses = FlowKey::new(packet.source, packet.destination, 0);
        let Some(trace) = trace else {
            let same = |f: &Fragmented| f.id == packet.fragment_id && f.addresses == addresses;
            let recent = |f: &Fragmented| ask.now.saturating_sub(f.seen) <= FRAGMENTED_SECONDS;
            let admission = match packet.fragment {
                Fragment::Later if self.fragmented.iter().any(|f| same(f) && recent(f)) => Admission::Known,
                _ => Admission::Refused(Verdict::NO_RULE),
            };
            return (admission, ask.direction);
        };
        let (admission, opened) = self.admit_traced(trace, ask);
        if packet.fragment == Fragment::First && matches!(admission, Admission::Known | Admission::New(_)) {
            let noted = Fragmented { addresses, id: packet.fragment_id, seen: ask.now };
            match self.fragmented.get_mut(self.next_fragmented) {
                Some(oldest) => *oldest = noted,
                None => self.fragmented.push(noted),
            }
            self.next_fragmented = (self.next_fragmented + 1) % FRAGMENTED;
        }
        (admission, opened)
    }

    fn admit_traced(&mut self, Trace { key, meaning }: Trace, ask: &Question<'_>) -> (Admission, Direction) {
        let judge =
            |opened| ask.rules.map_or(Verdict::NO_RULE, |rules| rules.judge(opened, ask.remote, &key));
        let inside = !matches!(ask.remote, Remote::Outside(_));
        let at = self.find(&key);
        if let Some(flow) = self.slots.get_mut(at).and_then(Option::as_mut)
            && !flow.is_expired(ask.now)
            && (meaning != Meaning::Syn || ask.direction == flow.opened)
        {
            // An error may come from anybody on the way: its sender is not the flow's other side.
            let changed = flow.inside != inside || flow.generation < ask.generation;
            if changed && meaning != Meaning::Error {
                let (verdict, opened) = (judge(flow.opened), flow.opened);
                if !verdict.allowed {
                    self.remove_at(at);
                    return (Admission::Refused(verdict), opened);
                }
                (flow.inside, flow.generation) = (inside, ask.generation);
            }
            flow.note(meaning, ask.direction, ask.now);
            return (Admission::Known, flow.opened);
        }
        let resumes = ask.direction == Direction::ToPeer
            && meaning == Meaning::Segment
            && ask.now.saturating_sub(self.born) < RESUMING_SECONDS;
        let (opened, verdict) = match meaning {
            Meaning::Answer | Meaning::Error => {
                return (Admission::Refused(Verdict::NO_RULE), ask.direction);
            }
            _ if resumes && judge(Direction::FromPeer).allowed => {
                (Direction::FromPeer, judge(Direction::FromPeer))
            }
            _ => (ask.direction, judge(ask.direction)),
        };
        if !verdict.allowed {
            return (Admission::Refused(verdict), opened);
        }
        let phase = if meaning == Meaning::End { Phase::Ending } else { Phase::Unanswered };
        let flow = Flow { key, opened, phase, inside, generation: ask.generation, seen: ask.now };
        let inserted = self.insert(flow, ask.limit, ask.now);
        (if inserted { Admission::New(verdict) } else { Admission::Full }, opened)
    }

    /// Forgets a flow.
    pub fn remove(&mut self, key: &FlowKey) {
        let at = self.find(key);
        if self.slots.get(at).is_some_and(Option::is_some) {
            self.remove_at(at);
        }
    }

    /// Looks at the next `count` slots and forgets what has expired there.
    pub fn sweep(&mut self, count: usize, now: u32) {
        let mut left = count.min(self.slots.len());
        while left > 0 {
            if self.slots[self.hand].is_some_and(|flow| flow.is_expired(now)) {
                // What moves into the slot comes next.
                self.remove_at(self.hand);
            } else {
                self.advance();
                left -= 1;
            }
        }
        if self.len == 0 {
            (self.slots, self.hand) = (Vec::new(), 0);
        }
    }

    /// How many slots there are, for [`Self::sweep`].
    pub fn capacity(&self) -> usize {
        self.slots.len()
    }

    fn advance(&mut self) {
        self.hand = (self.hand + 1) & (self.slots.len() - 1);
    }

    /// False when there is no room.
    fn insert(&mut self, flow: Flow, limit: usize, now: u32) -> bool {
        let at = self.find(&flow.key);
        if let Some(Some(known)) = self.slots.get_mut(at) {
            *known = flow;
            return true;
        }
        self.sweep(SWEPT, now);
        if self.len >= limit && !self.give_up_one(now) {
            return false;
        }
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        let at = self.find(&flow.key);
        self.slots[at] = Some(flow);
        self.len += 1;
        true
    }

    fn give_up_one(&mut self, now: u32) -> bool {
        for _ in 0..SEARCHED.min(self.slots.len()) {
            let dispensable = |flow: Flow| flow.phase == Phase::Unanswered || flow.is_expired(now);
            if self.slots[self.hand].is_some_and(dispensable) {
                self.remove_at(self.hand);
                return true;
            }
            self.advance();
        }
        false
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(16);
        let old = std::mem::replace(&mut self.slots, vec![None; size]);
        self.hand = 0;
        for flow in old.into_iter().flatten() {
            let at = self.find(&flow.key);
            self.slots[at] = Some(flow);
        }
    }

    /// Where the flow is, or would be. Out of bounds when there are no slots.
    #[inline]
    fn find(&self, key: &FlowKey) -> usize {
        let mut at = self.home(key);
        while let Some(Some(flow)) = self.slots.get(at)
            && flow.key != *key
        {
            at = (at + 1) & (self.slots.len() - 1);
        }
        at
    }

    #[inline]
    fn home(&self, key: &FlowKey) -> usize {
        let fold = |a: u64, b: u64| {
            let product = u128::from(a) * u128::from(b);
            product as u64 ^ (product >> 64) as u64
        };
        let halves = |bits: u128| (bits as u64, (bits >> 64) as u64);
        let ((l0, l1), (r0, r1)) = (halves(key.local), halves(key.remote));
        let ports = u64::from(key.local_port) << 24 | u64::from(key.remote_port) << 8;
        let rest = ports | u64::from(key.protocol);
        let hash = fold(l0 ^ self.seed, l1 ^ 0xa076_1d64_78bd_642f);
        let hash = fold(r0 ^ hash ^ self.seed, r1 ^ 0xe703_7ed1_a0b4_28db);
        let hash = fold(rest ^ hash ^ self.seed, 0x8ebc_6af0_9c88_c6e3);
        hash as usize & self.slots.len().wrapping_sub(1)
    }

    /// Empties a slot and closes the gap in the chains that ran over it.
    fn remove_at(&mut self, at: usize) {
        let mask = self.slots.len() - 1;
        let (mut gap, mut next) = (at, at);
        self.slots[gap] = None;
        self.len -= 1;
        loop {
            next = (next + 1) & mask;
            let Some(flow) = self.slots[next] else { return };
            // It may move back unless its home lies behind the gap.
            let from_home = next.wrapping_sub(self.home(&flow.key)) & mask;
            let from_gap = next.wrapping_sub(gap) & mask;
            if from_home >= from_gap {
                self.slots[gap] = self.slots[next].take();
                gap = next;
            }
        }
    }
}

#[cfg(test)]
mod tests;
