//! Is this an IP packet, and what does forwarding need to know of it? (CIP-1001, CIP-901 to 907)

use crate::address::Address;
use crate::checksum;
use crate::extension;
use crate::packet::{Fragment, Malformed, Packet};

/// Checks one packet and finds its addresses and upper-layer protocol.
#[inline]
pub fn parse(bytes: &[u8]) -> Result<Packet<'_>, Malformed> {
    match bytes.first().map(|first| first >> 4) {
        Some(4) => parse_v4(bytes),
        Some(6) => parse_v6(bytes),
        Some(_) => Err(Malformed::Version),
        None => Err(Malformed::TooShort),
    }
}

/// RFC 791 §3.1:
/// ```text
/// 0 version, IHL | 1 DSCP, ECN | 2 total length u16 | 4 id u16 | 6 flags, offset u16
/// 8 TTL | 9 protocol | 10 checksum u16 | 12 source | 16 destination | 20 options
/// ```
#[inline]
fn parse_v4(bytes: &[u8]) -> Result<Packet<'_>, Malformed> {
    let fixed = bytes.first_chunk::<20>().ok_or(Malformed::TooShort)?;
    let header_length = usize::from(fixed[0] & 0x0f) * 4;
    if header_length < 20 {
        return Err(Malformed::HeaderLength);
    }
    if usize::from(u16::from_be_bytes([fixed[2], fixed[3]])) != bytes.len() {
        return Err(Malformed::Length);
    }
    let options = bytes.get(20..header_length).ok_or(Malformed::HeaderLength)?;
    if checksum::fold(checksum::sum(options, checksum::sum(fixed, 0))) != 0xffff {
        return Err(Malformed::Checksum);
    }
    let [.., s0, s1, s2, s3, d0, d1, d2, d3] = *fixed;
    Ok(Packet {
        bytes,
        source: Address::from_v4_bytes([s0, s1, s2, s3]),
        destination: Address::from_v4_bytes([d0, d1, d2, d3]),
        protocol: fixed[9],
        upper_offset: header_length as u16,
        header_length: header_length as u16,
        ttl: fixed[8],
        fragment: match u16::from_be_bytes([fixed[6], fixed[7]]) & 0x3fff {
            0 => Fragment::Whole,
            0x2000 => Fragment::First,
            _ => Fragment::Later,
        },
        fragment_id: u16::from_be_bytes([fixed[4], fixed[5]]).into(),
        authenticated: false,
    })
}

