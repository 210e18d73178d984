//! The header in front of every packet of a TUN opened with IFF_VNET_HDR: `struct virtio_net_hdr`.
//!
//! ```text
//! 0 flags u8 | 1 gso_type u8 | 2 hdr_len u16 | 4 gso_size u16 | 6 csum_start u16 | 8 csum_offset u16
//! ```
//! Native byte order (linux/virtio_net.h; the TUN default without TUNSETVNETLE).

/// Size of the header, bytes. The TUN must not be set to another one (TUNSETVNETHDRSZ).
pub const LENGTH: usize = 10;

/// Flag: the checksum at `checksum_start + checksum_offset` holds only the pseudo-header's sum.
pub const NEEDS_CSUM: u8 = 1;

/// `gso_type`: one packet.
pub const GSO_NONE: u8 = 0;
/// `gso_type`: TCP over IPv4.
pub const GSO_TCPV4: u8 = 1;
/// `gso_type`: TCP over IPv6.
pub const GSO_TCPV6: u8 = 4;
/// `gso_type`: UDP datagrams of equal size, either family (USO, Linux 6.2).
pub const GSO_UDP_L4: u8 = 5;
/// Bit in `gso_type`: the first TCP segment has CWR.
pub const GSO_ECN: u8 = 0x80;

/// `struct virtio_net_hdr`. The default, all zero, is a complete packet with nothing left to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VnetHeader {
    /// [`NEEDS_CSUM`] or 0.
    pub flags: u8,
    /// `GSO_*`.
    pub gso_type: u8,
    /// Length of all headers of the packet; a hint on receive.
    pub header_length: u16,
    /// Payload bytes of each segment.
    pub gso_size: u16,
    /// Where checksumming starts: offset of the TCP or UDP header.
    pub checksum_start: u16,
    /// Where the checksum is, from `checksum_start`.
    pub checksum_offset: u16,
}

impl VnetHeader {
    /// Reads a header from the front of `bytes`; `None` when there are fewer than [`LENGTH`].
    #[inline]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let header = bytes.first_chunk::<LENGTH>()?;
        let field = |at: usize| u16::from_ne_bytes([header[at], header[at + 1]]);
        Some(Self {
            flags: header[0],
            gso_type: header[1],
            header_length: field(2),
            gso_size: field(4),
            checksum_start: field(6),
            checksum_offset: field(8),
        })
    }

    /// The bytes in front of a packet.
    #[inline]
    pub fn to_bytes(self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        bytes[0] = self.flags;
        bytes[1] = self.gso_type;
        bytes[2..4].copy_from_slice(&self.header_length.to_ne_bytes());
        bytes[4..6].copy_from_slice(&self.gso_size.to_ne_bytes());
        bytes[6..8].copy_from_slice(&self.checksum_start.to_ne_bytes());
        bytes[8..10].copy_from_slice(&self.checksum_offset.to_ne_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_it_reads() {
        let header = VnetHeader {
            flags: NEEDS_CSUM,
            gso_type: GSO_TCPV4 | GSO_ECN,
            header_length: 54,
            gso_size: 1348,
            checksum_start: 20,
            checksum_offset: 16,
        };
        assert_eq!(VnetHeader::parse(&header.to_bytes()), Some(header));
        assert_eq!(header.to_bytes()[4..6], 1348_u16.to_ne_bytes());
        assert_eq!(VnetHeader::parse(&[0; 9]), None);
        assert_eq!(VnetHeader::default().to_bytes(), [0; LENGTH]);
    }
}
