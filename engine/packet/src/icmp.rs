//! ICMP errors and echo replies that the tunnel itself originates (RFC 792, RFC 4443, CIP-1101 to 1106).
//!
//! ```text
//! type u8 | code u8 | checksum u16 | 4 bytes by type | quoted packet or echo data
//! ```

use crate::address::{Address, AddressClass, classify};
use crate::checksum;
use crate::extension::is_extension;
use crate::packet::{Fragment, Packet};
use crate::parse::parse;
use crate::protocol::{ICMP, ICMPV6};

/// The rows of the refusal table: what happened, ICMPv4 type/code, ICMPv6 type/code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A: the source is not assigned. 3/13, 1/5.
    SourceNotAssigned,
    /// B: no route to the destination. 3/0, 1/0.
    NoRoute,
    /// C: scope, protocol or a rule refused it. 3/13, 1/1.
    Refused,
    /// D: TTL or hop limit exhausted. 11/0, 3/0.
    TimeExceeded,
    /// E: a link-local source would leave its link. Silent, 1/2.
    SourceScope,
    /// F: larger than the next link. 3/4, 2/0.
    TooBig {
        /// The largest packet that fits, bytes; at least 1280 is reported for IPv6 (CIP-1206).
        mtu: u32,
    },
}

/// Size limits of errors, IP header included (CIP-1103).
const MAX_V4_ERROR: usize = 576;
const MAX_V6_ERROR: usize = 1280;

/// IP header without options, and the eight bytes of every ICMP message.
const V4_OVERHEAD: usize = 20 + 8;
const V6_OVERHEAD: usize = 40 + 8;

const TTL: u8 = 64;

const ALL_NODES_V4: Address = Address::V4(0xe000_0001);
const ALL_NODES_V6: Address = Address::V6((0xff02 << 112) | 1);

/// Appends to `out` the ICMP error that answers `offending`, from the own address of its family.
/// False, and nothing appended, when no answer is due (CIP-1102, row E on IPv4), when `offending`
/// is malformed, or when there is no own address of its family.
///
/// Total size is at most 576 bytes on IPv4 and 1280 on IPv6 (CIP-1103); TTL 64.
/// Rate limiting is the caller's ([`crate::TokenBucket`], CIP-1105).
pub fn error(
    kind: ErrorKind,
    offending: &[u8],
    own_v4: Option<Address>,
    own_v6: Option<Address>,
    out: &mut Vec<u8>,
) -> bool {
    let Ok(packet) = parse(offending) else {
        return false;
    };
    if !deserves_error(kind, &packet) {
        return false;
    }
    match (packet.source, own_v4, own_v6) {
        (Address::V4(sender), Some(Address::V4(own)), _) => {
            let Some((kind, code, rest)) = kind.on_v4() else {
                return false;
            };
            let quoted = &offending[..offending.len().min(MAX_V4_ERROR - V4_OVERHEAD)];
            append_v4(out, own, sender, Message { kind, code, rest, body: quoted });
            true
        }
        (Address::V6(sender), _, Some(Address::V6(own))) => {
            let (kind, code, rest) = kind.on_v6();
            let quoted = &offending[..offending.len().min(MAX_V6_ERROR - V6_OVERHEAD)];
            append_v6(out, own, sender, Message { kind, code, rest, body: quoted });
            true
        }
        _ => false,
    }
}

/// Appends to `out` the reply to an echo request to the all-nodes group, ff02::1 or 224.0.0.1, from
/// the own unicast address (CIP-1013). False when `request` is anything else, its checksum is wrong,
/// it is a fragment, its source cannot be answered, or there is no own address.
pub fn echo_reply_to_link_local_multicast(
    request: &Packet<'_>,
    own_v4: Option<Address>,
    own_v6: Option<Address>,
    out: &mut Vec<u8>,
) -> bool {
    let own = match request.destination {
        ALL_NODES_V4 => own_v4,
        ALL_NODES_V6 => own_v6,
        _ => None,
    };
    own.is_some_and(|own| echo_reply(request, own, out))
}

/// Appends to `out` the reply to an echo request, from `own`, whatever the request's destination.
/// False as above.
pub fn echo_reply(request: &Packet<'_>, own: Address, out: &mut Vec<u8>) -> bool {
    let message = request.upper();
    let [kind, 0, _, _, id0, id1, sequence0, sequence1, data @ ..] = message else {
        return false;
    };
    if request.fragment != Fragment::Whole || !request.is_icmp() || !is_answerable(request.source) {
        return false;
    }
    let rest = [*id0, *id1, *sequence0, *sequence1];
    match (*kind, request.source, own) {
        (8, Address::V4(sender), Address::V4(own)) if checksum::fold(checksum::sum(message, 0)) == 0xffff => {
            append_v4(out, own, sender, Message { kind: 0, code: 0, rest, body: data });
            true
        }
        (128, Address::V6(sender), Address::V6(own)) => {
            let pseudo = checksum::pseudo_header(&request.bytes[8..40], ICMPV6, message.len());
            if checksum::fold(checksum::sum(message, pseudo)) != 0xffff {
                return false;
            }
            append_v6(out, own, sender, Message { kind: 129, code: 0, rest, body: data });
            true
        }
        _ => false,
    }
}

