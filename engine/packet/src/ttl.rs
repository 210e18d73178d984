//! One hop less (CIP-1007, CIP-1010, CIP-1011).

use crate::checksum;

/// Decrements TTL or hop limit in place and updates the IPv4 checksum (RFC 1624).
/// False, and nothing changed, when it is 0 or 1 already: drop, row D (CIP-1010).
/// `packet` was parsed before; bytes that are no IP packet are left alone, with false.
pub fn decrement(packet: &mut [u8]) -> bool {
    match packet.first().map(|first| first >> 4) {
        Some(4) if packet.len() >= 20 && packet[8] > 1 => {
            let before = [packet[8], packet[9]];
            packet[8] -= 1;
            let sum = checksum::updated([packet[10], packet[11]], &before, &packet[8..10]);
            packet[10..12].copy_from_slice(&sum);
            true
        }
        Some(6) if packet.len() >= 40 && packet[7] > 1 => {
            packet[7] -= 1;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse;
    use crate::vectors;

    #[test]
    fn takes_one_from_ttl_and_hop_limit_cip_1007() {
        let mut v4 = vectors::p_01();
        assert!(decrement(&mut v4));
        assert_eq!(v4, vectors::p_02());
        let mut v6 = vectors::p_06();
        assert!(decrement(&mut v6));
        assert_eq!(v6[7], 63);
    }

    #[test]
    fn keeps_the_checksum_right_over_options_and_down_to_one_cip_1011() {
        let mut packet = vectors::with_v4_options(&vectors::p_01());
        for ttl in (1..64).rev() {
            assert!(decrement(&mut packet));
            assert_eq!(parse(&packet).expect("well-formed").ttl, ttl);
        }
    }

    #[test]
    fn refuses_the_last_hop_cip_1010() {
        let mut packet = vectors::p_03();
        assert!(!decrement(&mut packet));
        assert_eq!(packet, vectors::p_03());
        assert!(!decrement(&mut []));
    }
}
