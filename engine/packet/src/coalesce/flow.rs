//! What was collected of one flow, and the frame that is made of it.

use bytes::{Buf, Bytes};

use crate::address::Address;
use crate::checksum;
use crate::protocol::{TCP, UDP};
use crate::vnet::{self, VnetHeader};

use super::candidate::{Candidate, FIN, Key, PSH};
use super::frame::{Frame, MAX_PACKETS, single};

/// The largest IP packet that a frame may be.
const MAX_LENGTH: usize = 65_535;

/// vnet header, IPv6 header, TCP header with options.
const MAX_HEADER: usize = vnet::LENGTH + 40 + 60;

/// What was collected of one flow.
#[derive(Debug)]
pub(super) struct Flow {
    key: Key,
    /// The first packet, whole.
    first: Bytes,
    /// Payloads of all packets.
    payload: Vec<Bytes>,
    header_length: usize,
    /// Payload of every packet but the last.
    segment_size: usize,
    payload_bytes: usize,
    /// FIN and PSH of the last packet.
    last_flags: u8,
}

impl Flow {
    pub(super) fn unused() -> Self {
        let nowhere = Address::V4(0);
        Self {
            key: Key { ports: [0; 4], protocol: 0, source: nowhere, destination: nowhere },
            first: Bytes::new(),
            payload: Vec::with_capacity(MAX_PACKETS),
            header_length: 0,
            segment_size: 0,
            payload_bytes: 0,
            last_flags: 0,
        }
    }

    pub(super) fn is(&self, key: &Key) -> bool {
        self.key == *key
    }

    pub(super) fn begin(&mut self, candidate: Candidate, packet: Bytes) {
        self.key = candidate.key;
        self.header_length = candidate.header_length;
        self.segment_size = candidate.payload;
        self.payload_bytes = candidate.payload;
        self.last_flags = 0;
        self.payload.push(packet.slice(candidate.header_length..));
        self.first = packet;
    }

    /// Whether segmentation of the frame with `packet` at its end makes `packet` again.
    #[inline]
    pub(super) fn accepts(&self, candidate: &Candidate, packet: &[u8]) -> bool {
        let first = &self.first[..];
        self.header_length == candidate.header_length
            && candidate.payload <= self.segment_size
            && self.header_length + self.payload_bytes + candidate.payload <= MAX_LENGTH
            && self.follows_in_ip(first, packet)
            && (self.key.protocol == UDP || self.follows_in_tcp(first, packet))
    }

    /// Version, DSCP, ECN, flow label, TTL and DF as in the first packet; the IPv4 id counts up.
    #[inline]
    fn follows_in_ip(&self, first: &[u8], packet: &[u8]) -> bool {
        if self.key.source.is_v6() {
            return first[..4] == packet[..4] && first[7] == packet[7];
        }
        let id = u16::from_be_bytes([first[4], first[5]]).wrapping_add(self.payload.len() as u16);
        first[..2] == packet[..2] && first[6..9] == packet[6..9] && packet[4..6] == id.to_be_bytes()
    }

    /// The next sequence number; acknowledgement, window, options and flags as in the first packet.
    #[inline]
    fn follows_in_tcp(&self, first: &[u8], packet: &[u8]) -> bool {
        let at = if self.key.source.is_v6() { 40 } else { 20 };
        let first = &first[at..self.header_length];
        let header = &packet[at..self.header_length];
        let sequence = u32::from_be_bytes([first[4], first[5], first[6], first[7]])
            .wrapping_add(self.payload_bytes as u32);
        header[4..8] == sequence.to_be_bytes()
            && header[8..13] == first[8..13]
            && header[13] & !(FIN | PSH) == first[13]
            && header[14..16] == first[14..16]
            && header[18..] == first[18..]
    }

    pub(super) fn append(&mut self, candidate: &Candidate, mut packet: Bytes) {
        self.payload_bytes += candidate.payload;
        if self.key.protocol == TCP {
            let at = if self.key.source.is_v6() { 40 } else { 20 };
            self.last_flags = packet[at + 13] & (FIN | PSH);
        }
        packet.advance(candidate.header_length);
        self.payload.push(packet);
    }

    /// Whether nothing more can follow: the last packet was shorter, or a limit is reached.
    pub(super) fn is_complete(&self) -> bool {
        let packets = self.payload.len();
        packets == MAX_PACKETS
            || self.payload_bytes < packets * self.segment_size
            || self.header_length + self.payload_bytes + self.segment_size > MAX_LENGTH
    }

    /// Emits what was collected and forgets it.
    pub(super) fn release(&mut self, emit: &mut impl FnMut(Frame<'_>)) {
        let packets = self.payload.len();
        if packets == 1 {
            emit(single(&self.first));
        } else {
            let header = self.merged_header();
            emit(Frame {
                header: &header[..vnet::LENGTH + self.header_length],
                payload: &self.payload,
                packets,
                bytes: packets * self.header_length + self.payload_bytes,
            });
        }
        self.payload.clear();
        self.first = Bytes::new();
    }

    /// vnet header and the first packet's headers with the whole frame's lengths; the TCP or UDP
    /// checksum holds the pseudo-header's sum, the kernel does the rest.
    fn merged_header(&self) -> [u8; MAX_HEADER] {
        let v6 = self.key.source.is_v6();
        let tcp = self.key.protocol == TCP;
        let ip_length = if v6 { 40 } else { 20 };
        let checksum_offset = if tcp { 16 } else { 6 };
        let vnet_header = VnetHeader {
            flags: vnet::NEEDS_CSUM,
            gso_type: match (tcp, v6) {
                (true, false) => vnet::GSO_TCPV4,
                (true, true) => vnet::GSO_TCPV6,
                (false, _) => vnet::GSO_UDP_L4,
            },
            header_length: self.header_length as u16,
            gso_size: self.segment_size as u16,
            checksum_start: ip_length as u16,
            checksum_offset: checksum_offset as u16,
        };
        let mut frame = [0; MAX_HEADER];
        let (start, rest) = frame.split_at_mut(vnet::LENGTH);
        start.copy_from_slice(&vnet_header.to_bytes());
        rest[..self.header_length].copy_from_slice(&self.first[..self.header_length]);
        let (ip, upper) = rest.split_at_mut(ip_length);
        let total = self.header_length + self.payload_bytes;
        let upper_length = total - ip_length;
        let addresses = if v6 {
            ip[4..6].copy_from_slice(&(upper_length as u16).to_be_bytes());
            &ip[8..40]
        } else {
            ip[2..4].copy_from_slice(&(total as u16).to_be_bytes());
            ip[10..12].fill(0);
            let sum = checksum::complement(checksum::sum(ip, 0));
            ip[10..12].copy_from_slice(&sum);
            &ip[12..20]
        };
        let sum = checksum::pseudo_header(addresses, self.key.protocol, upper_length);
        upper[checksum_offset..checksum_offset + 2].copy_from_slice(&checksum::fold(sum).to_ne_bytes());
        if tcp {
            upper[13] |= self.last_flags;
        } else {
            upper[4..6].copy_from_slice(&(upper_length as u16).to_be_bytes());
        }
        frame
    }
}
