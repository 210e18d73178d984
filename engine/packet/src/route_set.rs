//! Which destinations and protocols were advertised (RFC 9484 §4.7.3, CIP-807, 810, 811, 904, 1005).

use crate::address::Address;
use crate::extension::is_extension;
use crate::packet::Packet;
use crate::protocol::AH;

/// An inclusive range of one family and the IP protocol it is for; 0 is all protocols (CIP-902).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteRange {
    start: Address,
    end: Address,
    protocol: u8,
}

impl RouteRange {
    /// `None` when the families differ or `start` is above `end` (CIP-801).
    pub fn new(start: Address, end: Address, protocol: u8) -> Option<Self> {
        let ordered = start.is_v6() == end.is_v6() && start <= end;
        ordered.then_some(Self { start, end, protocol })
    }
}

/// The answer to a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteVerdict {
    /// Some range matches address and protocol, or address and ICMP.
    Allowed,
    /// No range contains the address: row B.
    NoRoute,
    /// Ranges contain the address, none the protocol: row C.
    ProtocolRefused,
}

/// The union of a session's ranges, in any order, overlapping or not (CIP-811).
///
/// Compiled to disjoint spans in ascending order, each with the set of its protocols, so that a check
/// is one binary search; a full tunnel is one span.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteSet {
    v4: Vec<Span>,
    v6: Vec<Span>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u128,
    end: u128,
    protocols: ProtocolSet,
}

impl RouteSet {
    /// Compiles the ranges. O(n log n).
    pub fn new(ranges: impl IntoIterator<Item = RouteRange>) -> Self {
        let (v6, v4): (Vec<_>, Vec<_>) = ranges.into_iter().partition(|range| range.start.is_v6());
        Self { v4: compile(&v4), v6: compile(&v6) }
    }

    /// Whether `packet` may go to its destination.
    #[inline]
    pub fn check(&self, packet: &Packet<'_>) -> RouteVerdict {
        self.check_address(packet.destination, packet)
    }

    /// Whether `packet` may pass for `address`: its destination, or its source on the way back.
    #[inline]
    pub fn check_address(&self, address: Address, packet: &Packet<'_>) -> RouteVerdict {
        let spans = if address.is_v6() { &self.v6 } else { &self.v4 };
        let bits = address.bits();
        match spans.get(spans.partition_point(|span| span.end < bits)) {
            Some(span) if span.start <= bits && span.protocols.permits(packet) => RouteVerdict::Allowed,
            Some(span) if span.start <= bits => RouteVerdict::ProtocolRefused,
            _ => RouteVerdict::NoRoute,
        }
    }
}

/// Sweeps over the ends of the ranges of one family and notes which protocols hold in between.
fn compile(ranges: &[RouteRange]) -> Vec<Span> {
    let mut edges = Vec::with_capacity(ranges.len() * 2);
    for range in ranges {
        edges.push((range.start.bits(), true, range.protocol));
        // A range that ends with the last IPv6 address has no edge behind it.
        edges.extend(range.end.bits().checked_add(1).map(|behind| (behind, false, range.protocol)));
    }
    edges.sort_unstable();

    let mut spans = Vec::new();
    let mut open = [0_u32; 256];
    let mut protocols = ProtocolSet::default();
    let mut start = 0;
    for (position, opens, protocol) in edges {
        if position > start {
            push(&mut spans, start, position - 1, protocols);
            start = position;
        }
        // A range's own opening edge sorts before its closing one; other ranges cannot take it away.
        let count = &mut open[usize::from(protocol)];
        *count = if opens { *count + 1 } else { *count - 1 };
        protocols.set(protocol, *count > 0);
    }
    push(&mut spans, start, u128::MAX, protocols);
    spans
}

/// Appends a span unless it is empty; joins it to the one before if nothing changes between them.
fn push(spans: &mut Vec<Span>, start: u128, end: u128, protocols: ProtocolSet) {
    if protocols == ProtocolSet::default() {
        return;
    }
    let protocols = if protocols.has(0) { ProtocolSet::ALL } else { protocols };
    match spans.last_mut() {
        Some(last) if last.end + 1 == start && last.protocols == protocols => last.end = end,
        _ => spans.push(Span { start, end, protocols }),
    }
}

/// One bit a protocol number; bit 0 is "all".
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct ProtocolSet([u64; 4]);

