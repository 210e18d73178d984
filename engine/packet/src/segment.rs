//! One read of the TUN becomes packets: TSO and USO super-packets are cut, missing checksums completed.

use bytes::BytesMut;

/// Why a frame read from the TUN cannot be used. A kernel never produces these; drop as malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentError {
    /// Shorter than the vnet header, or no packet behind it.
    TooShort,
    /// A GSO type that was not switched on (UFO, unknown).
    UnsupportedGso,
    /// IP, TCP or UDP header missing, cut, a fragment, or not what the vnet header says.
    Headers,
    /// The checksum's place lies outside the packet.
    ChecksumPlace,
    /// Segment size 0, no payload, or more than [`MAX_SEGMENTS`] segments.
    SegmentSize,
}

/// The most segments that one frame may become.
pub const MAX_SEGMENTS: usize = 1024;

/// The size of the largest packet that [`segment`] would make of `frame`, without the prefix:
/// known before any work, for Packet Too Big (CIP-1206).
pub fn largest_packet(frame: &[u8]) -> Result<usize, SegmentError> {
    let _ = frame;
    todo!()
}

/// Cuts `frame` (vnet header and packet) into packets with complete checksums and appends them to
/// `slab`, each behind a copy of `prefix`. Pushes one length per packet, prefix included, to
/// `lengths` and returns how many. On an error `slab` and `lengths` are as before.
///
/// The caller freezes the slab and slices it by the lengths. IPv4 ids count up; FIN and PSH stay on
/// the last TCP segment, CWR on the first.
pub fn segment(
    frame: &[u8],
    prefix: &[u8],
    slab: &mut BytesMut,
    lengths: &mut Vec<usize>,
) -> Result<usize, SegmentError> {
    let _ = (frame, prefix, slab, lengths);
    todo!()
}
