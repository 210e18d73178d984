//! Byte vectors for tests. P-numbers are inner packets: the tunnel's peer is 192.0.2.11 and
//! 2001:db8:1234::a, the proxy 192.0.2.1 and 2001:db8:1234::1.

use crate::checksum;

pub(crate) fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex digits"))
        .collect()
}

macro_rules! vectors {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub(crate) fn $name() -> Vec<u8> { hex($text) })*
    };
}

vectors! {
    /// UDP v4, TTL 64, DF.
    p_01 = "4500001e1234400040113c55c000020bc63364079c400035000a0eb56869";
    /// P-01 after one decrement.
    p_02 = "4500001e123440003f113d55c000020bc63364079c400035000a0eb56869";
    /// P-01 with TTL 1.
    p_03 = "4500001e1234400001117b55c000020bc63364079c400035000a0eb56869";
    /// Time Exceeded answering P-03.
    p_04 = "4500003a000000004001f6b6c0000201c000020b0b00e161000000004500001e1234400001117b55c000020bc63364079c400035000a0eb56869";
    /// Fragmentation Needed, next-hop MTU 1400, quoting P-01.
    p_05 = "4500003a000000004001f6b6c0000201c000020b0304e3e5000005784500001e1234400040113c55c000020bc63364079c400035000a0eb56869";
    /// UDP v6, hop limit 64.
    p_06 = "60000000000a114020010db812340000000000000000000a20010db834560000000000000000000b9c400035000a58ea6869";
    /// Destination Unreachable code 5 quoting P-06.
    p_07 = "60000000003a3a4020010db812340000000000000000000120010db812340000000000000000000a01050d720000000060000000000a114020010db812340000000000000000000a20010db834560000000000000000000b9c400035000a58ea6869";
    /// Packet Too Big, MTU 1280, quoting P-06.
    p_08 = "60000000003a3a4020010db812340000000000000000000120010db812340000000000000000000a020007770000050060000000000a114020010db812340000000000000000000a20010db834560000000000000000000b9c400035000a58ea6869";
    /// Hop-by-Hop, Destination Options, TCP.
    p_09 = "600000000024004020010db812340000000000000000000a20010db834560000000000000000000b3c0001040000000006000104000000009c4001bb00000001000000005002ffff6fd50000";
    /// Non-first fragment, offset 185 · 8, next header UDP.
    p_10 = "6000000000102c4020010db812340000000000000000000a20010db834560000000000000000000b110005c8deadbeefaaaaaaaaaaaaaaaa";
    /// AH of 24 bytes, UDP.
    p_11 = "600000000022334020010db812340000000000000000000a20010db834560000000000000000000b1104000000000100000000010000000000000000000000009c400035000a58ea6869";
    /// ESP.
    p_12 = "600000000018324020010db812340000000000000000000a20010db834560000000000000000000b0000020000000001eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee";
    /// ICMPv6 echo request to ff02::1.
    p_13 = "60000000000c3a0120010db8123400000000000000000001ff020000000000000000000000000001800061f40001000170696e67";
}

/// Sets the header checksum of an IPv4 packet right, as far as its header reaches.
pub(crate) fn fix_v4_checksum(packet: &mut [u8]) {
    let header = (usize::from(packet[0] & 0x0f) * 4).min(packet.len());
    packet[10..12].fill(0);
    let sum = checksum::complement(checksum::sum(&packet[..header], 0));
    packet[10..12].copy_from_slice(&sum);
}

/// The IPv4 packet with other flags and fragment offset.
pub(crate) fn with_v4_flags(packet: &[u8], flags_and_offset: u16) -> Vec<u8> {
    let mut packet = packet.to_vec();
    packet[6..8].copy_from_slice(&flags_and_offset.to_be_bytes());
    fix_v4_checksum(&mut packet);
    packet
}

/// The IPv4 packet with four bytes of options: router alert's type and length, value 0.
pub(crate) fn with_v4_options(packet: &[u8]) -> Vec<u8> {
    let mut longer = [&packet[..20], &[0x94, 0x04, 0, 0], &packet[20..]].concat();
    longer[0] = 0x46;
    let length = longer.len() as u16;
    longer[2..4].copy_from_slice(&length.to_be_bytes());
    fix_v4_checksum(&mut longer);
    longer
}
