//! One read of the TUN becomes packets: TSO and USO super-packets are cut, missing checksums completed.
//!
//! A super-packet has one IP and one TCP or UDP header in front of up to 64 kB of payload; its
//! checksum field holds only the pseudo-header's sum. Every segment needs its own headers with
//! lengths, IPv4 id, sequence number, flags and whole checksums.

use bytes::BytesMut;

use crate::checksum;
use crate::protocol::{TCP, UDP};
use crate::vnet::{self, VnetHeader};

/// Why a frame read from the TUN cannot be used. A kernel never produces these; drop as malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentError {
    /// Shorter than the vnet header, or no packet behind it.
    TooShort,
    /// A GSO type that was not switched on (UFO, unknown).
    UnsupportedGso,
    /// IP, TCP or UDP header missing, cut, a fragment, or not what the vnet header says.
    Headers,
    /// The checksum's place lies outside the packet.
    ChecksumPlace,
    /// Segment size 0, no payload, or more than [`MAX_SEGMENTS`] segments.
    SegmentSize,
}

/// The most segments that one frame may become.
pub const MAX_SEGMENTS: usize = 1024;

/// IPv4 header with options and TCP header with options.
const MAX_HEADERS: usize = 60 + 60;

/// FIN and PSH, which only the last segment keeps, and CWR, which only the first does (RFC 3168 §6.1.2).
const FIN: u8 = 0x01;
const PSH: u8 = 0x08;
const CWR: u8 = 0x80;

/// The size of the largest packet that [`segment`] would make of `frame`, without the prefix:
/// known before any work, for Packet Too Big (CIP-1206).
pub fn largest_packet(frame: &[u8]) -> Result<usize, SegmentError> {
    let (packet, plan) = plan(frame)?;
    Ok(match plan {
        Plan::Whole(_) => packet.len(),
        Plan::Cut(cut) => packet.len().min(cut.header_length + cut.segment_size),
    })
}

/// Cuts `frame` (vnet header and packet) into packets with complete checksums and appends them to
/// `slab`, each behind a copy of `prefix`. Pushes one length per packet, prefix included, to
/// `lengths` and returns how many. On an error `slab` and `lengths` are as before.
///
/// The caller freezes the slab and slices it by the lengths. IPv4 ids count up; FIN and PSH stay on
/// the last TCP segment, CWR on the first.
pub fn segment(
    frame: &[u8],
    prefix: &[u8],
    slab: &mut BytesMut,
    lengths: &mut Vec<usize>,
) -> Result<usize, SegmentError> {
    let (packet, plan) = plan(frame)?;
    match plan {
        Plan::Whole(place) => {
            let start = slab.len() + prefix.len();
            slab.reserve(prefix.len() + packet.len());
            slab.extend_from_slice(prefix);
            slab.extend_from_slice(packet);
            if let Some(place) = place {
                place.complete(&mut slab[start..]);
            }
            lengths.push(prefix.len() + packet.len());
            Ok(1)
        }
        Plan::Cut(cut) => Ok(cut.write(packet, prefix, slab, lengths)),
    }
}

/// What is to be done with a frame; everything in it was checked against the packet.
enum Plan {
    /// One packet; its checksum may be unfinished.
    Whole(Option<ChecksumPlace>),
    Cut(Cut),
}

/// Where the kernel left a checksum unfinished.
struct ChecksumPlace {
    start: usize,
    field: usize,
}

impl ChecksumPlace {
    /// The field holds the pseudo-header's sum, so it takes part in the sum.
    fn complete(&self, packet: &mut [u8]) {
        // As in Linux: never zero, which would mean "none" in UDP and is the same number elsewhere.
        let sum = checksum::complement_nonzero(checksum::sum(&packet[self.start..], 0));
        packet[self.field..self.field + 2].copy_from_slice(&sum);
    }
}

/// How to cut a super-packet.
struct Cut {
    v6: bool,
    tcp: bool,
    /// Where the TCP or UDP header begins.
    ip_length: usize,
    /// Where the payload begins.
    header_length: usize,
    segment_size: usize,
    segments: usize,
}

