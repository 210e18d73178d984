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
mod tests {
    use super::*;
    use crate::vectors;
    use proptest::prelude::*;

    fn own_v4() -> Option<Address> {
        Some("192.0.2.1".parse().expect("address"))
    }

    fn own_v6() -> Option<Address> {
        Some("2001:db8:1234::1".parse().expect("address"))
    }

    fn answer(kind: ErrorKind, offending: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let answered = error(kind, offending, own_v4(), own_v6(), &mut out);
        assert_eq!(answered, !out.is_empty());
        answered.then_some(out)
    }

    /// P-01 with other bytes at `at`, its header checksum right.
    fn v4_with(at: usize, bytes: &[u8]) -> Vec<u8> {
        let mut packet = vectors::p_01();
        packet[at..at + bytes.len()].copy_from_slice(bytes);
        vectors::fix_v4_checksum(&mut packet);
        packet
    }

    fn v6_with(at: usize, bytes: &[u8]) -> Vec<u8> {
        let mut packet = vectors::p_06();
        packet[at..at + bytes.len()].copy_from_slice(bytes);
        packet
    }

    #[test]
    fn answers_byte_for_byte_cip_1104() {
        assert_eq!(answer(ErrorKind::TimeExceeded, &vectors::p_03()), Some(vectors::p_04()));
        let too_big = ErrorKind::TooBig { mtu: 1400 };
        assert_eq!(answer(too_big, &vectors::p_01()), Some(vectors::p_05()));
        assert_eq!(answer(ErrorKind::SourceNotAssigned, &vectors::p_06()), Some(vectors::p_07()));
        let too_big = ErrorKind::TooBig { mtu: 1280 };
        assert_eq!(answer(too_big, &vectors::p_06()), Some(vectors::p_08()));
    }

    #[test]
    fn uses_the_type_and_code_of_each_row_cip_1101() {
        let rows = [
            (ErrorKind::SourceNotAssigned, Some([3, 13]), [1, 5]),
            (ErrorKind::NoRoute, Some([3, 0]), [1, 0]),
            (ErrorKind::Refused, Some([3, 13]), [1, 1]),
            (ErrorKind::TimeExceeded, Some([11, 0]), [3, 0]),
            (ErrorKind::SourceScope, None, [1, 2]),
            (ErrorKind::TooBig { mtu: 1400 }, Some([3, 4]), [2, 0]),
        ];
        for (kind, v4, v6) in rows {
            let on_v4 = answer(kind, &vectors::p_01()).map(|answer| [answer[20], answer[21]]);
            assert_eq!(on_v4, v4, "{kind:?}");
            let on_v6 = answer(kind, &vectors::p_06()).map(|answer| [answer[40], answer[41]]);
            assert_eq!(on_v6, Some(v6), "{kind:?}");
        }
    }

    #[test]
    fn never_reports_less_than_1280_on_ipv6_cip_1206() {
        let answer = answer(ErrorKind::TooBig { mtu: 600 }, &vectors::p_06()).expect("an answer");
        assert_eq!(answer[44..48], 1280_u32.to_be_bytes());
    }

    #[test]
    fn keeps_silent_about_icmp_errors_and_redirects_cip_1102() {
        let mut expired = vectors::p_04();
        expired[8] = 1;
        vectors::fix_v4_checksum(&mut expired);
        assert_eq!(answer(ErrorKind::TimeExceeded, &expired), None);
        for kind in [3, 4, 5, 11, 12] {
            let mut packet = v4_with(9, &[ICMP]);
            packet[20] = kind;
            assert_eq!(answer(ErrorKind::NoRoute, &packet), None);
        }
        let mut echo = v4_with(9, &[ICMP]);
        echo[20] = 8;
        assert!(answer(ErrorKind::NoRoute, &echo).is_some());

        assert_eq!(answer(ErrorKind::NoRoute, &vectors::p_07()), None);
        let mut redirect = v6_with(6, &[ICMPV6]);
        redirect[40] = 137;
        assert_eq!(answer(ErrorKind::NoRoute, &redirect), None);
        redirect[40] = 128;
        assert!(answer(ErrorKind::NoRoute, &redirect).is_some());
    }