impl ErrorKind {
    /// Type, code and bytes 4 to 7; `None` is silence.
    fn on_v4(self) -> Option<(u8, u8, [u8; 4])> {
        match self {
            Self::SourceNotAssigned | Self::Refused => Some((3, 13, [0; 4])),
            Self::NoRoute => Some((3, 0, [0; 4])),
            Self::TimeExceeded => Some((11, 0, [0; 4])),
            Self::SourceScope => None,
            Self::TooBig { mtu } => {
                let [high, low] = u16::try_from(mtu).unwrap_or(u16::MAX).to_be_bytes();
                Some((3, 4, [0, 0, high, low])) // RFC 1191 §4
            }
        }
    }

    fn on_v6(self) -> (u8, u8, [u8; 4]) {
        match self {
            Self::SourceNotAssigned => (1, 5, [0; 4]),
            Self::NoRoute => (1, 0, [0; 4]),
            Self::Refused => (1, 1, [0; 4]),
            Self::TimeExceeded => (3, 0, [0; 4]),
            Self::SourceScope => (1, 2, [0; 4]),
            Self::TooBig { mtu } => (2, 0, mtu.max(1280).to_be_bytes()),
        }
    }
}

/// CIP-1102: RFC 1812 §4.3.2.7, RFC 4443 §2.4 (e).
fn deserves_error(kind: ErrorKind, packet: &Packet<'_>) -> bool {
    let destination = classify(packet.destination);
    let to_many = destination.is_multicast() || destination == AddressClass::Broadcast;
    let excepted = packet.is_v6() && matches!(kind, ErrorKind::TooBig { .. });
    let later_v4_fragment = !packet.is_v6() && packet.fragment == Fragment::Later;
    (!to_many || excepted) && !later_v4_fragment && is_answerable(packet.source) && !may_be_icmp_error(packet)
}

/// Whether `source` is one host that an answer can be sent to.
fn is_answerable(source: Address) -> bool {
    matches!(classify(source), AddressClass::Unicast | AddressClass::LinkLocal)
}

/// An ICMP error or redirect, or a packet of which that cannot be known.
fn may_be_icmp_error(packet: &Packet<'_>) -> bool {
    if packet.is_v6() && packet.fragment == Fragment::Later {
        return packet.is_icmp() || is_extension(packet.protocol);
    }
    match (packet.is_icmp(), packet.upper().first()) {
        (false, _) => false,
        (true, None) => true,
        (true, Some(kind)) if packet.is_v6() => *kind < 128 || *kind == 137,
        (true, Some(kind)) => matches!(kind, 3 | 4 | 5 | 11 | 12),
    }
}

/// An ICMP message without its checksum.
struct Message<'a> {
    kind: u8,
    code: u8,
    rest: [u8; 4],
    body: &'a [u8],
}

impl Message<'_> {
    fn append(&self, pseudo_header: u64, out: &mut Vec<u8>) {
        let start = [self.kind, self.code, 0, 0];
        let sum = checksum::sum(&self.rest, checksum::sum(&start, pseudo_header));
        let checksum = checksum::complement(checksum::sum(self.body, sum));
        out.extend_from_slice(&start[..2]);
        out.extend_from_slice(&checksum);
        out.extend_from_slice(&self.rest);
        out.extend_from_slice(self.body);
    }
}

fn append_v4(out: &mut Vec<u8>, source: u32, destination: u32, message: Message<'_>) {
    let length = (V4_OVERHEAD + message.body.len()) as u16;
    let mut header = [0; 20];
    header[0] = 0x45;
    header[2..4].copy_from_slice(&length.to_be_bytes());
    header[8] = TTL;
    header[9] = ICMP;
    header[12..16].copy_from_slice(&source.to_be_bytes());
    header[16..20].copy_from_slice(&destination.to_be_bytes());
    let checksum = checksum::complement(checksum::sum(&header, 0));
    header[10..12].copy_from_slice(&checksum);
    out.extend_from_slice(&header);
    message.append(0, out);
}

fn append_v6(out: &mut Vec<u8>, source: u128, destination: u128, message: Message<'_>) {
    let length = 8 + message.body.len();
    let mut header = [0; 40];
    header[0] = 0x60;
    header[4..6].copy_from_slice(&(length as u16).to_be_bytes());
    header[6] = ICMPV6;
    header[7] = TTL;
    header[8..24].copy_from_slice(&source.to_be_bytes());
    header[24..40].copy_from_slice(&destination.to_be_bytes());
    out.extend_from_slice(&header);
    message.append(checksum::pseudo_header(&header[8..40], ICMPV6, length), out);
}

#[cfg(test)]
mod tests;
