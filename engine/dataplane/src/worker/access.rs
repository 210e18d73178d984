//! Judges packets of sessions that have rules.

use super::Worker;
use super::owners::Owner;
use crate::access::{Answer, Arrival, Other};
use crate::counters::DropReason;
use crate::forwarding::Refusal;
use crate::session::Phase;
use masque_packet::flow::Meaning;
use masque_packet::{Admission, Direction, ErrorKind, FlowKey, Fragment, Packet, Remote};
use std::time::{Duration, Instant};

/// How often expired flows are looked for.
const SWEEP_INTERVAL: Duration = Duration::from_secs(1);

/// A flow that a packet of this turn belonged to: the next one of it needs no look-up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Recent {
    session: usize,
    direction: Direction,
    key: FlowKey,
    /// The session that it goes to.
    target: Option<Target>,
}

/// Where a packet from a peer goes that goes to another session.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// To this key, both sides agreed.
    Here(usize),
    /// To this session of another worker, which judges for its side; and what was answered to the first packet
    /// of the flow.
    There(u64, Option<Answer>),
}

impl Worker {
    /// Judges a packet from the peer of a session with rules. Returns where it goes, if it goes to another
    /// session.
    pub(super) fn judge_from_peer(
        &mut self,
        key: usize,
        packet: &Packet<'_>,
        now: Instant,
    ) -> Result<Option<Target>, Refusal> {
        let arrival = Arrival::new(packet, Direction::FromPeer, now);
        let target = match self.recent(key, &arrival) {
            Some(target) => target,
            None => {
                let target = self.judge_from_peer_anew(key, &arrival)?;
                // What is said of the first packet is said once.
                let again = target.map(|target| match target {
                    Target::There(session, _) => Target::There(session, None),
                    here => here,
                });
                self.remember(key, &arrival, again);
                target
            }
        };
        self.meter(key, Direction::FromPeer, packet.bytes.len(), now)?;
        if let Some(Target::Here(target)) = target {
            self.meter(target, Direction::ToPeer, packet.bytes.len(), now)?;
        }
        Ok(target)
    }

    fn judge_from_peer_anew(&mut self, key: usize, arrival: &Arrival<'_>) -> Result<Option<Target>, Refusal> {
        let packet = arrival.packet;
        let forwarding = self.judge_route(key, packet)?;
        let is_own = forwarding.is_own(packet.destination);
        let owner = self.owners.lookup(packet.destination).filter(|_| !is_own);
        let outside = owner.is_none() && !forwarding.is_of_peers(packet.destination);
        if let Some(Owner::There(session)) = owner {
            return self.judge_crossing(key, session, arrival).map(Some);
        }
        let owner = owner.and_then(Owner::here);
        let pair = owner.filter(|owner| *owner != key).and_then(|owner| self.sessions.get2_mut(key, owner));
        let pair = pair.filter(|(_, target)| target.phase == Phase::Open && target.access.is_some());
        let Some((session, target)) = pair else {
            let remote = if outside { Remote::Outside(packet.destination) } else { Remote::Nobody };
            return self.judge_host(key, arrival, remote).map(|()| None);
        };
        let (Some(own), Some(other), Some(onward)) =
            (&mut session.access, &mut target.access, &target.forwarding)
        else {
            return Err(Refusal::silent(DropReason::NoSession));
        };
        // It has to pass the checks of both tunnels (CIP-1016).
        let ours = self.access.admit(own, arrival, other.as_other());
        let outcome = admitted(ours.0, true).and_then(|()| onward.judge_outbound(packet)).and_then(|()| {
            let onward = Arrival::new(packet, Direction::ToPeer, arrival.now);
            let theirs = self.access.admit(other, &onward, own.as_other());
            self.access.sample(other, &onward, theirs);
            admitted(theirs.0, true)
        });
        match (&outcome, ours.0, arrival.trace) {
            // What the other side refused never was a flow.
            (Err(_), Admission::New(_), Some(trace)) => self.access.retract(own, trace),
            _ => self.access.sample(own, arrival, ours),
        }
        outcome.map(|()| owner.map(Target::Here))
    }