    #[test]
    fn keeps_silent_about_multicast_and_broadcast_except_too_big_on_ipv6_cip_1102() {
        for destination in [[224, 0, 0, 1], [239, 1, 1, 1], [255, 255, 255, 255]] {
            let packet = v4_with(16, &destination);
            assert_eq!(answer(ErrorKind::NoRoute, &packet), None);
            assert_eq!(answer(ErrorKind::TooBig { mtu: 1280 }, &packet), None);
        }
        let multicast = v6_with(24, &[0xff, 0x0e]);
        assert_eq!(answer(ErrorKind::NoRoute, &multicast), None);
        assert!(answer(ErrorKind::TooBig { mtu: 1280 }, &multicast).is_some());
    }

    #[test]
    fn keeps_silent_about_later_ipv4_fragments_cip_1102() {
        let later = vectors::with_v4_flags(&vectors::p_01(), 185);
        assert_eq!(answer(ErrorKind::NoRoute, &later), None);
        let first = vectors::with_v4_flags(&vectors::p_01(), 0x2000);
        assert!(answer(ErrorKind::NoRoute, &first).is_some());
        assert!(answer(ErrorKind::NoRoute, &vectors::p_10()).is_some());
        let mut hidden = vectors::p_10();
        hidden[40] = ICMPV6;
        assert_eq!(answer(ErrorKind::NoRoute, &hidden), None);
    }

    #[test]
    fn keeps_silent_toward_sources_that_are_no_single_host_cip_1102() {
        for source in [[0, 0, 0, 0], [127, 0, 0, 1], [224, 0, 0, 1], [255, 255, 255, 255]] {
            assert_eq!(answer(ErrorKind::NoRoute, &v4_with(12, &source)), None);
        }
        assert_eq!(answer(ErrorKind::NoRoute, &v6_with(8, &[0; 16])), None);
        assert_eq!(answer(ErrorKind::NoRoute, &v6_with(8, &[0xff])), None);
        assert!(answer(ErrorKind::SourceScope, &v6_with(8, &[0xfe, 0x80])).is_some());
    }

    #[test]
    fn quotes_as_much_as_fits_cip_1103() {
        let mut v6 = vectors::p_06();
        v6.resize(1500, 0);
        v6[4..6].copy_from_slice(&1460_u16.to_be_bytes());
        let too_big = answer(ErrorKind::TooBig { mtu: 1400 }, &v6).expect("an answer");
        assert_eq!(too_big.len(), 1280);
        assert_eq!(too_big[48..], v6[..1232]);
        assert!(parse(&too_big).is_ok());

        let mut v4 = vectors::p_01();
        v4.resize(1500, 0);
        v4[2..4].copy_from_slice(&1500_u16.to_be_bytes());
        vectors::fix_v4_checksum(&mut v4);
        let too_big = answer(ErrorKind::TooBig { mtu: 1400 }, &v4).expect("an answer");
        assert_eq!(too_big.len(), 576);
        assert_eq!(too_big[28..], v4[..548]);
    }

    #[test]
    fn needs_an_own_address_of_the_family_cip_1106() {
        let mut out = Vec::new();
        assert!(!error(ErrorKind::NoRoute, &vectors::p_01(), None, own_v6(), &mut out));
        assert!(!error(ErrorKind::NoRoute, &vectors::p_06(), own_v4(), None, &mut out));
        assert!(!error(ErrorKind::NoRoute, &vectors::p_06(), own_v6(), own_v4(), &mut out));
        assert!(!error(ErrorKind::NoRoute, &[0x45], own_v4(), own_v6(), &mut out));
        assert!(out.is_empty());
    }

