//! Carries packets from session to session, of this worker and of others.

use super::Worker;
use super::access::{Target, admitted};
use crate::access::{Arrival, Other};
use crate::counters::DropReason;
use crate::forwarding::Refusal;
use crate::handover::{Crossing, Parcel};
use crate::session::Phase;
use bytes::Bytes;
use masque_packet::{Admission, Direction, ErrorKind, Packet, Remote, flow, fragment, mss, ttl};
use std::time::Instant;

/// A packet with its prefix, and its fragments with theirs.
const LARGEST_SWITCHED: usize = 96 << 10;

impl Worker {
    /// Hands a packet of a session over to another one.
    pub(super) fn switch(
        &mut self,
        from: usize,
        target: Target,
        bytes: &Bytes,
        packet: &Packet<'_>,
        now: Instant,
    ) -> Result<(), Refusal> {
        let Some(session) = self.sessions.get(from) else {
            return Err(Refusal::silent(DropReason::NoSession));
        };
        let promised_mtu = session.promised_mtu();
        match target {
            Target::Here(to) => self.deliver(to, packet, promised_mtu, now)?,
            Target::There(to, first) => {
                let (from, packet) = (session.id, bytes.clone());
                let crossing = Crossing { from, to, packet, promised_mtu, first };
                self.post(self.shared.worker_of(to), Parcel::Packet(crossing));
                self.shared.registry.totals.packets_handed_over.add(1);
            }
        }
        let Some(session) = self.sessions.get(from) else {
            return Ok(());
        };
        session.counters.packets_received.add(1);
        session.counters.bytes_received.add(packet.bytes.len() as u64);
        if let Some((_, packets)) = &mut self.inbound_batch {
            *packets += 1;
        }
        Ok(())
    }

    /// Sends a packet of another session to the peer of this one, as a router would (CIP-1007, CIP-1015).
    fn deliver(
        &mut self,
        to: usize,
        packet: &Packet<'_>,
        promised_mtu: usize,
        now: Instant,
    ) -> Result<(), Refusal> {
        let Some(target) = self.sessions.get_mut(to) else {
            return Err(Refusal::silent(DropReason::NoSession));
        };
        let slab = self.switched.with_room(LARGEST_SWITCHED);
        let (prefix, mtu) = (&target.prefix, target.tunnel_mtu);
        slab.extend_from_slice(prefix);
        slab.extend_from_slice(packet.bytes);
        if !ttl::decrement(&mut slab[prefix.len()..]) {
            return Err(Refusal::answered(DropReason::TtlExpired, ErrorKind::TimeExceeded));
        }
        if mss::is_syn(packet) {
            mss::clamp(&mut slab[prefix.len()..], promised_mtu.min(target.promised_mtu()));
        }
        let mut datagrams = slab.split().freeze();
        let mut fragments = Vec::new();
        if packet.bytes.len() > mtu {
            let whole = datagrams.slice(prefix.len()..);
            if packet.dont_fragment() || fragment(&whole, mtu, prefix, slab, &mut fragments).is_err() {
                return Err(target.refuse_size(packet.bytes.len()));
            }
            datagrams = slab.split().freeze();
        }
        let totals = &self.shared.registry.totals;
        totals.inbound.forwarded.add(1);
        totals.outbound.received.add(fragments.len().max(1) as u64);
        let (connection, flow) = (target.connection, flow::hash(packet));
        if fragments.is_empty() {
            self.enqueue(to, flow, [datagrams], now);
        } else {
            self.enqueue(to, flow, fragments.into_iter().map(|length| datagrams.split_to(length)), now);
        }
        self.mark_dirty(connection);
        Ok(())
    }

