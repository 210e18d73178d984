//! The largest segment that a TCP SYN announces (RFC 9293 §3.7.1), lowered to what a tunnel carries: a
//! connection through it then needs no Packet Too Big, which firewalls drop.

use crate::checksum;
use crate::options::option_at;
use crate::packet::{Fragment, Packet};
use crate::parse::parse;
use crate::protocol::TCP;

/// IP and TCP headers without options: what an MSS does not count (RFC 9293 §3.7.1).
const V4_HEADERS: usize = 20 + 20;
const V6_HEADERS: usize = 40 + 20;

/// What every host takes without an announcement (RFC 9293 §3.7.1).
const LEAST: usize = 536;

const SYN: u8 = 0x02;
/// Kind of the option; its length is 4.
const MAXIMUM_SEGMENT_SIZE: u8 = 2;

/// Whether `packet` opens a TCP connection, from either side, and may be changed on its way: it is whole
/// and no Authentication Header covers it.
#[inline]
pub fn is_syn(packet: &Packet<'_>) -> bool {
    packet.protocol == TCP
        && packet.fragment == Fragment::Whole
        && !packet.authenticated
        && packet.upper().get(13).is_some_and(|flags| flags & SYN != 0)
}

/// Lowers the MSS of a TCP SYN to what packets of at most `mtu` bytes leave, and updates the checksum
/// (RFC 1624); never below 536. False, and nothing changed, when it is low enough, when there is none, and for
/// all other bytes.
pub fn clamp(bytes: &mut [u8], mtu: usize) -> bool {
    let Some(Announced { checksum, at, limit }) = excess(bytes, mtu) else {
        return false;
    };
    // The words that hold the number: options may begin at odd places.
    let words = at & !1..(at + 3) & !1;
    let mut before = [0; 4];
    let before = &mut before[..words.len()];
    before.copy_from_slice(&bytes[words.clone()]);
    bytes[at..at + 2].copy_from_slice(&limit.to_be_bytes());
    let sum = checksum::updated([bytes[checksum], bytes[checksum + 1]], before, &bytes[words]);
    bytes[checksum..checksum + 2].copy_from_slice(&sum);
    true
}

/// Where a SYN announces too much; places count from the start of the packet.
struct Announced {
    checksum: usize,
    at: usize,
    limit: u16,
}

fn excess(bytes: &[u8], mtu: usize) -> Option<Announced> {
    let packet = parse(bytes).ok().filter(is_syn)?;
    let headers = if packet.is_v6() { V6_HEADERS } else { V4_HEADERS };
    let limit = u16::try_from(mtu.saturating_sub(headers).max(LEAST)).ok()?;
    let upper = packet.upper();
    let length = usize::from(upper.get(12)? >> 4) * 4;
    let options = upper.get(..length)?;
    let mut at = 20;
    while let Some((kind, next)) = option_at(options, at) {
        if (kind, next - at) == (MAXIMUM_SEGMENT_SIZE, 4) {
            let announced = u16::from_be_bytes([options[at + 2], options[at + 3]]);
            let start = usize::from(packet.upper_offset);
            let too_much = Announced { checksum: start + 16, at: start + at + 2, limit };
            return (announced > limit).then_some(too_much);
        }
        at = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{Sample, is_intact};
    use crate::vectors;
    use proptest::prelude::*;

    /// A SYN with the options that Linux sends, MSS first.
    fn syn(mss: u16) -> Sample {
        let [high, low] = mss.to_be_bytes();
        let options = vec![2, 4, high, low, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7];
        Sample { flags: SYN, options, payload: vec![], ..Sample::tcp_v4() }
    }

    fn clamped(sample: &Sample, mtu: usize) -> Option<Vec<u8>> {
        let mut packet = sample.packet();
        clamp(&mut packet, mtu).then_some(packet)
    }

    #[test]
    fn leaves_room_for_the_headers_of_each_family() {
        assert_eq!(clamped(&syn(1460), 1400), Some(syn(1360).packet()));
        let v6 = |mss| Sample { v6: true, ..syn(mss) };
        assert_eq!(clamped(&v6(1440), 1400), Some(v6(1340).packet()));
    }

    #[test]
    fn lowers_the_answer_to_a_syn_as_well() {
        let answer = |mss| Sample { flags: SYN | 0x10, ..syn(mss) };
        assert_eq!(clamped(&answer(1460), 1300), Some(answer(1260).packet()));
    }

    #[test]
    fn never_raises_it() {
        assert_eq!(clamped(&syn(1360), 1400), None);
        assert_eq!(clamped(&syn(536), 1400), None);
        assert_eq!(clamped(&syn(65535), 65575), None);
    }

    #[test]
    fn never_lowers_it_below_what_needs_no_announcement() {
        assert_eq!(clamped(&syn(1460), 0), Some(syn(536).packet()));
    }

    #[test]
    fn changes_no_other_packets() {
        let others = [
            Sample { flags: 0x10, ..syn(1460) },
            Sample { options: vec![1; 8], ..syn(1460) },
            Sample { options: vec![0, 2, 4, 5], ..syn(1460) },
            Sample { options: vec![2, 5, 5, 180, 0, 0, 0, 0], ..syn(1460) },
            Sample { options: vec![3, 0, 2, 4, 5, 180, 0, 0], ..syn(1460) },
            Sample { tcp: false, ..syn(1460) },
        ];
        for (index, sample) in others.iter().enumerate() {
            assert_eq!(clamped(sample, 1000), None, "sample {index}");
        }
        let mut fragment = vectors::with_v4_flags(&syn(1460).packet(), 0x2000);
        assert!(!clamp(&mut fragment, 1000));
        let mut cut = syn(1460).packet();
        cut[32] = 0xf0;
        assert!(!clamp(&mut cut, 1000));
        assert!(!clamp(&mut [], 1000));
    }

    proptest! {
        #[test]
        fn keeps_the_checksum_right_wherever_the_option_is(
            v6: bool,
            padding in 0..8_usize,
            mss: u16,
            mtu in 600..1500_usize,
            ports: [u16; 2],
        ) {
            let mut options = vec![1; padding];
            options.extend([2, 4]);
            options.extend(mss.to_be_bytes());
            options.resize(options.len().next_multiple_of(4), 0);
            let before = Sample { v6, ports, options, ..syn(0) };
            let mut packet = before.packet();
            let limit = (mtu - if v6 { 60 } else { 40 }) as u16;
            prop_assert_eq!(clamp(&mut packet, mtu), mss > limit);
            prop_assert!(is_intact(&packet));
            let at = before.upper_offset() + 20 + padding + 2;
            prop_assert_eq!(packet[at..at + 2].to_vec(), mss.min(limit).to_be_bytes().to_vec());
        }

        #[test]
        fn never_panics(mut bytes: Vec<u8>, flags: u8, options in prop::collection::vec(any::<u8>(), 0..40)) {
            clamp(&mut bytes, 1000);
            let mut options = options;
            options.resize(options.len() & !3, 0);
            let mut packet = Sample { flags, options, ..syn(0) }.packet();
            clamp(&mut packet, 100);
            prop_assert!(is_intact(&packet));
        }
    }
}
