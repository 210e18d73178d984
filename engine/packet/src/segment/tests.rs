use super::*;
use crate::samples::{Sample, complete_checksum, is_intact};
use proptest::prelude::*;

fn packets_of(frame: &[u8], prefix: &[u8]) -> Result<Vec<Vec<u8>>, SegmentError> {
    let mut slab = BytesMut::from(&b"before"[..]);
    let mut lengths = vec![6];
    let result = segment(frame, prefix, &mut slab, &mut lengths);
    let mut rest = slab.freeze();
    let mut parts: Vec<Vec<u8>> = lengths.iter().map(|length| rest.split_to(*length).to_vec()).collect();
    assert!(rest.is_empty());
    assert_eq!(parts.remove(0), b"before");
    assert_eq!(result.unwrap_or(0), parts.len());
    result.map(|_| parts)
}

/// A super-packet of `sample` with `size` bytes a segment, as the kernel hands it over.
fn super_frame(sample: &Sample, size: u16) -> Vec<u8> {
    let mut packet = sample.packet();
    let start = sample.upper_offset();
    let field = start + if sample.tcp { 16 } else { 6 };
    packet[field..field + 2].copy_from_slice(&[0x12, 0x34]);
    let header = VnetHeader {
        flags: vnet::NEEDS_CSUM,
        gso_type: match (sample.tcp, sample.v6) {
            (true, false) => vnet::GSO_TCPV4,
            (true, true) => vnet::GSO_TCPV6,
            (false, _) => vnet::GSO_UDP_L4,
        },
        header_length: 0,
        gso_size: size,
        checksum_start: start as u16,
        checksum_offset: (field - start) as u16,
    };
    [&header.to_bytes()[..], &packet].concat()
}

#[test]
fn cuts_tcp_with_sequence_ids_and_flags() {
    let sample = Sample {
        flags: 0x10 | FIN | PSH | CWR,
        id: 0xffff,
        sequence: u32::MAX - 500,
        options: vec![1; 12],
        payload: (0..2500).map(|index| index as u8).collect(),
        ..Sample::tcp_v4()
    };
    let packets = packets_of(&super_frame(&sample, 1000), &[]).expect("three segments");
    let expected = [
        Sample { flags: 0x10 | CWR, payload: sample.payload[..1000].to_vec(), ..sample.clone() },
        Sample {
            flags: 0x10,
            id: 0,
            sequence: sample.sequence.wrapping_add(1000),
            payload: sample.payload[1000..2000].to_vec(),
            ..sample.clone()
        },
        Sample {
            flags: 0x10 | FIN | PSH,
            id: 1,
            sequence: sample.sequence.wrapping_add(2000),
            payload: sample.payload[2000..].to_vec(),
            ..sample.clone()
        },
    ];
    assert_eq!(packets, expected.map(|sample| sample.packet()));
}

#[test]
fn cuts_udp_and_tcp_of_both_families_into_intact_packets() {
    for sample in [Sample::tcp_v4(), Sample::tcp_v6(), Sample::udp_v4(), Sample::udp_v6()] {
        let sample = Sample { payload: vec![7; 3001], ..sample };
        let frame = super_frame(&sample, 1500);
        let packets = packets_of(&frame, &[]).expect("cut");
        let payloads: Vec<usize> =
            packets.iter().map(|packet| packet.len() - sample.header_length()).collect();
        assert_eq!(payloads, [1500, 1500, 1]);
        assert!(packets.iter().all(|packet| is_intact(packet)));
        assert_eq!(largest_packet(&frame), Ok(sample.header_length() + 1500));
    }
}

#[test]
fn repeats_ipv4_options_on_every_segment() {
    let sample = Sample { ip_options: vec![0x94, 4, 0, 0], payload: vec![7; 20], ..Sample::udp_v4() };
    let packets = packets_of(&super_frame(&sample, 10), &[]).expect("cut");
    assert_eq!(packets.len(), 2);
    assert!(packets.iter().all(|packet| is_intact(packet) && packet[20..24] == [0x94, 4, 0, 0]));
}

#[test]
fn puts_the_prefix_in_front_of_every_packet() {
    let sample = Sample { payload: vec![7; 25], ..Sample::udp_v6() };
    let bare = packets_of(&super_frame(&sample, 10), &[]).expect("cut");
    let prefixed = packets_of(&super_frame(&sample, 10), &[0x0b, 0]).expect("cut");
    let expected: Vec<Vec<u8>> = bare.iter().map(|packet| [&[0x0b, 0], &packet[..]].concat()).collect();
    assert_eq!(prefixed, expected);
}