    #[test]
    fn answers_an_echo_request_to_all_nodes_from_the_own_address_cip_1013() {
        let bytes = vectors::p_13();
        let request = parse(&bytes).expect("well-formed");
        let own = "2001:db8:1234::a".parse().ok();
        let mut out = Vec::new();
        assert!(echo_reply_to_link_local_multicast(&request, None, own, &mut out));
        let reply = parse(&out).expect("well-formed");
        assert_eq!((Some(reply.source), reply.destination), (own, request.source));
        assert_eq!(reply.ttl, 64);
        assert_eq!(reply.upper()[..2], [129, 0]);
        assert_eq!(reply.upper()[4..], request.upper()[4..]);
        let pseudo = checksum::pseudo_header(&out[8..40], ICMPV6, reply.upper().len());
        assert_eq!(checksum::fold(checksum::sum(reply.upper(), pseudo)), 0xffff);
    }

    #[test]
    fn answers_no_other_packet_as_an_echo_cip_1013() {
        let refused = |bytes: &[u8]| {
            let request = parse(bytes).expect("well-formed");
            !echo_reply_to_link_local_multicast(&request, own_v4(), own_v6(), &mut Vec::new())
        };
        let mut wrong_checksum = vectors::p_13();
        wrong_checksum[42] ^= 1;
        assert!(refused(&wrong_checksum));
        let mut reply = vectors::p_13();
        reply[40] = 129;
        assert!(refused(&reply));
        assert!(refused(&vectors::p_06()));
        assert!(refused(&vectors::p_01()));
        let mut cut = vectors::p_13();
        cut.truncate(47);
        cut[5] = 7;
        assert!(refused(&cut));
    }

    #[test]
    fn answers_no_fragment_as_an_echo_cip_1013() {
        let whole = vectors::p_13();
        for (flags, answered) in [(0, true), (1, false), (8, false)] {
            let fragment_header = [ICMPV6, 0, 0, flags, 0, 0, 0, 1];
            let mut bytes = [&whole[..40], &fragment_header, &whole[40..]].concat();
            bytes[5] += 8;
            bytes[6] = 44;
            let request = parse(&bytes).expect("well-formed");
            let own = own_v6().expect("address");
            assert_eq!(echo_reply(&request, own, &mut Vec::new()), answered, "flags {flags}");
        }
    }

    #[test]
    fn answers_an_ipv4_echo_request() {
        let mut bytes = v4_with(9, &[ICMP]);
        bytes[16..20].copy_from_slice(&[224, 0, 0, 1]);
        vectors::fix_v4_checksum(&mut bytes);
        bytes[20..24].copy_from_slice(&[8, 0, 0, 0]);
        let sum = checksum::complement(checksum::sum(&bytes[20..], 0));
        bytes[22..24].copy_from_slice(&sum);
        let request = parse(&bytes).expect("well-formed");
        let mut out = Vec::new();
        assert!(echo_reply_to_link_local_multicast(&request, own_v4(), None, &mut out));
        let reply = parse(&out).expect("well-formed");
        assert_eq!((Some(reply.source), reply.destination), (own_v4(), request.source));
        assert_eq!(reply.upper()[..2], [0, 0]);
        assert_eq!(checksum::fold(checksum::sum(reply.upper(), 0)), 0xffff);
    }

    proptest! {
        #[test]
        fn every_answer_is_well_formed_and_never_answered_itself(
            flips in prop::collection::vec((0..64_usize, any::<u8>()), 0..6),
            v6: bool,
        ) {
            let mut packet = if v6 { vectors::p_09() } else { vectors::p_01() };
            for (at, value) in flips {
                let at = at % packet.len();
                packet[at] = value;
            }
            if !v6 {
                packet[0] = 0x45;
                vectors::fix_v4_checksum(&mut packet);
            }
            if let Some(first) = answer(ErrorKind::NoRoute, &packet) {
                prop_assert!(parse(&first).is_ok());
                prop_assert_eq!(answer(ErrorKind::NoRoute, &first), None);
            }
        }
    }
}