/// RFC 8200 §3:
/// ```text
/// 0 version, traffic class, flow label u32 | 4 payload length u16 | 6 next header | 7 hop limit
/// 8 source | 24 destination | 40 extension headers
/// ```
#[inline]
fn parse_v6(bytes: &[u8]) -> Result<Packet<'_>, Malformed> {
    let fixed = bytes.first_chunk::<40>().ok_or(Malformed::TooShort)?;
    if usize::from(u16::from_be_bytes([fixed[4], fixed[5]])) + 40 != bytes.len() {
        return Err(Malformed::Length);
    }
    let (start, addresses) = fixed.split_at(8);
    let (source, destination) = addresses.split_at(16);
    let address = |half: &[u8]| {
        let mut copy = [0; 16];
        copy.copy_from_slice(half);
        Address::from_v6_bytes(copy)
    };
    let mut packet = Packet {
        bytes,
        source: address(source),
        destination: address(destination),
        protocol: start[6],
        upper_offset: 40,
        header_length: 40,
        ttl: start[7],
        fragment: Fragment::Whole,
        fragment_id: 0,
        authenticated: false,
    };
    if extension::is_extension(packet.protocol) {
        let chain = extension::walk(bytes, packet.protocol, 40)?;
        packet.protocol = chain.protocol;
        // An IPv6 packet without jumbograms is at most 65575 bytes; a chain that long leaves u16.
        packet.upper_offset = u16::try_from(chain.upper_offset).map_err(|_| Malformed::ExtensionHeaders)?;
        packet.fragment = chain.fragment;
        packet.fragment_id = chain.fragment_id;
        packet.authenticated = chain.authenticated;
    }
    Ok(packet)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{ESP, TCP, UDP};
    use crate::vectors;
    use proptest::prelude::*;

    fn parsed(bytes: &[u8]) -> Packet<'_> {
        parse(bytes).expect("a well-formed vector")
    }

    #[test]
    fn reads_an_ipv4_packet() {
        let bytes = vectors::p_01();
        let packet = parsed(&bytes);
        assert_eq!(packet.source, "192.0.2.11".parse().expect("address"));
        assert_eq!(packet.destination, "198.51.100.7".parse().expect("address"));
        assert_eq!((packet.protocol, packet.ttl), (UDP, 64));
        assert_eq!((packet.header_length, packet.upper_offset), (20, 20));
        assert_eq!(packet.fragment, Fragment::Whole);
        assert!(packet.dont_fragment());
        assert_eq!(packet.upper().len(), 10);
    }

    #[test]
    fn reads_an_ipv6_packet() {
        let bytes = vectors::p_06();
        let packet = parsed(&bytes);
        assert_eq!(packet.source, "2001:db8:1234::a".parse().expect("address"));
        assert_eq!(packet.destination, "2001:db8:3456::b".parse().expect("address"));
        assert_eq!((packet.protocol, packet.ttl, packet.upper_offset), (UDP, 64, 40));
    }

    #[test]
    fn walks_to_the_upper_layer_cip_901_904_905() {
        let bytes = vectors::p_09();
        let tcp = parsed(&bytes);
        assert_eq!((tcp.protocol, tcp.upper_offset, tcp.header_length), (TCP, 56, 40));
        let bytes = vectors::p_10();
        let fragment = parsed(&bytes);
        assert_eq!((fragment.protocol, fragment.fragment), (UDP, Fragment::Later));
        let bytes = vectors::p_11();
        let authenticated = parsed(&bytes);
        assert_eq!((authenticated.protocol, authenticated.authenticated), (UDP, true));
        assert_eq!(authenticated.upper_offset, 64);
        let bytes = vectors::p_12();
        assert_eq!((parsed(&bytes).protocol, parsed(&bytes).authenticated), (ESP, false));
    }

    #[test]
    fn refuses_malformed_packets_cip_1001() {
        let refused = |change: fn(&mut Vec<u8>)| {
            let mut bytes = vectors::p_01();
            change(&mut bytes);
            parse(&bytes).expect_err("malformed")
        };
        assert_eq!(parse(&[]).expect_err("empty"), Malformed::TooShort);
        assert_eq!(refused(|bytes| bytes[0] = 0x55), Malformed::Version);
        assert_eq!(refused(|bytes| bytes.truncate(19)), Malformed::TooShort);
        assert_eq!(refused(|bytes| bytes[0] = 0x44), Malformed::HeaderLength);
        assert_eq!(refused(|bytes| bytes[0] = 0x4f), Malformed::HeaderLength);
        assert_eq!(refused(|bytes| bytes[10] ^= 1), Malformed::Checksum);
        assert_eq!(refused(|bytes| bytes.push(0)), Malformed::Length);
        assert_eq!(refused(|bytes| bytes.truncate(29)), Malformed::Length);
        let mut v6 = vectors::p_06();
        v6[5] += 1;
        assert_eq!(parse(&v6).expect_err("length"), Malformed::Length);
        assert_eq!(parse(&v6[..39]).expect_err("short"), Malformed::TooShort);
    }

    #[test]
    fn checks_options_with_the_header_cip_1011() {
        let mut bytes = vectors::with_v4_options(&vectors::p_01());
        assert_eq!(parsed(&bytes).header_length, 24);
        bytes[20] ^= 1;
        assert_eq!(parse(&bytes).expect_err("options count"), Malformed::Checksum);
    }

    #[test]
    fn tells_ipv4_fragments_apart() {
        for (flags, fragment) in
            [(0x2000, Fragment::First), (0x2001, Fragment::Later), (0x0001, Fragment::Later)]
        {
            let bytes = vectors::with_v4_flags(&vectors::p_01(), flags);
            assert_eq!(parsed(&bytes).fragment, fragment);
            assert!(!parsed(&bytes).dont_fragment());
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_stays_inside(mut bytes: Vec<u8>, version in 4..7_u8, fix_length: bool) {
            if let Some(first) = bytes.first_mut() {
                *first = version << 4 | (*first & 0x0f);
            }
            if fix_length && bytes.len() >= 40 {
                let length = bytes.len() as u16;
                bytes[2..4].copy_from_slice(&length.to_be_bytes());
                bytes[4..6].copy_from_slice(&(length - 40).to_be_bytes());
                if version == 4 {
                    vectors::fix_v4_checksum(&mut bytes);
                }
            }
            if let Ok(packet) = parse(&bytes) {
                prop_assert!(usize::from(packet.upper_offset) <= bytes.len());
                prop_assert!(packet.header_length <= packet.upper_offset);
            }
        }
    }
}