#[test]
fn completes_the_checksum_of_a_packet_that_is_not_cut() {
    for sample in [Sample::tcp_v4(), Sample::tcp_v6(), Sample::udp_v4(), Sample::udp_v6()] {
        let complete = sample.packet();
        let (frame, _) = sample.partial_frame();
        assert_ne!(frame[vnet::LENGTH..], complete[..]);
        assert_eq!(packets_of(&frame, &[]), Ok(vec![complete]));
    }
}

#[test]
fn writes_ones_for_a_zero_udp_checksum() {
    let sample = Sample::udp_v6().with_zero_sum();
    let mut expected = sample.packet();
    assert_eq!(expected[46..48], [0xff, 0xff]);
    complete_checksum(&mut expected);
    let (frame, _) = sample.partial_frame();
    assert_eq!(packets_of(&frame, &[]), Ok(vec![expected.clone()]));
    assert_eq!(packets_of(&super_frame(&sample, 2), &[]), Ok(vec![expected]));
}

#[test]
fn passes_other_packets_unchanged() {
    let packet = crate::vectors::p_12();
    let frame = [&[0; vnet::LENGTH], &packet[..]].concat();
    assert_eq!(packets_of(&frame, &[0, 0]), Ok(vec![[&[0, 0], &packet[..]].concat()]));
    assert_eq!(largest_packet(&frame), Ok(packet.len()));
}

#[test]
fn refuses_frames_that_no_kernel_makes() {
    let good = super_frame(&Sample { payload: vec![7; 3000], ..Sample::tcp_v4() }, 1000);
    let refused = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut frame = good.clone();
        change(&mut frame);
        assert_eq!(largest_packet(&frame).err(), packets_of(&frame, &[]).err());
        packets_of(&frame, &[]).expect_err("refused")
    };
    let packet = vnet::LENGTH;
    assert_eq!(refused(&|frame| frame.truncate(9)), SegmentError::TooShort);
    assert_eq!(refused(&|frame| frame.truncate(10)), SegmentError::TooShort);
    assert_eq!(refused(&|frame| frame[1] = 3), SegmentError::UnsupportedGso);
    assert_eq!(refused(&|frame| frame[1] = vnet::GSO_TCPV6), SegmentError::Headers);
    assert_eq!(refused(&|frame| frame[1] = vnet::GSO_UDP_L4), SegmentError::Headers);
    assert_eq!(refused(&|frame| frame[packet + 6] = 0x20), SegmentError::Headers);
    assert_eq!(refused(&|frame| frame[packet] = 0x44), SegmentError::Headers);
    assert_eq!(refused(&|frame| frame[packet + 32] = 0x40), SegmentError::Headers);
    assert_eq!(refused(&|frame| frame.truncate(packet + 30)), SegmentError::Headers);
    assert_eq!(refused(&|frame| frame[6..8].fill(0)), SegmentError::Headers);
    assert_eq!(refused(&|frame| frame[4..6].fill(0)), SegmentError::SegmentSize);
    assert_eq!(
        refused(&|frame| frame[4..6].copy_from_slice(&1_u16.to_ne_bytes())),
        SegmentError::SegmentSize
    );
    let outside = |frame: &mut Vec<u8>| {
        frame[1] = vnet::GSO_NONE;
        frame[8..10].copy_from_slice(&u16::MAX.to_ne_bytes());
    };
    assert_eq!(refused(&outside), SegmentError::ChecksumPlace);
}

#[test]
fn refuses_to_cut_behind_ipv6_extension_headers() {
    let mut frame = super_frame(&Sample { payload: vec![7; 3000], ..Sample::tcp_v6() }, 1000);
    frame[vnet::LENGTH + 6] = 60;
    assert_eq!(packets_of(&frame, &[]), Err(SegmentError::Headers));
}

proptest! {
    #[test]
    fn garbage_never_panics(
        header in prop::array::uniform10(any::<u8>()),
        kind in prop::sample::select(vec![0_u8, 1, 4, 5, 0x81]),
        tcp: bool,
        v6: bool,
        flips in prop::collection::vec((0..80_usize, any::<u8>()), 0..4),
        payload in 0..200_usize,
    ) {
        let sample = Sample { tcp, v6, payload: vec![1; payload], ..Sample::tcp_v4() };
        let mut frame = super_frame(&sample, 50);
        frame[2..vnet::LENGTH].copy_from_slice(&header[2..]);
        frame[0] = header[0];
        frame[1] = kind;
        for (at, value) in flips {
            let at = at % frame.len();
            frame[at] = value;
        }
        if let Ok(packets) = packets_of(&frame, &[9]) {
            let largest = packets.iter().map(|packet| packet.len() - 1).max();
            prop_assert_eq!(largest, largest_packet(&frame).ok());
        }
    }
}
