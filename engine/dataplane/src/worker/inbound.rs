//! From peers to the TUN.

use super::owners::Owner;
use super::{TunPort, Worker};
use crate::connection::Connection;
use crate::counters::{CapsuleError, DropReason, IcmpSent, Totals};
use crate::event::{Event, SessionCause};
use crate::forwarding::{Forwarding, Refusal, forwardable};
use crate::session::{Phase, Session};
use bytes::{Buf, Bytes};
use masque_capsule::{FramerError, datagram};
use masque_packet::{AddressClass, ErrorKind, Frame, Packet, classify, icmp, mss, vnet};
use std::io::IoSlice;
use std::time::Instant;

/// HTTP/3 error codes (RFC 9114 §8.1, RFC 9297 §5.2).
pub(super) const DATAGRAM_ERROR: u64 = 0x33;
pub(super) const NO_ERROR: u64 = 0x100;
pub(super) const EXCESSIVE_LOAD: u64 = 0x107;
pub(super) const MESSAGE_ERROR: u64 = 0x10e;

/// Our own ICMP answers, as a flow.
const ANSWERS: u32 = 0;

impl Worker {
    /// Takes all datagrams that QUIC holds for this connection.
    pub(super) fn receive_datagrams(&mut self, connection: &mut Connection, now: Instant) {
        while let Some(mut frame) = connection.quic.datagrams().recv() {
            let Ok((quarter, at)) = datagram::split_quarter_id(&frame) else {
                self.break_connection(
                    connection,
                    DATAGRAM_ERROR,
                    "datagram without a usable quarter stream id",
                    now,
                );
                return;
            };
            self.shared.registry.totals.inbound.received.add(1);
            let session = connection
                .session_on(quarter * 4)
                .filter(|key| self.accepts_datagrams(connection, *key, now));
            match session {
                Some(key) => {
                    frame.advance(at);
                    self.inbound(key, frame, now);
                }
                // Not yet, no longer, or never a tunnel (CIP-504, CIP-506).
                None => self.drop_inbound(DropReason::NoSession),
            }
        }
    }

    /// A request that is no CONNECT has no datagrams: its stream is aborted (CIP-508).
    fn accepts_datagrams(&mut self, connection: &mut Connection, key: usize, now: Instant) -> bool {
        let Some(session) = self.sessions.get(key) else {
            return false;
        };
        if !session.is_tunnel_request {
            self.abort_session(connection, key, DATAGRAM_ERROR, SessionCause::PeerMalformed, now);
            return false;
        }
        session.phase == Phase::Open
    }

    /// Bytes of a request stream's DATA frames: capsules.
    pub(super) fn receive_capsules(
        &mut self,
        connection: &mut Connection,
        stream: u64,
        bytes: &Bytes,
        now: Instant,
    ) {
        let Some(key) = connection.session_on(stream) else {
            return;
        };
        let mut rest: &[u8] = bytes;
        let mut capsules = Vec::new();
        let mut fault = None;
        while let Some(session) = self.sessions.get_mut(key) {
            match session.framer.push(&mut rest) {
                Ok(None) => break,
                Ok(Some(masque_capsule::Event::Datagram(payload))) => {
                    let payload = Bytes::copy_from_slice(payload);
                    self.shared.registry.totals.inbound.received.add(1);
                    if session.phase == Phase::Open {
                        self.inbound(key, payload, now);
                    } else {
                        self.drop_inbound(DropReason::NoSession);
                    }
                }
                Ok(Some(masque_capsule::Event::DatagramDiscarded { .. })) => {
                    self.shared.registry.totals.inbound.received.add(1);
                    self.drop_inbound(DropReason::TooBig);
                }
                Ok(Some(masque_capsule::Event::Control { kind, value })) => {
                    if !session.capsules.try_take(now) {
                        fault = Some(CapsuleError::Flood);
                        break;
                    }
                    capsules.push((kind, value.to_vec()));
                }
                Err(FramerError::TooLarge { .. }) => {
                    fault = Some(CapsuleError::TooLarge);
                    break;
                }
                Err(FramerError::Truncated) => {
                    fault = Some(CapsuleError::Malformed);
                    break;
                }
            }
        }
        let session = self.sessions.get(key).map(|s| s.id);
        if let (Some(session), false) = (session, capsules.is_empty()) {
            self.shared.events.push(Event::Capsules { connection: connection.id, session, capsules });
        }
        if let Some(fault) = fault {
            self.refuse_capsules(connection, key, fault, now);
        }
    }

