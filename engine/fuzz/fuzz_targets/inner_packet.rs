//! Any bytes as an inner packet: parsing, route check, flows, ICMP answers, TTL, MSS and fragmentation (CIP-1607).
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use masque_packet::{
    Address, Admission, Direction, ErrorKind, FlowTable, Question, Remote, RouteRange, RouteSet, Trace,
    classify, fragment, icmp, mss, parse, ttl,
};

/// Sets what random bytes never get right: IPv4 and IPv6 length, IPv4 header checksum.
fn mended(bytes: &[u8]) -> Vec<u8> {
    let mut packet = bytes.to_vec();
    match packet.first().map(|first| first >> 4) {
        Some(4) if packet.len() >= 20 => {
            let length = packet.len() as u16;
            packet[2..4].copy_from_slice(&length.to_be_bytes());
            packet[10..12].fill(0);
            let header = (usize::from(packet[0] & 0x0f) * 4).min(packet.len());
            let sum = masque_packet::checksum::sum(&packet[..header], 0);
            packet[10..12].copy_from_slice(&masque_packet::checksum::complement(sum));
        }
        Some(6) if packet.len() >= 40 => {
            let length = packet.len() as u16 - 40;
            packet[4..6].copy_from_slice(&length.to_be_bytes());
        }
        _ => {}
    }
    packet
}

fuzz_target!(|input: (bool, u16, &[u8])| {
    let (mend, mtu, bytes) = input;
    let bytes = if mend { mended(bytes) } else { bytes.to_vec() };
    let own_v4 = Some(Address::V4(0xc000_0201));
    let own_v6 = Some(Address::V6(0x2001_0db8 << 96 | 1));
    let mut out = Vec::new();
    for kind in [
        ErrorKind::NoRoute,
        ErrorKind::TooBig {
            mtu: u32::from(mtu),
        },
    ] {
        out.clear();
        if icmp::error(kind, &bytes, own_v4, own_v6, &mut out) {
            assert!(parse(&out).is_ok());
            assert!(!icmp::error(kind, &out.clone(), own_v4, own_v6, &mut out));
        }
    }
    let mut less = bytes.clone();
    let decremented = ttl::decrement(&mut less);
    let Ok(packet) = parse(&bytes) else {
        assert!(out.is_empty());
        return;
    };
    let _ = (classify(packet.source), packet.upper().len());
    let end = if packet.is_v6() {
        Address::V6(u128::MAX)
    } else {
        Address::V4(u32::MAX)
    };
    let start = if packet.is_v6() {
        Address::V6(0)
    } else {
        Address::V4(0)
    };
    let routes = RouteSet::new(RouteRange::new(start, end, 17));
    let _ = routes.check(&packet);
    let mut flows = FlowTable::new(1, 0);
    for direction in [Direction::FromPeer, Direction::ToPeer] {
        let ask = Question {
            direction,
            remote: Remote::Outside(packet.destination),
            rules: None,
            generation: 0,
            limit: 1,
            now: 0,
        };
        let (admission, _) = flows.admit(&packet, Trace::of(&packet, direction), &ask);
        assert!(matches!(admission, Admission::Refused(_)));
    }
    assert_eq!(decremented, packet.ttl > 1);
    assert!(!decremented || parse(&less).is_ok_and(|less| less.ttl + 1 == packet.ttl));
    let mut clamped = bytes.clone();
    if mss::clamp(&mut clamped, usize::from(mtu)) {
        assert!(mss::is_syn(&packet));
        assert!(!mss::clamp(&mut clamped, usize::from(mtu)));
    }
    assert!(parse(&clamped).is_ok());
    out.clear();
    icmp::echo_reply_to_link_local_multicast(&packet, own_v4, own_v6, &mut out);
    let (mut slab, mut lengths) = (BytesMut::new(), Vec::new());
    if fragment(&bytes, usize::from(mtu), &[], &mut slab, &mut lengths).is_ok() {
        assert_eq!(lengths.iter().sum::<usize>(), slab.len());
        for length in lengths {
            assert!(length <= usize::from(mtu));
            assert!(parse(&slab.split_to(length)).is_ok());
        }
    }
});
