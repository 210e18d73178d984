//! What one packet alone says about being merged.

use crate::address::Address;
use crate::checksum;
use crate::packet::{Fragment, Packet};
use crate::parse::parse;
use crate::protocol::{TCP, UDP};

pub(super) const FIN: u8 = 0x01;
pub(super) const PSH: u8 = 0x08;
pub(super) const ACK: u8 = 0x10;
pub(super) const ECE: u8 = 0x40;

/// What the kernel behind the TUN takes.
#[derive(Debug, Clone, Copy)]
pub struct CoalesceOptions {
    /// Merge TCP (TUN_F_TSO4 and TUN_F_TSO6 are set).
    pub tcp: bool,
    /// Merge UDP (TUN_F_USO4 and TUN_F_USO6 are set, Linux 6.2).
    pub udp: bool,
}

/// What may happen to a packet.
pub(super) enum Judgement {
    Mergeable(Candidate),
    /// Of this flow, but to be written alone, after what was collected of it.
    Alone(Key),
    /// Of no flow that is ever collected.
    Unrelated,
    /// Perhaps of a collected flow.
    Unknown,
}

/// What identifies a flow. Ports first: they differ most often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) ports: [u8; 4],
    pub(super) protocol: u8,
    pub(super) source: Address,
    pub(super) destination: Address,
}

/// A packet that may be merged, as far as it alone can tell.
pub(super) struct Candidate {
    pub(super) key: Key,
    /// IP and TCP or UDP header.
    pub(super) header_length: usize,
    /// Bytes of payload, at least one.
    pub(super) payload: usize,
    /// FIN or PSH: nothing may follow it in a frame.
    pub(super) closes: bool,
}

/// What may happen to `packet`, checksum included.
pub(super) fn judge(packet: &[u8], options: CoalesceOptions) -> Judgement {
    let Ok(packet) = parse(packet) else {
        return Judgement::Unknown;
    };
    let plain = packet.fragment == Fragment::Whole
        && packet.header_length == packet.upper_offset
        && packet.header_length == if packet.is_v6() { 40 } else { 20 };
    match packet.protocol {
        TCP if !options.tcp => Judgement::Unrelated,
        UDP if !options.udp => Judgement::Unrelated,
        // Options, extension headers, fragments: the flow is not worth finding out.
        TCP | UDP if !plain => Judgement::Unknown,
        TCP | UDP => judge_plain(&packet),
        _ if packet.fragment == Fragment::Later => Judgement::Unknown,
        _ => Judgement::Unrelated,
    }
}

/// A whole TCP or UDP packet without IPv4 options or IPv6 extension headers.
fn judge_plain(packet: &Packet<'_>) -> Judgement {
    let upper = packet.upper();
    let Some(ports) = upper.first_chunk::<4>() else {
        return Judgement::Unrelated;
    };
    let key = Key {
        ports: *ports,
        protocol: packet.protocol,
        source: packet.source,
        destination: packet.destination,
    };
    let form = if packet.protocol == TCP { tcp_form(upper) } else { udp_form(upper) };
    let reserved_bit = !packet.is_v6() && packet.bytes[6] & 0x80 != 0;
    match form {
        Some(form) if !reserved_bit && has_right_checksum(packet) => Judgement::Mergeable(Candidate {
            key,
            header_length: usize::from(packet.upper_offset) + form.header_length,
            payload: upper.len() - form.header_length,
            closes: form.closes,
        }),
        _ => Judgement::Alone(key),
    }
}

struct Form {
    header_length: usize,
    closes: bool,
}

/// TCP data with no flags but ACK, ECE, and FIN or PSH, which segmentation puts on the last segment.
/// CWR would be on the first only, and the merged frame needs a kernel that knows TSO with ECN.
fn tcp_form(upper: &[u8]) -> Option<Form> {
    let header_length = usize::from(upper.get(12)? >> 4) * 4;
    let flags = *upper.get(13)?;
    let plain_flags = flags & !(FIN | PSH | ECE) == ACK;
    let has_payload = header_length >= 20 && upper.len() > header_length;
    // Equal to zero as a number, but segmentation writes zero.
    let odd_checksum = upper.get(16..18)? == [0xff, 0xff];
    let mergeable = plain_flags && has_payload && !odd_checksum;
    mergeable.then_some(Form { header_length, closes: flags & (FIN | PSH) != 0 })
}

/// UDP with payload, its own length right and a checksum.
fn udp_form(upper: &[u8]) -> Option<Form> {
    let length = u16::from_be_bytes([*upper.get(4)?, *upper.get(5)?]);
    let has_checksum = upper.get(6..8)? != [0, 0];
    let mergeable = usize::from(length) == upper.len() && upper.len() > 8 && has_checksum;
    mergeable.then_some(Form { header_length: 8, closes: false })
}

fn has_right_checksum(packet: &Packet<'_>) -> bool {
    let upper = packet.upper();
    let addresses = if packet.is_v6() { &packet.bytes[8..40] } else { &packet.bytes[12..20] };
    let pseudo_header = checksum::pseudo_header(addresses, packet.protocol, upper.len());
    checksum::fold(checksum::sum(upper, pseudo_header)) == 0xffff
}