    /// Aborts a session for what its peer sent on the stream.
    pub(super) fn refuse_capsules(
        &mut self,
        connection: &mut Connection,
        key: usize,
        fault: CapsuleError,
        now: Instant,
    ) {
        let (code, cause) = match fault {
            CapsuleError::Malformed => (MESSAGE_ERROR, SessionCause::PeerMalformed),
            CapsuleError::TooLarge | CapsuleError::Flood => (EXCESSIVE_LOAD, SessionCause::PeerExcessive),
        };
        self.shared.registry.totals.capsule_errors.add(fault, 1);
        self.abort_session(connection, key, code, cause, now);
    }

    /// One HTTP Datagram, context id first, of an open session.
    fn inbound(&mut self, key: usize, mut payload: Bytes, now: Instant) {
        let reason = match datagram::split_context(&payload) {
            Some((0, at)) if at < payload.len() => {
                payload.advance(at);
                return self.inbound_packet(key, payload, now);
            }
            Some((0, _)) | None => DropReason::EmptyDatagram,
            Some(_) => DropReason::UnknownContext,
        };
        self.drop_inbound_of(key, reason);
    }

    fn inbound_packet(&mut self, key: usize, bytes: Bytes, now: Instant) {
        let Ok(packet) = masque_packet::parse(&bytes) else {
            return self.drop_inbound_of(key, DropReason::Malformed);
        };
        let is_judged = self.sessions.get(key).is_some_and(|session| session.access.is_some());
        let verdict = if is_judged {
            self.judge_from_peer(key, &packet, now)
        } else {
            self.judge_route(key, &packet).map(|_| None)
        };
        let switched = verdict.and_then(|target| match target {
            Some(target) => self.switch(key, target, &bytes, &packet, now).map(|()| true),
            None => Ok(false),
        });
        match switched {
            Ok(false) => {}
            Ok(true) => return,
            Err(refusal) => return self.refuse_inbound(key, refusal, &packet, now),
        }
        let Some(session) = self.sessions.get(key) else {
            return self.drop_inbound(DropReason::NoSession);
        };
        let syn = mss::is_syn(&packet).then(|| with_mss(&bytes, session.promised_mtu()));
        let bytes = syn.unwrap_or(bytes);
        let totals = &self.shared.registry.totals;
        let Some(port) = &mut self.tun else {
            return self.drop_inbound_of(key, DropReason::NoTun);
        };
        session.counters.packets_received.add(1);
        session.counters.bytes_received.add(bytes.len() as u64);
        let TunPort { tun, coalescer, .. } = &mut **port;
        coalescer.push(bytes, &mut |frame| write_frame(tun, totals, frame));
        if let Some((_, packets)) = &mut self.inbound_batch {
            *packets += 1;
        }
    }

    /// Judges source, destination and protocol of a packet that came out of the tunnel.
    #[inline]
    pub(super) fn judge_route(&self, key: usize, packet: &Packet<'_>) -> Result<&Forwarding, Refusal> {
        let Some(forwarding) = self.sessions.get(key).and_then(|session| session.forwarding.as_ref()) else {
            return Err(Refusal::silent(DropReason::NoSession));
        };
        forwardable(packet)?;
        forwarding.judge_inbound(packet)?;
        // Within a prefix behind one session another may have a longer one.
        if forwarding.is_shared && self.owners.lookup(packet.source) != Some(Owner::Here(key)) {
            return Err(Refusal::answered(DropReason::SpoofedSource, ErrorKind::SourceNotAssigned));
        }
        Ok(forwarding)
    }