    /// Judges a packet from the TUN for the peer of a session with rules.
    pub(super) fn judge_to_peer(
        &mut self,
        key: usize,
        packet: &Packet<'_>,
        now: Instant,
    ) -> Result<(), Refusal> {
        let arrival = Arrival::new(packet, Direction::ToPeer, now);
        if self.recent(key, &arrival).is_some() {
            return Ok(());
        }
        let forwarding = self.sessions.get(key).and_then(|session| session.forwarding.as_ref());
        let of_peers = forwarding.is_some_and(|forwarding| forwarding.is_of_peers(packet.source));
        // Whoever uses a session's address outside its tunnel is not that session.
        let outside = !of_peers && self.owners.lookup(packet.source).is_none();
        let remote = if outside { Remote::Outside(packet.source) } else { Remote::Nobody };
        self.judge_host(key, &arrival, remote)?;
        self.remember(key, &arrival, None);
        Ok(())
    }

    /// Judges a packet between a session and somebody who is none.
    pub(super) fn judge_host(
        &mut self,
        key: usize,
        arrival: &Arrival<'_>,
        remote: Remote<'_>,
    ) -> Result<(), Refusal> {
        let Some(own) = self.sessions.get_mut(key).and_then(|session| session.access.as_mut()) else {
            return Ok(());
        };
        let answer = self.access.admit(own, arrival, Other::Host(remote));
        self.access.sample(own, arrival, answer);
        admitted(answer.0, remote == Remote::Nobody)
    }

    /// Refuses what exceeds the session's meters.
    pub(super) fn meter(
        &mut self,
        key: usize,
        direction: Direction,
        bytes: usize,
        now: Instant,
    ) -> Result<(), Refusal> {
        let own = self.sessions.get(key).and_then(|session| session.access.as_ref());
        let passes = own.is_none_or(|own| self.access.meter(own, direction, bytes, now));
        if passes { Ok(()) } else { Err(Refusal::silent(DropReason::RateLimited)) }
    }

    /// Where the flow's packet before this one went, if it was of this turn.
    #[inline]
    pub(super) fn recent(&self, session: usize, arrival: &Arrival<'_>) -> Option<Option<Target>> {
        let (recent, trace) = (self.recent?, arrival.trace?);
        let same =
            recent.session == session && recent.direction == arrival.direction && recent.key == trace.key;
        (same && keeps(trace.meaning) && arrival.packet.fragment == Fragment::Whole).then_some(recent.target)
    }

    pub(super) fn remember(&mut self, session: usize, arrival: &Arrival<'_>, target: Option<Target>) {
        let direction = arrival.direction;
        self.recent = arrival.trace.filter(|trace| keeps(trace.meaning)).map(|trace| Recent {
            session,
            direction,
            key: trace.key,
            target,
        });
    }

    /// Once a turn: nothing is recent any more, samples are told, expired flows go.
    pub(super) fn settle_access(&mut self) {
        self.recent = None;
        let totals = &self.shared.registry.totals;
        let (samples, lost) = self.access.take_samples();
        totals.flow_samples_lost.add(lost);
        if !samples.is_empty() {
            // A flood of flows must not fill the queue of an embedder that is busy.
            if self.shared.events.is_full() {
                totals.flow_samples_lost.add(samples.len() as u64);
            } else {
                self.shared.events.push(crate::event::Event::Flows(samples));
            }
        }
        let now = Instant::now();
        if self.sweep_due().is_some_and(|due| due <= now) {
            for own in self.sessions.iter_mut().filter_map(|(_, session)| session.access.as_mut()) {
                self.access.sweep(own, now);
            }
            self.swept = now;
        }
        totals.flows.set(self.access.flows() as u64);
    }

    /// When expired flows are to be looked for; never while there are none.
    pub(super) fn sweep_due(&self) -> Option<Instant> {
        (self.access.flows() > 0).then(|| self.swept + SWEEP_INTERVAL)
    }
}

/// Whether a packet leaves its flow as it was.
fn keeps(meaning: Meaning) -> bool {
    matches!(meaning, Meaning::Ordinary | Meaning::Segment)
}

pub(super) fn admitted(admission: Admission, inside: bool) -> Result<(), Refusal> {
    let reason = match admission {
        Admission::Known | Admission::New(_) => return Ok(()),
        Admission::Full => return Err(Refusal::silent(DropReason::FlowTableFull)),
        // Without a rule that speaks of sessions it is as if there were none.
        Admission::Refused(verdict) if inside && verdict.rule.is_none() => DropReason::PeerToPeer,
        Admission::Refused(_) => DropReason::AccessDenied,
    };
    Err(Refusal::answered(reason, ErrorKind::Refused))
}
