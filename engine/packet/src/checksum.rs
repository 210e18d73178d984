//! The internet checksum (RFC 1071).
//!
//! Sums are taken in native byte order, which the algorithm permits, and stored with `to_ne_bytes`.
//! A partial sum is a `u64` of 32-bit and 16-bit words; 16 GB can be added before it overflows.

/// Adds the 16-bit words of `bytes` to `initial`; an odd last byte counts as if a zero followed.
/// Parts may be summed one after the other if all but the last have an even length.
#[inline]
pub fn sum(bytes: &[u8], initial: u64) -> u64 {
    // Four independent lanes, each adding both halves of a 64-bit word: the compiler vectorises this.
    let mut lanes = [0_u64; 4];
    let mut blocks = bytes.chunks_exact(32);
    for block in &mut blocks {
        let (words, _) = block.as_chunks::<8>();
        for (lane, word) in lanes.iter_mut().zip(words) {
            let word = u64::from_ne_bytes(*word);
            *lane += (word & 0xffff_ffff) + (word >> 32);
        }
    }
    let (words, rest) = blocks.remainder().as_chunks::<4>();
    let words: u64 = words.iter().map(|word| u64::from(u32::from_ne_bytes(*word))).sum();
    let rest = match *rest {
        [first, second, third] => pair(first, second) + pair(third, 0),
        [first, second] => pair(first, second),
        [first] => pair(first, 0),
        _ => 0,
    };
    initial + lanes.iter().sum::<u64>() + words + rest
}

#[inline]
fn pair(first: u8, second: u8) -> u64 {
    u64::from(u16::from_ne_bytes([first, second]))
}

/// A partial sum as 16 bits, end-around carries added. Over data with a right checksum: 0xffff.
#[inline]
pub fn fold(sum: u64) -> u16 {
    let sum = (sum & 0xffff_ffff) + (sum >> 32);
    let sum = (sum & 0xffff) + ((sum >> 16) & 0xffff) + (sum >> 32);
    let sum = (sum & 0xffff) + (sum >> 16);
    ((sum & 0xffff) + (sum >> 16)) as u16
}

/// The checksum field for a partial sum, as bytes to store.
#[inline]
pub fn complement(sum: u64) -> [u8; 2] {
    (!fold(sum)).to_ne_bytes()
}

/// As [`complement`], for UDP: a zero is sent as 0xffff, for zero means "no checksum" (RFC 768).
#[inline]
pub fn complement_nonzero(sum: u64) -> [u8; 2] {
    match complement(sum) {
        [0, 0] => [0xff, 0xff],
        bytes => bytes,
    }
}

/// The checksum field after some of the words it covers changed from `before` to `after`, without the others
/// (RFC 1624 §3, Eqn. 3). Both have the same even length and begin at an even place.
#[inline]
pub fn updated(field: [u8; 2], before: &[u8], after: &[u8]) -> [u8; 2] {
    let unchanged = u64::from(!u16::from_ne_bytes(field)) + u64::from(!fold(sum(before, 0)));
    complement(sum(after, unchanged))
}

/// One 16-bit number in host order as a summand.
#[inline]
pub fn word(value: u16) -> u64 {
    u64::from(value.to_be())
}

/// The pseudo-header of TCP, UDP and ICMPv6 (RFC 9293 §3.1, RFC 8200 §8.1). `addresses` holds source
/// and destination side by side as in either IP header; `length` is that of the upper layer.
#[inline]
pub fn pseudo_header(addresses: &[u8], protocol: u8, length: usize) -> u64 {
    let length = length as u32;
    sum(addresses, word(u16::from(protocol)) + word(length as u16) + word((length >> 16) as u16))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition: big-endian words one by one.
    fn reference(bytes: &[u8]) -> u16 {
        let mut total: u32 = 0;
        for pair in bytes.chunks(2) {
            total += u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0));
            total = (total & 0xffff) + (total >> 16);
        }
        total as u16
    }

    #[test]
    fn folds_the_largest_sums() {
        assert_eq!(fold(u64::MAX), 0xffff);
        assert_eq!(fold(0xffff_ffff_0000_0001), 1);
        assert_eq!(fold(0), 0);
        assert_eq!(fold(0x1_0000), 1);
    }

    #[test]
    fn sends_a_zero_udp_checksum_as_ones() {
        assert_eq!(complement(0xffff), [0, 0]);
        assert_eq!(complement_nonzero(0xffff), [0xff, 0xff]);
    }

    proptest! {
        #[test]
        fn equals_the_definition(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(fold(sum(&bytes, 0)).to_ne_bytes(), reference(&bytes).to_be_bytes());
        }

        #[test]
        fn may_be_taken_in_even_parts(bytes in prop::collection::vec(any::<u8>(), 0..300), at in 0..150_usize) {
            let (front, back) = bytes.split_at((2 * at).min(bytes.len()));
            prop_assert_eq!(fold(sum(back, sum(front, 0))), fold(sum(&bytes, 0)));
        }

        #[test]
        fn updates_as_if_taken_anew(mut bytes in prop::collection::vec(1..255_u8, 8..40), after: [u8; 4]) {
            let before = complement(sum(&bytes, 0));
            let old = bytes[2..6].to_vec();
            bytes[2..6].copy_from_slice(&after);
            prop_assert_eq!(updated(before, &old, &after), complement(sum(&bytes, 0)));
        }

        #[test]
        fn folds_like_repeated_carries(total: u64) {
            let mut slow = total;
            while slow >> 16 != 0 {
                slow = (slow & 0xffff) + (slow >> 16);
            }
            prop_assert_eq!(u64::from(fold(total)), slow);
        }
    }
}
