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
