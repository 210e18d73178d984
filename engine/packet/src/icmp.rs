//! ICMP errors and echo replies that the tunnel itself originates (RFC 792, RFC 4443, CIP-1101 to 1106).

use crate::address::Address;
use crate::parse::Packet;

/// The rows of the refusal table: what happened, ICMPv4 type/code, ICMPv6 type/code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A: the source is not assigned. 3/13, 1/5.
    SourceNotAssigned,
    /// B: no route to the destination. 3/0, 1/0.
    NoRoute,
    /// C: policy, scope or protocol refused. 3/13, 1/1.
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
    let _ = (kind, offending, own_v4, own_v6, out);
    todo!()
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
    let _ = (request, own_v4, own_v6, out);
    todo!()
}

/// Appends to `out` the reply to an echo request, from `own`, whatever the request's destination.
/// False as above.
pub fn echo_reply(request: &Packet<'_>, own: Address, out: &mut Vec<u8>) -> bool {
    let _ = (request, own, out);
    todo!()
}
