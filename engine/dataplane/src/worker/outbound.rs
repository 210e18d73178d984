//! From the TUN to peers.

use super::owners::Owner;
use super::{TunPort, Worker};
use crate::counters::DropReason;
use crate::forwarding::{Refusal, forwardable};
use crate::session::{Phase, count_drop_sending, show_queue};
use crate::worker::inbound::write_frame;
use bytes::Bytes;
use masque_packet::segment::largest_packet;
use masque_packet::{Direction, Packet, VnetHeader, coalesce, flow, fragment, icmp, mss, segment, vnet};
use std::time::Instant;

/// A super-packet cut into segments, each with its own headers and prefix, is not larger than this.
pub(super) const LARGEST_CUT: usize = 96 << 10;

impl Worker {
    /// A frame that another worker read.
    pub(super) fn outbound_from(&mut self, port: &mut TunPort, frame: &[u8], now: Instant) {
        let TunPort { tun, slabs, lengths, .. } = port;
        self.outbound(tun, frame, slabs.with_room(LARGEST_CUT), lengths, now);
    }

    /// One frame of the TUN, vnet header first.
    pub(super) fn outbound(
        &mut self,
        tun: &crate::tun::Tun,
        frame: &[u8],
        slab: &mut bytes::BytesMut,
        lengths: &mut Vec<usize>,
        now: Instant,
    ) {
        let totals = &self.shared.registry.totals;
        let packets = packets_in(frame);
        totals.outbound.received.add(packets);
        let bytes = frame.get(vnet::LENGTH..).unwrap_or_default();
        let Ok(packet) = masque_packet::parse(bytes) else {
            return totals.outbound.drops.add(DropReason::Malformed, packets);
        };
        if let Err(refusal) = forwardable(&packet) {
            // The host's own neighbour discovery and the like; it expects no answer here.
            return totals.outbound.drops.add(refusal.reason, packets);
        }
        let found = self.session_for(&packet);
        let Some((key, session)) = found.and_then(|key| self.sessions.get(key).map(|session| (key, session)))
        else {
            return totals.outbound.drops.add(DropReason::NoRoute, packets);
        };
        let Some(forwarding) = &session.forwarding else {
            return totals.outbound.drops.add(DropReason::NoRoute, packets);
        };
        let routed = forwarding.judge_outbound(&packet);
        let judged = match session.access {
            None => routed,
            Some(_) => routed.and_then(|()| self.judge_to_peer(key, &packet, now)),
        };
        let flow = flow::hash(&packet);
        let totals = &self.shared.registry.totals;
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        let verdict = judged.and_then(|()| match largest_packet(frame) {
            Ok(size) if size <= session.tunnel_mtu => Ok(false),
            Ok(_) if !packet.dont_fragment() && packets == 1 => Ok(true),
            Ok(size) => Err(session.refuse_size(size)),
            Err(_) => Err(Refusal::silent(DropReason::Malformed)),
        });
        lengths.clear();
        let cut = match verdict {
            Ok(false) => {
                let cut = segment(frame, &session.prefix, slab, lengths).is_ok();
                if cut && mss::is_syn(&packet) {
                    mss::clamp(&mut slab[session.prefix.len()..], session.promised_mtu());
                }
                cut
            }
            // RFC 791 routers fragment what allows it (CIP-1015).
            Ok(true) => complete_and_fragment(frame, session.tunnel_mtu, &session.prefix, slab, lengths),
            Err(refusal) => {
                let counters = &session.counters;
                count_drop_sending(&totals.outbound, counters, refusal.reason, packets);
                return self.answer_outbound(tun, key, refusal, frame, now);
            }
        };
        if !cut {
            let counters = &session.counters;
            return count_drop_sending(&totals.outbound, counters, DropReason::Malformed, packets);
        }
        // Fragments count as the packets they have become.
        totals.outbound.received.add((lengths.len() as u64).saturating_sub(packets));
        let connection = session.connection;
        let mut cut = slab.split().freeze();
        if let Some(own) = &session.access {
            // In order: once one does not pass, those behind it do not either.
            let prefix = session.prefix.len();
            let mut passes = |n: &usize| self.access.meter(own, Direction::ToPeer, n - prefix, now);
            let passed = lengths.iter().take_while(|n| passes(n)).count();
            let excess = (lengths.len() - passed) as u64;
            count_drop_sending(&totals.outbound, &session.counters, DropReason::RateLimited, excess);
            lengths.truncate(passed);
        }
        self.enqueue(key, flow, lengths.drain(..).map(|n| cut.split_to(n)), now);
        self.mark_dirty(connection);
    }

