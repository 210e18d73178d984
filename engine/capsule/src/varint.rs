//! QUIC variable-length integers (RFC 9000 §16): the two top bits of the first byte give the length.
//!
//! ```text
//! 00 → 1 byte, 6 bits    01 → 2 bytes, 14 bits    10 → 4 bytes, 30 bits    11 → 8 bytes, 62 bits
//! ```

/// The largest value: 2^62 − 1.
pub const MAX: u64 = (1 << 62) - 1;

/// Reads one integer from the front of `bytes`: the value and how many bytes it took.
/// `None` when `bytes` ends too early. Longer forms than necessary are accepted (CIP-502).
#[inline]
pub fn decode(bytes: &[u8]) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let length = 1 << (first >> 6);
    let rest = bytes.get(1..length)?;
    let value = rest.iter().fold(u64::from(first & 0x3f), |value, byte| (value << 8) | u64::from(*byte));
    Some((value, length))
}

/// How many bytes [`encode`] appends for `value`: 1, 2, 4 or 8.
#[inline]
pub const fn encoded_len(value: u64) -> usize {
    match value {
        0..0x40 => 1,
        0x40..0x4000 => 2,
        0x4000..0x4000_0000 => 4,
        _ => 8,
    }
}

/// Appends `value` in its shortest form (CIP-502). Values above [`MAX`] do not exist on the wire
/// and never come out of [`decode`]; their two top bits are lost.
#[inline]
pub fn encode(value: u64, out: &mut Vec<u8>) {
    let (bytes, length) = shortest(value);
    out.extend_from_slice(&bytes[..length]);
}

/// The shortest form as an array and its length, for callers without a `Vec`.
#[inline]
pub(crate) fn shortest(value: u64) -> ([u8; 8], usize) {
    debug_assert!(value <= MAX);
    let length = encoded_len(value);
    let unused_bits = 64 - 8 * length as u32;
    let mut bytes = (value << unused_bits).to_be_bytes();
    bytes[0] = (bytes[0] & 0x3f) | ((length.trailing_zeros() as u8) << 6);
    (bytes, length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// V-01 to V-16: encoded bytes, value.
    const VECTORS: &[(&[u8], u64)] = &[
        (&[0x00], 0),
        (&[0x40, 0x00], 0),
        (&[0x25], 37),
        (&[0x40, 0x25], 37),
        (&[0x3f], 63),
        (&[0x40, 0x40], 64),
        (&[0x7b, 0xbd], 15293),
        (&[0x7f, 0xff], 16383),
        (&[0x80, 0x00, 0x40, 0x00], 16384),
        (&[0x9d, 0x7f, 0x3e, 0x7d], 494_878_333),
        (&[0xbf, 0xff, 0xff, 0xff], 1_073_741_823),
        (&[0xc0, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00], 1_073_741_824),
        (&[0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c], 151_288_809_941_952_652),
        (&[0xcf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], (1 << 60) - 1),
        (&[0xd0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00], 1 << 60),
        (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], MAX),
    ];

    #[test]
    fn reads_every_vector_and_no_strict_prefix_of_it() {
        for (bytes, value) in VECTORS {
            assert_eq!(decode(bytes), Some((*value, bytes.len())));
            for cut in 0..bytes.len() {
                assert_eq!(decode(&bytes[..cut]), None);
            }
        }
    }

    #[test]
    fn writes_the_shortest_form() {
        for (bytes, value) in VECTORS {
            let mut out = Vec::new();
            encode(*value, &mut out);
            assert_eq!(decode(&out), Some((*value, out.len())));
            assert_eq!(out.len(), encoded_len(*value));
            assert!(out.len() <= bytes.len());
        }
    }

    proptest! {
        #[test]
        fn round_trips_and_ignores_what_follows(value in 0..=MAX, tail: Vec<u8>) {
            let mut out = Vec::new();
            encode(value, &mut out);
            let length = out.len();
            out.extend(tail);
            prop_assert_eq!(decode(&out), Some((value, length)));
        }
    }
}