fn plan(frame: &[u8]) -> Result<(&[u8], Plan), SegmentError> {
    let header = VnetHeader::parse(frame).ok_or(SegmentError::TooShort)?;
    let packet = &frame[vnet::LENGTH..];
    if packet.is_empty() {
        return Err(SegmentError::TooShort);
    }
    let plan = match header.gso_type & !vnet::GSO_ECN {
        vnet::GSO_NONE => Plan::Whole(checksum_place(&header, packet)?),
        vnet::GSO_TCPV4 | vnet::GSO_TCPV6 | vnet::GSO_UDP_L4 => Plan::Cut(plan_cut(&header, packet)?),
        _ => return Err(SegmentError::UnsupportedGso),
    };
    Ok((packet, plan))
}

fn checksum_place(header: &VnetHeader, packet: &[u8]) -> Result<Option<ChecksumPlace>, SegmentError> {
    if header.flags & vnet::NEEDS_CSUM == 0 {
        return Ok(None);
    }
    let start = usize::from(header.checksum_start);
    let field = start + usize::from(header.checksum_offset);
    if field + 2 > packet.len() {
        return Err(SegmentError::ChecksumPlace);
    }
    Ok(Some(ChecksumPlace { start, field }))
}

fn plan_cut(header: &VnetHeader, packet: &[u8]) -> Result<Cut, SegmentError> {
    let (v6, ip_length, protocol) = ip_header(packet).ok_or(SegmentError::Headers)?;
    let tcp = match (header.gso_type & !vnet::GSO_ECN, v6, protocol) {
        (vnet::GSO_TCPV4, false, TCP) | (vnet::GSO_TCPV6, true, TCP) => true,
        (vnet::GSO_UDP_L4, _, UDP) => false,
        _ => return Err(SegmentError::Headers),
    };
    let needs_checksum = header.flags & vnet::NEEDS_CSUM != 0;
    if needs_checksum && usize::from(header.checksum_start) != ip_length {
        return Err(SegmentError::Headers);
    }
    let upper = &packet[ip_length..];
    let upper_length = match (tcp, upper.get(12)) {
        (true, Some(data_offset)) => usize::from(data_offset >> 4) * 4,
        (true, None) => return Err(SegmentError::Headers),
        (false, _) => 8,
    };
    if (tcp && upper_length < 20) || upper.len() < upper_length {
        return Err(SegmentError::Headers);
    }
    let payload = upper.len() - upper_length;
    let segment_size = usize::from(header.gso_size);
    if segment_size == 0 || payload == 0 || payload.div_ceil(segment_size) > MAX_SEGMENTS {
        return Err(SegmentError::SegmentSize);
    }
    Ok(Cut {
        v6,
        tcp,
        ip_length,
        header_length: ip_length + upper_length,
        segment_size,
        segments: payload.div_ceil(segment_size),
    })
}

/// Family, header length and protocol of a packet that can be cut: whole, its length right, and in
/// IPv6 without extension headers, which the kernel does not offload to a TUN.
fn ip_header(packet: &[u8]) -> Option<(bool, usize, u8)> {
    match packet.first()? >> 4 {
        4 => {
            let fixed = packet.first_chunk::<20>()?;
            let length = usize::from(fixed[0] & 0x0f) * 4;
            let whole = u16::from_be_bytes([fixed[6], fixed[7]]) & 0x3fff == 0;
            let total = usize::from(u16::from_be_bytes([fixed[2], fixed[3]]));
            let fits = whole && total == packet.len() && (20..=total).contains(&length);
            fits.then_some((false, length, fixed[9]))
        }
        6 => {
            let fixed = packet.first_chunk::<40>()?;
            let payload = usize::from(u16::from_be_bytes([fixed[4], fixed[5]]));
            (payload + 40 == packet.len()).then_some((true, 40, fixed[6]))
        }
        _ => None,
    }
}