impl ProtocolSet {
    const ALL: Self = Self([1, 0, 0, 0]);

    #[inline]
    fn has(&self, protocol: u8) -> bool {
        self.0[usize::from(protocol >> 6)] & (1 << (protocol & 63)) != 0
    }

    fn set(&mut self, protocol: u8, on: bool) {
        let word = &mut self.0[usize::from(protocol >> 6)];
        let bit = 1 << (protocol & 63);
        *word = if on { *word | bit } else { *word & !bit };
    }

    #[inline]
    fn permits(&self, packet: &Packet<'_>) -> bool {
        // ICMP passes under every rule (CIP-810).
        if self.has(0) || packet.is_icmp() {
            return true;
        }
        if packet.authenticated && self.has(AH) {
            return true; // CIP-904
        }
        // A later fragment whose first header is unknown matches no protocol rule (CIP-905).
        let hidden = packet.is_v6() && is_extension(packet.protocol);
        !hidden && self.has(packet.protocol)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;
    use crate::protocol::{ESP, ICMP, ICMPV6, TCP, UDP};
    use crate::vectors;
    use RouteVerdict::{Allowed, NoRoute, ProtocolRefused};
    use proptest::prelude::*;

    const SCTP: u8 = 132;

    fn address(text: &str) -> Address {
        text.parse().expect("address")
    }

    fn routes(ranges: &[(&str, &str, u8)]) -> RouteSet {
        RouteSet::new(ranges.iter().map(|(start, end, protocol)| {
            RouteRange::new(address(start), address(end), *protocol).expect("a range")
        }))
    }

    fn everything_v6(protocol: u8) -> RouteSet {
        routes(&[("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", protocol)])
    }

    /// What `routes` says of P-01 with another protocol and destination.
    fn v4(routes: &RouteSet, destination: &str, protocol: u8) -> RouteVerdict {
        let bytes = vectors::p_01();
        let packet = parse(&bytes).expect("well-formed");
        routes.check(&Packet { destination: address(destination), protocol, ..packet })
    }

    fn v6(routes: &RouteSet, destination: &str, protocol: u8) -> RouteVerdict {
        let bytes = vectors::p_06();
        let packet = parse(&bytes).expect("well-formed");
        routes.check(&Packet { destination: address(destination), protocol, ..packet })
    }

    fn check(routes: &RouteSet, bytes: &[u8]) -> RouteVerdict {
        routes.check(&parse(bytes).expect("well-formed"))
    }

    #[test]
    fn refuses_ranges_of_two_families_or_backwards_cip_801() {
        assert_eq!(RouteRange::new(address("0.0.0.0"), address("::1"), 0), None);
        assert_eq!(RouteRange::new(address("192.0.2.255"), address("192.0.2.0"), 0), None);
    }

    #[test]
    fn finds_the_hole_of_a_split_tunnel_cip_1005() {
        let r_05 = routes(&[("192.0.2.0", "192.0.2.41", 0), ("192.0.2.43", "192.0.2.255", 0)]);
        assert_eq!(v4(&r_05, "192.0.2.42", UDP), NoRoute);
        for inside in ["192.0.2.0", "192.0.2.41", "192.0.2.43", "192.0.2.255"] {
            assert_eq!(v4(&r_05, inside, UDP), Allowed);
        }
        for outside in ["192.0.1.255", "192.0.3.0"] {
            assert_eq!(v4(&r_05, outside, UDP), NoRoute);
        }
    }

    #[test]
    fn forms_the_union_of_protocols_cip_811() {
        let r_06 = routes(&[("198.51.100.2", "198.51.100.2", TCP), ("198.51.100.2", "198.51.100.2", UDP)]);
        assert_eq!(v4(&r_06, "198.51.100.2", TCP), Allowed);
        assert_eq!(v4(&r_06, "198.51.100.2", UDP), Allowed);
        assert_eq!(v4(&r_06, "198.51.100.2", SCTP), ProtocolRefused);
        assert_eq!(v4(&r_06, "198.51.100.3", TCP), NoRoute);
    }

    #[test]
    fn lets_icmp_of_the_own_family_pass_cip_810() {
        let r_07 = routes(&[("2001:db8:3456::b", "2001:db8:3456::b", SCTP)]);
        assert_eq!(v6(&r_07, "2001:db8:3456::b", ICMPV6), Allowed);
        assert_eq!(v6(&r_07, "2001:db8:3456::b", SCTP), Allowed);
        assert_eq!(v6(&r_07, "2001:db8:3456::b", UDP), ProtocolRefused);
        assert_eq!(v6(&r_07, "2001:db8:3456::b", ICMP), ProtocolRefused);
        assert_eq!(v6(&r_07, "2001:db8:3456::c", ICMPV6), NoRoute);
        let tcp = routes(&[("0.0.0.0", "255.255.255.255", TCP)]);
        assert_eq!(v4(&tcp, "192.0.2.1", ICMP), Allowed);
        assert_eq!(v4(&tcp, "192.0.2.1", ICMPV6), ProtocolRefused);
    }

    #[test]
    fn takes_protocol_0_for_all_cip_902() {
        let r_03 = everything_v6(0);
        for bytes in [vectors::p_06(), vectors::p_09(), vectors::p_12()] {
            assert_eq!(check(&r_03, &bytes), Allowed);
        }
        assert_eq!(v4(&r_03, "192.0.2.1", UDP), NoRoute);
        // IPv4 protocol 0 does not turn a rule into "all".
        assert_eq!(v4(&routes(&[("0.0.0.0", "255.255.255.255", TCP)]), "192.0.2.1", 0), ProtocolRefused);
    }

    #[test]
    fn matches_behind_extension_headers_cip_901_904_905() {
        let verdicts = |bytes: &[u8]| {
            [TCP, UDP, ESP, AH].map(|protocol| check(&everything_v6(protocol), bytes) == Allowed)
        };
        assert_eq!(verdicts(&vectors::p_09()), [true, false, false, false]);
        assert_eq!(verdicts(&vectors::p_10()), [false, true, false, false]);
        assert_eq!(verdicts(&vectors::p_11()), [false, true, false, true]);
        assert_eq!(verdicts(&vectors::p_12()), [false, false, true, false]);
    }

    #[test]
    fn refuses_a_later_fragment_with_hidden_headers_under_a_rule_cip_905() {
        let mut bytes = vectors::p_10();
        bytes[40] = 60;
        assert_eq!(check(&everything_v6(UDP), &bytes), ProtocolRefused);
        assert_eq!(check(&everything_v6(60), &bytes), ProtocolRefused);
        assert_eq!(check(&everything_v6(0), &bytes), Allowed);
    }

    #[test]
    fn counts_only_the_outermost_header_cip_906() {
        assert_eq!(v4(&routes(&[("0.0.0.0", "255.255.255.255", 4)]), "192.0.2.1", 4), Allowed);
        assert_eq!(v4(&routes(&[("0.0.0.0", "255.255.255.255", TCP)]), "192.0.2.1", 4), ProtocolRefused);
    }

    #[test]
    fn compiles_adjacent_ranges_to_one_span() {
        let r_08 = routes(&[("10.1.0.0", "10.1.255.255", 0), ("10.0.0.0", "10.0.255.255", 0)]);
        assert_eq!(r_08, routes(&[("10.0.0.0", "10.1.255.255", 0)]));
        assert_eq!(everything_v6(0).v6.len(), 1);
    }

    proptest! {
        #[test]
        fn equals_a_search_through_all_ranges(
            ranges in prop::collection::vec((0..40_u32, 0..40_u32, prop::sample::select(vec![0_u8, 6, 17])), 0..12),
            asked in 0..41_u32,
            protocol in prop::sample::select(vec![6_u8, 17, 132]),
        ) {
            // At the upper end of the family, where arithmetic could wrap.
            let at = |offset: u32| Address::V4(u32::MAX - 40 + offset);
            let list: Vec<RouteRange> = ranges
                .iter()
                .filter_map(|(start, end, protocol)| RouteRange::new(at(*start), at(*end), *protocol))
                .collect();
            let containing: Vec<&RouteRange> =
                list.iter().filter(|range| range.start <= at(asked) && at(asked) <= range.end).collect();
            let expected = if containing.is_empty() {
                NoRoute
            } else if containing.iter().any(|range| range.protocol == 0 || range.protocol == protocol) {
                Allowed
            } else {
                ProtocolRefused
            };
            let bytes = vectors::p_01();
            let packet = Packet { destination: at(asked), protocol, ..parse(&bytes).expect("well-formed") };
            prop_assert_eq!(RouteSet::new(list.iter().copied()).check(&packet), expected);
        }
    }
}