    fn session_for(&self, packet: &Packet<'_>) -> Option<usize> {
        self.owners
            .lookup(packet.destination)
            .and_then(Owner::here)
            .or_else(|| self.requested_sessions.first().copied())
            .filter(|key| self.sessions.get(*key).is_some_and(|s| s.phase == Phase::Open))
    }

    /// Tells the sender on our side of the TUN why its packet went no further.
    fn answer_outbound(
        &mut self,
        tun: &crate::tun::Tun,
        key: usize,
        refusal: Refusal,
        frame: &[u8],
        now: Instant,
    ) {
        let (Some(kind), Some(session)) = (refusal.answer, self.sessions.get_mut(key)) else {
            return;
        };
        let Some(forwarding) = &session.forwarding else {
            return;
        };
        // A super-packet never was on a wire: quote its first segment.
        let mut slab = bytes::BytesMut::new();
        let mut lengths = Vec::new();
        if !session.icmp.try_take(now) || segment(frame, &[], &mut slab, &mut lengths).is_err() {
            return;
        }
        let first = lengths.first().copied().unwrap_or_default();
        let quoted = slab.get(..first).unwrap_or_default();
        let mut answer = Vec::with_capacity(576);
        if icmp::error(kind, quoted, forwarding.own_v4, forwarding.own_v6, &mut answer) {
            let totals = &self.shared.registry.totals;
            totals.icmp_sent.add(kind.into(), 1);
            // Counted as if it had come from outside, so that received stays forwarded plus dropped.
            totals.inbound.received.add(1);
            write_frame(tun, totals, coalesce::single(&Bytes::from(answer)));
        }
    }

    /// Appends datagrams of one flow to a session's queue.
    pub(super) fn enqueue(
        &mut self,
        key: usize,
        flow: u32,
        datagrams: impl IntoIterator<Item = Bytes>,
        now: Instant,
    ) {
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        let outbound = &self.shared.registry.totals.outbound;
        let before = session.queue.len();
        let crowded = datagrams.into_iter().map(|datagram| session.queue.push(flow, datagram, now)).sum();
        count_drop_sending(outbound, &session.counters, DropReason::QueueFull, crowded);
        show_queue(&session.queue, &session.counters, &outbound.queued, before);
    }
}

/// How many packets a frame will be; 1 for what is no super-packet, or broken.
pub(super) fn packets_in(frame: &[u8]) -> u64 {
    let size = |header: &VnetHeader| usize::from(header.gso_size);
    let count = VnetHeader::parse(frame)
        .filter(|header| header.gso_type != vnet::GSO_NONE && header.gso_size > 0)
        .and_then(|header| {
            let headers = largest_packet(frame).ok()?.checked_sub(size(&header))?;
            let payload = frame.len().checked_sub(vnet::LENGTH + headers)?;
            Some(payload.div_ceil(size(&header)))
        });
    count.unwrap_or(1).max(1) as u64
}

/// Completes the checksum, then cuts an IPv4 packet without DF into fragments.
fn complete_and_fragment(
    frame: &[u8],
    mtu: usize,
    prefix: &[u8],
    slab: &mut bytes::BytesMut,
    lengths: &mut Vec<usize>,
) -> bool {
    let mut whole = bytes::BytesMut::with_capacity(frame.len());
    let mut length = Vec::with_capacity(1);
    segment(frame, &[], &mut whole, &mut length).is_ok()
        && fragment(&whole, mtu, prefix, slab, lengths).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A TCP super-packet over IPv4 of `payload` bytes, to be cut by `gso_size`.
    fn super_packet(payload: usize, gso_size: u16) -> Vec<u8> {
        let mut packet = vec![0; 40 + payload];
        packet[0] = 0x45;
        packet[2..4].copy_from_slice(&(40 + payload as u16).to_be_bytes());
        packet[8] = 64;
        packet[9] = 6;
        packet[12..20].copy_from_slice(&[192, 0, 2, 11, 198, 51, 100, 7]);
        packet[32] = 5 << 4;
        let header = VnetHeader {
            flags: vnet::NEEDS_CSUM,
            gso_type: vnet::GSO_TCPV4,
            header_length: 40,
            gso_size,
            checksum_start: 20,
            checksum_offset: 16,
        };
        [header.to_bytes().as_slice(), &packet].concat()
    }

    #[test]
    fn a_super_packet_counts_as_its_segments() {
        assert_eq!(packets_in(&super_packet(3000, 1000)), 3);
        assert_eq!(packets_in(&super_packet(3001, 1000)), 4);
        assert_eq!(packets_in(&[]), 1);
        let plain = [VnetHeader::default().to_bytes().as_slice(), &[0x45]].concat();
        assert_eq!(packets_in(&plain), 1);
    }
}