    pub(super) fn refuse_inbound(&mut self, key: usize, refusal: Refusal, packet: &Packet<'_>, now: Instant) {
        let Some(session) = self.sessions.get_mut(key) else {
            return;
        };
        session.counters.drops_receiving.add(1);
        let totals = &self.shared.registry.totals;
        totals.inbound.drops.add(refusal.reason, 1);
        let Some(forwarding) = &session.forwarding else {
            return;
        };
        let answer = &mut self.icmp_buffer;
        answer.clear();
        answer.extend_from_slice(&session.prefix);
        let multicast = classify(packet.destination) == AddressClass::LinkLocalMulticast;
        let (own_v4, own_v6) = (forwarding.own_v4, forwarding.own_v6);
        let answered = session.icmp.try_take(now)
            && match refusal.answer {
                // Peers probe the path with an echo to all nodes (CIP-1013, CIP-1204).
                None if multicast => icmp::echo_reply_to_link_local_multicast(packet, own_v4, own_v6, answer),
                None => false,
                Some(kind) => icmp::error(kind, packet.bytes, own_v4, own_v6, answer),
            };
        if !answered {
            return;
        }
        totals.icmp_sent.add(refusal.answer.map_or(IcmpSent::EchoReply, IcmpSent::from), 1);
        totals.outbound.received.add(1);
        let datagram = Bytes::copy_from_slice(answer);
        let connection = session.connection;
        self.enqueue(key, ANSWERS, [datagram], now);
        self.mark_dirty(connection);
    }

    /// Writes what was collected and observes how long the batch took.
    pub(super) fn flush_tun(&mut self) {
        let batch = self.inbound_batch.take();
        let totals = &self.shared.registry.totals;
        if let Some(port) = &mut self.tun {
            let TunPort { tun, coalescer, .. } = &mut **port;
            coalescer.flush(&mut |frame| write_frame(tun, totals, frame));
        }
        if let Some((arrived, packets)) = batch
            && packets > 0
        {
            totals.inbound.processing.observe(arrived.elapsed(), packets);
        }
    }

    pub(super) fn drop_inbound(&self, reason: DropReason) {
        self.shared.registry.totals.inbound.drops.add(reason, 1);
    }

    pub(super) fn drop_inbound_of(&self, key: usize, reason: DropReason) {
        self.drop_inbound(reason);
        if let Some(Session { counters, .. }) = self.sessions.get(key) {
            counters.drops_receiving.add(1);
        }
    }
}

/// A copy of a SYN whose MSS fits packets of `mtu` bytes: received memory is shared.
fn with_mss(syn: &[u8], mtu: usize) -> Bytes {
    let mut copy = syn.to_vec();
    mss::clamp(&mut copy, mtu);
    copy.into()
}

/// Hands one frame to the kernel and counts its packets.
pub(super) fn write_frame(tun: &crate::tun::Tun, totals: &Totals, frame: Frame<'_>) {
    let header = if tun.info().vnet_header {
        frame.header
    } else {
        frame.header.get(vnet::LENGTH..).unwrap_or_default()
    };
    const PIECES: usize = masque_packet::coalesce::MAX_PACKETS + 1;
    let mut pieces = [IoSlice::new(&[]); PIECES];
    pieces[0] = IoSlice::new(header);
    for (piece, payload) in pieces[1..].iter_mut().zip(frame.payload) {
        *piece = IoSlice::new(payload);
    }
    let used = (1 + frame.payload.len()).min(PIECES);
    totals.tun_writes.add(1);
    match tun.write(&pieces[..used]) {
        Ok(()) => totals.inbound.forwarded.add(frame.packets as u64),
        Err(_) => {
            totals.tun_errors.add(1);
            totals.inbound.drops.add(DropReason::TunWriteFailed, frame.packets as u64);
        }
    }
}
