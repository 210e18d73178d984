//! What stands in front of an IP packet in a QUIC DATAGRAM frame (RFC 9297 §2.1, RFC 9484 §6):
//!
//! ```text
//! quarter stream id (varint, stream id / 4) | context id (varint) | payload
//! ```
//!
//! A DATAGRAM capsule has the same content without the quarter stream id.

use crate::varint;

/// The largest quarter stream id: stream ids have 62 bits (RFC 9297 §2.1).
pub const MAX_QUARTER_ID: u64 = (1 << 60) - 1;

/// A QUIC DATAGRAM frame whose quarter stream id cannot be used.
/// The connection is closed with H3_DATAGRAM_ERROR, 0x33 (CIP-503).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuarterIdError {
    /// The frame is empty or ends inside the varint.
    Truncated,
    /// Above [`MAX_QUARTER_ID`].
    TooLarge,
}

/// Reads the quarter stream id of a DATAGRAM frame's content: the id and the offset of what follows.
/// The stream id is four times the result.
#[inline]
pub fn split_quarter_id(frame: &[u8]) -> Result<(u64, usize), QuarterIdError> {
    match varint::decode(frame) {
        None => Err(QuarterIdError::Truncated),
        Some((id, _)) if id > MAX_QUARTER_ID => Err(QuarterIdError::TooLarge),
        Some(found) => Ok(found),
    }
}

/// Reads the context id from the front of an HTTP Datagram: the id and the offset of its payload.
/// `None` when it is missing or cut: drop and count (CIP-512). So is an empty payload on context 0.
#[inline]
pub fn split_context(datagram: &[u8]) -> Option<(u64, usize)> {
    varint::decode(datagram)
}

/// The bytes in front of every packet of one session; dereferences to a slice of 2 to 9 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix {
    bytes: [u8; 9],
    length: u8,
}

impl std::ops::Deref for Prefix {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

/// Quarter stream id and context id 0 for the request stream `stream_id` (CIP-501).
/// `stream_id` is a client-initiated bidirectional stream, a multiple of 4.
pub fn prefix(stream_id: u64) -> Prefix {
    debug_assert!(stream_id.is_multiple_of(4));
    let (quarter, length) = varint::shortest(stream_id / 4);
    let mut bytes = [0; 9];
    bytes[..length].copy_from_slice(&quarter[..length]);
    Prefix { bytes, length: length as u8 + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_packet_behind_both_ids_non_minimal_too_cip_501_502() {
        // H-01, H-02, H-03, H-04, H-05, with the first two bytes of the packet.
        let cases: [(&[u8], u64); 5] = [
            (&[0x00, 0x00, 0x45, 0x00], 0),
            (&[0x01, 0x00, 0x45, 0x00], 1),
            (&[0x0b, 0x00, 0x60, 0x00], 11),
            (&[0x40, 0x01, 0x40, 0x00, 0x45, 0x00], 1),
            (&[0x40, 0x40, 0x00, 0x45, 0x00], 64),
        ];
        for (frame, quarter) in cases {
            let (id, offset) = split_quarter_id(frame).expect("readable");
            assert_eq!(id, quarter);
            let (context, payload) = split_context(&frame[offset..]).expect("readable");
            assert_eq!(context, 0);
            assert_eq!(frame.len() - offset - payload, 2);
        }
    }

    #[test]
    fn refuses_missing_cut_and_too_large_quarter_ids_cip_503() {
        assert_eq!(split_quarter_id(&[]), Err(QuarterIdError::Truncated)); // H-09
        assert_eq!(split_quarter_id(&[0x40]), Err(QuarterIdError::Truncated)); // H-10
        let quarter_2_to_60 = [0xd0, 0, 0, 0, 0, 0, 0, 0, 0]; // H-11
        assert_eq!(split_quarter_id(&quarter_2_to_60), Err(QuarterIdError::TooLarge));
    }

    #[test]
    fn reports_missing_and_cut_context_ids_cip_512() {
        assert_eq!(split_context(&[]), None); // H-08
        assert_eq!(split_context(&[0x40]), None); // H-12
        assert_eq!(split_context(&[0x00]), Some((0, 1))); // H-07: empty payload
        assert_eq!(split_context(&[0x02, 1, 2, 3]), Some((2, 1))); // H-06
    }

    #[test]
    fn builds_the_minimal_prefix_cip_501() {
        assert_eq!(&*prefix(0), [0, 0]);
        assert_eq!(&*prefix(44), [11, 0]);
        assert_eq!(&*prefix(256), [0x40, 0x40, 0]);
        assert_eq!(&*prefix((1 << 62) - 4), [0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0]);
    }
}
