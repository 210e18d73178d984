use super::*;

fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
}

/// UDP 192.0.2.11 → 198.51.100.7.
const P_01: &str = "4500001e1234400040113c55c000020bc63364079c400035000a0eb56869";
/// Time Exceeded 192.0.2.1 → 192.0.2.11.
const P_04: &str = "4500003a000000004001f6b6c0000201c000020b0b00e161000000004500001e1234400001117b55c000020bc63364079c400035000a0eb56869";
/// ICMPv6 echo request to ff02::1.
const P_13: &str = "60000000000c3a0120010db8123400000000000000000001ff020000000000000000000000000001800061f40001000170696e67";

fn forwarding(end: End, assigned: &str, routes: &[(&str, &str, u8)]) -> Forwarding {
    let ip = |text: &str| text.parse().expect("address");
    Forwarding::compile(&options::Forwarding {
        end,
        assigned: vec![(ip(assigned), 32)],
        routes: routes
            .iter()
            .map(|(start, end, protocol)| options::RouteRange {
                start: ip(start),
                end: ip(end),
                protocol: *protocol,
            })
            .collect(),
        peers: vec![(ip("198.51.100.128"), 25)],
        behind: Vec::new(),
        access: None,
        own_ipv4: Some("198.51.100.129".parse().expect("address")),
        own_ipv6: None,
    })
    .expect("legal")
}

const ALL: (&str, &str, u8) = ("0.0.0.0", "255.255.255.255", 0);

#[test]
fn a_proxy_takes_only_assigned_sources_cip_1003() {
    let bytes = hex(P_01);
    let packet = masque_packet::parse(&bytes).expect("well-formed");
    let own = forwarding(End::Proxy, "192.0.2.11", &[ALL]);
    assert_eq!(own.judge_inbound(&packet), Ok(()));
    let other = forwarding(End::Proxy, "192.0.2.12", &[ALL]);
    let refusal = other.judge_inbound(&packet).expect_err("spoofed");
    assert_eq!(refusal.reason, DropReason::SpoofedSource);
    assert_eq!(refusal.answer, Some(ErrorKind::SourceNotAssigned));
}

#[test]
fn destination_and_protocol_must_be_advertised_cip_1005_cip_810() {
    let bytes = hex(P_01);
    let packet = masque_packet::parse(&bytes).expect("well-formed");
    for end in [End::Proxy, End::Requester] {
        let judge = |routes: &[(&str, &str, u8)]| {
            let forwarding = forwarding(end, "192.0.2.11", routes);
            match end {
                End::Proxy => forwarding.judge_inbound(&packet),
                End::Requester => forwarding.judge_outbound(&packet),
            }
            .map_err(|refusal| refusal.reason)
        };
        let host = ("198.51.100.7", "198.51.100.7");
        assert_eq!(judge(&[(host.0, host.1, 17)]), Ok(()));
        let tcp_only = judge(&[(host.0, host.1, 6)]);
        assert_eq!(tcp_only, Err(DropReason::ProtocolRefused));
        let elsewhere = judge(&[("10.0.0.0", "10.255.255.255", 0)]);
        assert_eq!(elsewhere, Err(DropReason::NoRoute));
    }
}

#[test]
fn icmp_comes_back_from_outside_the_routes_cip_1107() {
    let bytes = hex(P_04);
    let packet = masque_packet::parse(&bytes).expect("well-formed");
    let scope = [("198.51.100.7", "198.51.100.7", 17)];
    for end in [End::Proxy, End::Requester] {
        let forwarding = forwarding(end, "192.0.2.11", &scope);
        let verdict = match end {
            End::Proxy => forwarding.judge_outbound(&packet),
            End::Requester => forwarding.judge_inbound(&packet),
        };
        assert_eq!(verdict, Ok(()));
    }
}

#[test]
fn a_requester_hands_out_only_what_is_addressed_to_it_cip_1004() {
    let bytes = hex(P_01);
    let packet = masque_packet::parse(&bytes).expect("well-formed");
    let forwarding = forwarding(End::Requester, "192.0.2.11", &[ALL]);
    let refusal = forwarding.judge_inbound(&packet).expect_err("foreign");
    assert_eq!(refusal.reason, DropReason::NoRoute);
}

#[test]
fn link_local_and_special_addresses_never_cross_cip_1012_cip_1014() {
    let bytes = hex(P_13);
    let packet = masque_packet::parse(&bytes).expect("well-formed");
    let refusal = forwardable(&packet).expect_err("multicast");
    assert_eq!(refusal, Refusal::silent(DropReason::LinkLocal));
    let bytes = hex(P_01);
    let mut packet = masque_packet::parse(&bytes).expect("well-formed");
    packet.destination = Address::V4(0x7f00_0001);
    let refusal = forwardable(&packet).expect_err("loopback");
    assert_eq!(refusal, Refusal::silent(DropReason::ForbiddenAddress));
    packet.destination = Address::V4(0x0a00_0001);
    packet.source = Address::V4(0xa9fe_0101);
    let refusal = forwardable(&packet).expect_err("link-local source");
    assert_eq!(refusal.answer, Some(ErrorKind::SourceScope));
}

#[test]
fn nothing_of_other_peers_is_reachable_but_our_own_address_cip_1016() {
    let bytes = hex(P_01);
    let mut packet = masque_packet::parse(&bytes).expect("well-formed");
    let forwarding = forwarding(End::Proxy, "192.0.2.11", &[ALL]);
    packet.destination = Address::V4(0xc633_64c8);
    let refusal = forwarding.judge_inbound(&packet).expect_err("a peer's");
    assert_eq!(refusal, Refusal::answered(DropReason::PeerToPeer, ErrorKind::Refused));
    packet.destination = Address::V4(0xc633_6481);
    assert_eq!(forwarding.judge_inbound(&packet), Ok(()));
}

#[test]
fn illegal_forwarding_is_refused_whole() {
    let plain = |assigned, length| options::Forwarding {
        end: End::Proxy,
        assigned: vec![(assigned, length)],
        routes: Vec::new(),
        peers: Vec::new(),
        behind: Vec::new(),
        access: None,
        own_ipv4: None,
        own_ipv6: None,
    };
    let ip = "192.0.2.11".parse().expect("address");
    assert!(Forwarding::compile(&plain(ip, 33)).is_err());
    assert!(Forwarding::compile(&plain(ip, 24)).is_err());
    assert!(Forwarding::compile(&plain(ip, 32)).is_ok());
}
