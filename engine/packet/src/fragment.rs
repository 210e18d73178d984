//! IPv4 fragmentation of packets that are too big and carry no DF (RFC 791 §3.2, CIP-1015).

use bytes::BytesMut;

use crate::checksum;
use crate::options::{NO_OPERATION, option_at};
use crate::parse::parse;

/// Why a packet is not fragmented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FragmentError {
    /// IPv6, or IPv4 with DF: answer with row F.
    Forbidden,
    /// Malformed, or the MTU leaves no room for eight bytes of payload.
    Impossible,
}

const MORE_FRAGMENTS: u16 = 0x2000;
const OFFSET: u16 = 0x1fff;

/// Cuts `packet`, larger than `mtu`, into fragments of at most `mtu` bytes, appended to `slab`, each
/// behind a copy of `prefix`. Pushes one length per fragment, prefix included, and returns how many.
/// On an error `slab` and `lengths` are as before.
///
/// A fragment may be cut again. Options without the copied flag stay on the first fragment only.
pub fn fragment(
    packet: &[u8],
    mtu: usize,
    prefix: &[u8],
    slab: &mut BytesMut,
    lengths: &mut Vec<usize>,
) -> Result<usize, FragmentError> {
    let parsed = parse(packet).map_err(|_| FragmentError::Impossible)?;
    if parsed.dont_fragment() {
        return Err(FragmentError::Forbidden);
    }
    let (original, payload) = packet.split_at(usize::from(parsed.header_length));
    // Offsets count in units of eight bytes.
    let room = mtu.saturating_sub(original.len()) & !7;
    if room == 0 {
        return Err(FragmentError::Impossible);
    }
    let flags_and_offset = u16::from_be_bytes([original[6], original[7]]);
    let mut header = [0; 60];
    let header = &mut header[..original.len()];
    header.copy_from_slice(original);
    let count = payload.len().div_ceil(room);
    slab.reserve(count * (prefix.len() + header.len()) + payload.len());
    for (index, chunk) in payload.chunks(room).enumerate() {
        let last = index + 1 == count;
        let more = if last { flags_and_offset & MORE_FRAGMENTS } else { MORE_FRAGMENTS };
        let offset = (flags_and_offset & OFFSET) + (index * room / 8) as u16;
        let length = (header.len() + chunk.len()) as u16;
        header[2..4].copy_from_slice(&length.to_be_bytes());
        header[6..8].copy_from_slice(&(more | (offset & OFFSET)).to_be_bytes());
        header[10..12].fill(0);
        let sum = checksum::complement(checksum::sum(header, 0));
        header[10..12].copy_from_slice(&sum);
        slab.extend_from_slice(prefix);
        slab.extend_from_slice(header);
        slab.extend_from_slice(chunk);
        lengths.push(prefix.len() + usize::from(length));
        blank_uncopied_options(&mut header[20..]);
    }
    Ok(count)
}

/// Turns options without the copied flag into No Operation, as routers do, so that the header keeps
/// its length (RFC 791 §3.1). Malformed ones are left as they are, for the receiver to judge.
fn blank_uncopied_options(options: &mut [u8]) {
    const COPIED: u8 = 0x80;
    let mut at = 0;
    while let Some((kind, next)) = option_at(options, at) {
        if kind & COPIED == 0 {
            options[at..next].fill(NO_OPERATION);
        }
        at = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::{Fragment, Packet};
    use crate::samples::Sample;
    use crate::vectors;
    use proptest::prelude::*;

    fn fragments_of(packet: &[u8], mtu: usize) -> Result<Vec<Vec<u8>>, FragmentError> {
        let (mut slab, mut lengths) = (BytesMut::new(), Vec::new());
        let count = fragment(packet, mtu, &[0, 0], &mut slab, &mut lengths)?;
        assert_eq!(count, lengths.len());
        let cut = |length: &usize| slab.split_to(*length)[2..].to_vec();
        Ok(lengths.iter().map(cut).collect())
    }

    fn large(ip_options: &[u8]) -> Vec<u8> {
        let payload = (0..1400_u16).map(|index| index as u8).collect();
        let ip_options = ip_options.to_vec();
        Sample { payload, ip_options, dont_fragment: false, ..Sample::udp_v4() }.packet()
    }

    fn offset(packet: &Packet<'_>) -> usize {
        usize::from(u16::from_be_bytes([packet.bytes[6], packet.bytes[7]]) & OFFSET) * 8
    }

    /// Puts fragments together again: the payload.
    fn reassemble(fragments: &[Vec<u8>]) -> Vec<u8> {
        let mut payload = Vec::new();
        for (index, bytes) in fragments.iter().enumerate() {
            let packet = parse(bytes).expect("well-formed");
            assert_eq!(offset(&packet), payload.len());
            assert_eq!(packet.bytes[6] & 0x20 == 0, index + 1 == fragments.len());
            payload.extend_from_slice(packet.upper());
        }
        payload
    }

    #[test]
    fn cuts_at_multiples_of_eight_bytes_cip_1015() {
        let packet = large(&[]);
        let fragments = fragments_of(&packet, 600).expect("fragments");
        assert_eq!(fragments.iter().map(Vec::len).collect::<Vec<_>>(), [596, 596, 276]);
        assert_eq!(reassemble(&fragments), packet[20..]);
        assert_eq!(parse(&fragments[0]).expect("well-formed").fragment, Fragment::First);
    }

    #[test]
    fn refuses_df_and_ipv6_cip_1015() {
        assert_eq!(fragments_of(&vectors::p_01(), 28), Err(FragmentError::Forbidden));
        assert_eq!(fragments_of(&vectors::p_06(), 48), Err(FragmentError::Forbidden));
        assert_eq!(fragments_of(&large(&[]), 27), Err(FragmentError::Impossible));
        assert_eq!(fragments_of(&[0x45], 600), Err(FragmentError::Impossible));
    }

    #[test]
    fn keeps_uncopied_options_on_the_first_fragment_only() {
        let record_route = [7, 3, 4, 1];
        let router_alert = [0x94, 4, 0, 0];
        let fragments = fragments_of(&large(&[record_route, router_alert].concat()), 600).expect("fragments");
        assert_eq!(fragments[0][20..28], [record_route, router_alert].concat());
        assert_eq!(fragments[1][20..28], [[1; 4], router_alert].concat());
        let broken = fragments_of(&large(&[7, 0, 0, 0]), 600).expect("fragments");
        assert_eq!(broken[1][20..24], [7, 0, 0, 0]);
    }

    proptest! {
        #[test]
        fn fragments_of_fragments_reassemble(first in 28..1400_usize, second in 28..1400_usize) {
            let packet = large(&[]);
            let mut all = Vec::new();
            for part in fragments_of(&packet, first).expect("fragments") {
                all.extend(fragments_of(&part, second).expect("fragments"));
            }
            prop_assert!(all.iter().all(|part| part.len() <= first.min(second)));
            prop_assert_eq!(reassemble(&all), &packet[20..]);
        }
    }
}