impl Cut {
    /// Writes all segments; returns how many.
    fn write(&self, packet: &[u8], prefix: &[u8], slab: &mut BytesMut, lengths: &mut Vec<usize>) -> usize {
        let (headers, payload) = packet.split_at(self.header_length);
        let mut template = Template::new(self, headers);
        slab.reserve(self.segments * (prefix.len() + headers.len()) + payload.len());
        for (index, chunk) in payload.chunks(self.segment_size).enumerate() {
            let position = Position { index, last: index + 1 == self.segments };
            template.adjust(self, position, chunk);
            slab.extend_from_slice(prefix);
            slab.extend_from_slice(&template.headers[..self.header_length]);
            slab.extend_from_slice(chunk);
            lengths.push(prefix.len() + self.header_length + chunk.len());
        }
        self.segments
    }
}

#[derive(Clone, Copy)]
struct Position {
    index: usize,
    last: bool,
}

/// The headers of a segment, and the sums over those of their bytes that all segments share.
struct Template {
    headers: [u8; MAX_HEADERS],
    /// IPv4 header with length, id and checksum zero.
    ip_sum: u64,
    /// Pseudo-header without length, and TCP or UDP header with every changing field zero.
    upper_sum: u64,
    id: u16,
    sequence: u32,
    flags: u8,
}

impl Template {
    fn new(cut: &Cut, original: &[u8]) -> Self {
        let mut headers = [0; MAX_HEADERS];
        headers[..original.len()].copy_from_slice(original);
        let (ip, upper) = headers[..original.len()].split_at_mut(cut.ip_length);
        let (mut id, mut sequence, mut flags) = (0, 0, 0);
        let addresses = if cut.v6 {
            ip[4..6].fill(0);
            8..40
        } else {
            id = u16::from_be_bytes([ip[4], ip[5]]);
            ip[2..6].fill(0);
            ip[10..12].fill(0);
            12..20
        };
        let protocol = if cut.tcp {
            sequence = u32::from_be_bytes([upper[4], upper[5], upper[6], upper[7]]);
            flags = upper[13];
            upper[4..8].fill(0);
            upper[13] = 0;
            upper[16..18].fill(0);
            TCP
        } else {
            upper[4..8].fill(0);
            UDP
        };
        let pseudo_header = checksum::pseudo_header(&ip[addresses], protocol, 0);
        let ip_sum = checksum::sum(ip, 0);
        let upper_sum = checksum::sum(upper, pseudo_header);
        Self { headers, ip_sum, upper_sum, id, sequence, flags }
    }

    /// Makes the headers those of the segment at `position` with `payload`.
    #[inline]
    fn adjust(&mut self, cut: &Cut, position: Position, payload: &[u8]) {
        let (ip, rest) = self.headers.split_at_mut(cut.ip_length);
        // A segment is no longer than the super-packet, whose length fits.
        let upper_length = (cut.header_length - cut.ip_length + payload.len()) as u16;
        if cut.v6 {
            ip[4..6].copy_from_slice(&upper_length.to_be_bytes());
        } else {
            let total = upper_length + cut.ip_length as u16;
            let id = self.id.wrapping_add(position.index as u16);
            ip[2..4].copy_from_slice(&total.to_be_bytes());
            ip[4..6].copy_from_slice(&id.to_be_bytes());
            let sum = self.ip_sum + checksum::word(total) + checksum::word(id);
            ip[10..12].copy_from_slice(&checksum::complement(sum));
        }
        let sum = checksum::sum(payload, self.upper_sum + checksum::word(upper_length));
        if cut.tcp {
            let offset = (position.index * cut.segment_size) as u32;
            let sequence = self.sequence.wrapping_add(offset).to_be_bytes();
            let first_only = if position.index == 0 { 0 } else { CWR };
            let last_only = if position.last { 0 } else { FIN | PSH };
            let flags = self.flags & !(first_only | last_only);
            rest[4..8].copy_from_slice(&sequence);
            rest[13] = flags;
            let sum = checksum::sum(&sequence, sum) + checksum::word(u16::from(flags));
            rest[16..18].copy_from_slice(&checksum::complement(sum));
        } else {
            rest[4..6].copy_from_slice(&upper_length.to_be_bytes());
            let sum = sum + checksum::word(upper_length);
            rest[6..8].copy_from_slice(&checksum::complement_nonzero(sum));
        }
    }
}

#[cfg(test)]
mod tests;