    /// Judges, for the sender's side, a packet to a session of another worker.
    pub(super) fn judge_crossing(
        &mut self,
        key: usize,
        to: u64,
        arrival: &Arrival<'_>,
    ) -> Result<Target, Refusal> {
        let known = self.elsewhere.get(&to).and_then(|other| Some((other.labels.clone()?, other.generation)));
        let own = self.sessions.get_mut(key).and_then(|session| session.access.as_mut());
        let (Some((labels, generation)), Some(own)) = (known, own) else {
            self.judge_host(key, arrival, Remote::Nobody)?;
            return Err(Refusal::answered(DropReason::PeerToPeer, ErrorKind::Refused));
        };
        let ours = self.access.admit(own, arrival, Other::Session { labels: &labels, generation });
        if let Err(refusal) = admitted(ours.0, true) {
            self.access.sample(own, arrival, ours);
            return Err(refusal);
        }
        Ok(Target::There(to, matches!(ours.0, Admission::New(_)).then_some(ours)))
    }

    /// A packet that a session of another worker sent to one of this worker's.
    pub(super) fn take_crossing(&mut self, crossing: Crossing, now: Instant) {
        let outcome = match masque_packet::parse(&crossing.packet) {
            Ok(packet) => self.admit_crossing(&crossing, &packet, now),
            // It was parsed before it was sent.
            Err(_) => Err(Refusal::silent(DropReason::Malformed)),
        };
        if outcome.is_err() || crossing.first.is_some() {
            let worker = self.shared.worker_of(crossing.from);
            self.post(worker, Parcel::Judged(crossing, outcome));
        }
    }

    fn admit_crossing(
        &mut self,
        crossing: &Crossing,
        packet: &Packet<'_>,
        now: Instant,
    ) -> Result<(), Refusal> {
        let nobody = Refusal::answered(DropReason::PeerToPeer, ErrorKind::Refused);
        let key = self.session_keys.get(&crossing.to).copied().ok_or(nobody)?;
        let arrival = Arrival::new(packet, Direction::ToPeer, now);
        if self.recent(key, &arrival).is_none() {
            let target = self.sessions.get_mut(key).filter(|target| target.phase == Phase::Open);
            let target = target.ok_or(nobody)?;
            let (Some(own), Some(forwarding)) = (&mut target.access, &target.forwarding) else {
                return Err(nobody);
            };
            let sender = self.elsewhere.get(&crossing.from);
            let labels = sender.and_then(|sender| sender.labels.as_ref()).ok_or(nobody)?;
            let generation = sender.map_or(0, |sender| sender.generation);
            forwarding.judge_outbound(packet)?;
            let other = Other::Session { labels, generation };
            let theirs = self.access.admit(own, &arrival, other);
            self.access.sample(own, &arrival, theirs);
            admitted(theirs.0, true)?;
            self.remember(key, &arrival, None);
        }
        self.meter(key, Direction::ToPeer, packet.bytes.len(), now)?;
        self.deliver(key, packet, crossing.promised_mtu, now)
    }

    /// What the other worker said about a packet of a session of this one.
    pub(super) fn take_judged(&mut self, crossing: &Crossing, outcome: Result<(), Refusal>, now: Instant) {
        let key = self.session_keys.get(&crossing.from).copied();
        let (Some(key), Ok(packet)) = (key, masque_packet::parse(&crossing.packet)) else {
            if let Err(refusal) = outcome {
                self.drop_inbound(refusal.reason);
            }
            return;
        };
        let arrival = Arrival::new(&packet, Direction::FromPeer, now);
        let own = self.sessions.get_mut(key).and_then(|session| session.access.as_mut());
        if let (Some(own), Some(first)) = (own, crossing.first) {
            match (&outcome, arrival.trace) {
                // What the other side refused never was a flow.
                (Err(_), Some(trace)) => {
                    self.access.retract(own, trace);
                    self.recent = None;
                }
                _ => self.access.sample(own, &arrival, first),
            }
        }
        if let Err(refusal) = outcome {
            self.refuse_inbound(key, refusal, &packet, now);
        }
    }
}
