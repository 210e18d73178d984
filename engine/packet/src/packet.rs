//! What is known of a well-formed packet.

use crate::address::Address;
use crate::protocol::{ICMP, ICMPV6};

/// Where a packet stands in a fragmented datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fragment {
    /// Not a fragment (an IPv6 atomic fragment, RFC 6946, counts as whole).
    Whole,
    /// Offset 0, more follow.
    First,
    /// Offset above 0: the upper-layer header is in another packet.
    Later,
}

/// A well-formed IP packet. Cheap to make and to copy; borrows its bytes.
#[derive(Debug, Clone, Copy)]
pub struct Packet<'a> {
    /// The whole packet, exactly as long as its header says.
    pub bytes: &'a [u8],
    /// Source address.
    pub source: Address,
    /// Destination address.
    pub destination: Address,
    /// IPv4 protocol, or the first IPv6 next-header number that is no extension header (CIP-901).
    /// For later IPv6 fragments the Fragment header's next header, whatever it is (CIP-905).
    pub protocol: u8,
    /// Where `protocol`'s header or data begins, bytes from the start of the packet.
    pub upper_offset: u16,
    /// IPv4 header with options, or 40.
    pub header_length: u16,
    /// TTL or hop limit.
    pub ttl: u8,
    /// Fragment state.
    pub fragment: Fragment,
    /// What the fragments of one datagram share: IPv4 identification, or that of the Fragment header.
    pub fragment_id: u32,
    /// An IPv6 Authentication Header was seen (CIP-904).
    pub authenticated: bool,
}

impl<'a> Packet<'a> {
    /// What follows the headers that were walked over.
    #[inline]
    pub fn upper(&self) -> &'a [u8] {
        &self.bytes[usize::from(self.upper_offset)..]
    }

    /// Whether this is IPv6.
    #[inline]
    pub fn is_v6(&self) -> bool {
        self.destination.is_v6()
    }

    /// ICMP of the packet's own family: 1 in IPv4, 58 in IPv6 (CIP-810).
    #[inline]
    pub fn is_icmp(&self) -> bool {
        self.protocol == if self.is_v6() { ICMPV6 } else { ICMP }
    }

    /// Whether routers must not fragment it: IPv6, or IPv4 with DF (CIP-1015).
    #[inline]
    pub fn dont_fragment(&self) -> bool {
        self.is_v6() || self.bytes[6] & 0x40 != 0
    }
}

/// Why bytes are no packet to forward. All are dropped in silence (CIP-1001, CIP-1002).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// Empty, or shorter than the fixed header.
    TooShort,
    /// Version nibble other than 4 or 6.
    Version,
    /// IPv4 header length below 20 bytes or beyond the packet.
    HeaderLength,
    /// The IP length differs from the number of bytes.
    Length,
    /// IPv4 header checksum.
    Checksum,
    /// IPv6 extension headers overrun the packet, or are more than eight (CIP-903).
    ExtensionHeaders,
    /// IPv6 Routing header type 0 (CIP-907).
    SourceRouted,
}
