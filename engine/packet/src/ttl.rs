//! One hop less (CIP-1007, CIP-1010, CIP-1011).

/// Decrements TTL or hop limit in place and updates the IPv4 checksum (RFC 1624).
/// False, and nothing changed, when it is 0 or 1 already: drop, row D (CIP-1010).
/// `packet` was parsed before; bytes that are no IP packet are left alone, with false.
pub fn decrement(packet: &mut [u8]) -> bool {
    let _ = packet;
    todo!()
}
