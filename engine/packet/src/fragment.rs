//! IPv4 fragmentation of packets that are too big and carry no DF (RFC 791 §3.2, CIP-1015).

use bytes::BytesMut;

/// Why a packet is not fragmented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FragmentError {
    /// IPv6, or IPv4 with DF: answer with row F.
    Forbidden,
    /// Malformed, or the MTU leaves no room for eight bytes of payload.
    Impossible,
}

/// Cuts `packet`, larger than `mtu`, into fragments of at most `mtu` bytes, appended to `slab`, each
/// behind a copy of `prefix`. Pushes one length per fragment, prefix included, and returns how many.
/// On an error `slab` and `lengths` are as before.
pub fn fragment(
    packet: &[u8],
    mtu: usize,
    prefix: &[u8],
    slab: &mut BytesMut,
    lengths: &mut Vec<usize>,
) -> Result<usize, FragmentError> {
    let _ = (packet, mtu, prefix, slab, lengths);
    todo!()
}
