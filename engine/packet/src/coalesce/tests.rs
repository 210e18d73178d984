mod properties;

use super::candidate::{ACK, ECE, FIN, PSH};
use super::*;
use crate::samples::Sample;
use crate::segment::segment;
use crate::vnet::{self, VnetHeader};
use bytes::BytesMut;

/// A frame as written to the TUN, and how many packets it said it was.
type Written = (Vec<u8>, usize);

fn written_with(options: CoalesceOptions, packets: &[Vec<u8>]) -> Vec<Written> {
    let mut written = Vec::new();
    let mut emit = |frame: Frame<'_>| {
        assert!(frame.payload.len() <= MAX_PACKETS);
        let parts = frame.payload.iter().flat_map(|part| part.iter().copied());
        written.push((frame.header.iter().copied().chain(parts).collect(), frame.packets));
    };
    let mut coalescer = Coalescer::new(options);
    for packet in packets {
        coalescer.push(Bytes::from(packet.clone()), &mut emit);
    }
    coalescer.flush(&mut emit);
    coalescer.flush(&mut |_| panic!("flushed twice"));
    written
}

fn written(packets: &[Vec<u8>]) -> Vec<Written> {
    written_with(CoalesceOptions { tcp: true, udp: true }, packets)
}

/// How many packets each frame had.
fn shape(packets: &[Vec<u8>]) -> Vec<usize> {
    written(packets).into_iter().map(|(_, count)| count).collect()
}

/// Cuts frames again as the kernel would.
fn segmented(frames: &[Written]) -> Vec<Vec<u8>> {
    let mut packets = Vec::new();
    for (frame, count) in frames {
        let (mut slab, mut lengths) = (BytesMut::new(), Vec::new());
        assert_eq!(segment(frame, &[], &mut slab, &mut lengths), Ok(*count));
        packets.extend(lengths.iter().map(|length| slab.split_to(*length).to_vec()));
    }
    packets
}

/// `count` packets of a flow in order, each with `size` bytes of payload.
fn train(first: &Sample, count: usize, size: usize) -> Vec<Sample> {
    let follow = |index: usize| Sample {
        id: first.id.wrapping_add(index as u16),
        sequence: first.sequence.wrapping_add((index * size) as u32),
        payload: vec![index as u8; size],
        ..first.clone()
    };
    (0..count).map(follow).collect()
}

fn bytes_of(samples: &[Sample]) -> Vec<Vec<u8>> {
    samples.iter().map(Sample::packet).collect()
}

fn four_kinds() -> [Sample; 4] {
    [Sample::tcp_v4(), Sample::tcp_v6(), Sample::udp_v4(), Sample::udp_v6()]
}

#[test]
fn merges_a_train_of_each_kind_and_segmentation_restores_it() {
    for kind in four_kinds() {
        let kind = Sample { options: vec![1; 12], id: 0xfffe, sequence: u32::MAX - 2000, ..kind };
        let packets = bytes_of(&train(&kind, 5, 1001));
        let frames = written(&packets);
        assert_eq!(frames.len(), 1);
        assert_eq!(frames[0].1, 5);
        assert_eq!(segmented(&frames), packets);
        assert!(crate::parse(&frames[0].0[vnet::LENGTH..]).is_ok());
    }
}

#[test]
fn writes_one_packet_unchanged_behind_a_zeroed_header() {
    let packet = Sample::tcp_v4().packet();
    let expected = [&[0; vnet::LENGTH], &packet[..]].concat();
    assert_eq!(written(&[packet]), [(expected, 1)]);
}

#[test]
fn ends_a_frame_with_a_shorter_packet_and_never_takes_a_longer_one() {
    for kind in four_kinds() {
        let mut samples = train(&kind, 3, 100);
        samples[2].payload.truncate(40);
        let mut after = train(&Sample { id: kind.id + 3, sequence: kind.sequence + 240, ..kind }, 2, 100);
        after[1].payload.push(1);
        samples.append(&mut after);
        assert_eq!(shape(&bytes_of(&samples)), [3, 1, 1]);
        assert_eq!(segmented(&written(&bytes_of(&samples))), bytes_of(&samples));
    }
}

#[test]
fn ends_a_frame_with_fin_and_psh() {
    for flag in [FIN, PSH] {
        let mut samples = train(&Sample::tcp_v4(), 4, 100);
        samples[1].flags |= flag;
        let packets = bytes_of(&samples);
        assert_eq!(shape(&packets), [2, 2]);
        assert_eq!(segmented(&written(&packets)), packets);
    }
}

#[test]
fn keeps_packets_apart_that_segmentation_would_not_restore() {
    let changes: [fn(&mut Sample); 9] = [
        |sample| sample.traffic_class = 0x03,
        |sample| sample.ttl = 63,
        |sample| sample.id = sample.id.wrapping_add(1),
        |sample| sample.dont_fragment = false,
        |sample| sample.sequence = sample.sequence.wrapping_add(1),
        |sample| sample.acknowledgement += 1,
        |sample| sample.window += 1,
        |sample| sample.flags |= ECE,
        |sample| sample.options[3] = 2,
    ];
    let first = Sample { options: vec![1; 4], ..Sample::tcp_v4() };
    for (index, change) in changes.iter().enumerate() {
        let mut samples = train(&first, 2, 100);
        change(&mut samples[1]);
        assert_eq!(shape(&bytes_of(&samples)), [1, 1], "change {index}");
    }
}

#[test]
fn never_repairs_a_wrong_checksum() {
    for kind in four_kinds() {
        let mut packets = bytes_of(&train(&kind, 3, 100));
        let last = packets[1].len() - 1;
        packets[1][last] ^= 1;
        assert_eq!(shape(&packets), [1, 1, 1]);
        assert_eq!(segmented(&written(&packets)), packets);
    }
}

#[test]
fn writes_alone_what_is_no_plain_data() {
    let alone: [fn(&mut Sample); 6] = [
        |sample| sample.flags = 0x02,
        |sample| sample.flags = ACK | 0x04,
        |sample| sample.flags = ACK | 0x20,
        |sample| sample.flags = ACK | 0x80,
        |sample| sample.payload.clear(),
        |sample| sample.ip_options = vec![1; 4],
    ];
    for (index, change) in alone.iter().enumerate() {
        let mut samples = train(&Sample::tcp_v4(), 2, 100);
        samples.iter_mut().for_each(change);
        samples[1].sequence = samples[0].sequence + samples[0].payload.len() as u32;
        assert_eq!(shape(&bytes_of(&samples)), [1, 1], "change {index}");
    }
}

#[test]
fn writes_udp_without_a_checksum_or_with_a_wrong_length_alone() {
    let mut packets = bytes_of(&train(&Sample::udp_v4(), 2, 100));
    packets.iter_mut().for_each(|packet| packet[26..28].fill(0));
    assert_eq!(shape(&packets), [1, 1]);
    let mut packets = bytes_of(&train(&Sample::udp_v6(), 2, 100));
    packets.iter_mut().for_each(|packet| packet[45] -= 1);
    assert_eq!(shape(&packets), [1, 1]);
}

#[test]
fn writes_a_checksum_that_segmentation_would_write_differently_alone() {
    for (kind, other_zero) in [(Sample::tcp_v4(), [0xff; 2]), (Sample::udp_v4(), [0; 2])] {
        let zero_sums: Vec<Sample> = train(&kind, 2, 2).into_iter().map(Sample::with_zero_sum).collect();
        let mut packets = bytes_of(&zero_sums);
        assert_eq!(shape(&packets), [2]);
        let field = 20 + if kind.tcp { 16 } else { 6 };
        packets.iter_mut().for_each(|packet| packet[field..field + 2].copy_from_slice(&other_zero));
        assert_eq!(shape(&packets), [1, 1]);
    }
}

#[test]
fn writes_packets_with_the_reserved_ipv4_flag_alone() {
    let packets = bytes_of(&train(&Sample::udp_v4(), 2, 100));
    let flagged = |packet: &Vec<u8>| crate::vectors::with_v4_flags(packet, 0xc000);
    assert_eq!(shape(&packets.iter().map(flagged).collect::<Vec<_>>()), [1, 1]);
}

#[test]
fn keeps_the_order_within_a_flow_around_a_packet_that_goes_alone() {
    let mut samples = train(&Sample::tcp_v4(), 5, 100);
    samples[2].flags = ACK | 0x20;
    let other = Sample { ports: [1, 2], ..Sample::tcp_v4() };
    samples.insert(1, other.clone());
    let written = segmented(&written(&bytes_of(&samples)));
    let of_the_flow: Vec<Vec<u8>> = written.into_iter().filter(|packet| *packet != other.packet()).collect();
    samples.remove(1);
    assert_eq!(of_the_flow, bytes_of(&samples));
}

#[test]
fn lets_no_fragment_overtake_its_flow() {
    let mut packets = bytes_of(&train(&Sample::tcp_v4(), 3, 100));
    packets[2] = crate::vectors::with_v4_flags(&packets[2], 0x2000);
    assert_eq!(segmented(&written(&packets)), packets);
    assert_eq!(shape(&packets), [2, 1]);

    let mut packets = bytes_of(&train(&Sample::tcp_v6(), 2, 100));
    let mut hidden = crate::vectors::p_10();
    hidden[40] = 60;
    packets.push(hidden);
    assert_eq!(shape(&packets), [2, 1]);
}

#[test]
fn collects_sixteen_flows_and_gives_up_the_oldest_for_another() {
    let flow = |port: u16| train(&Sample { ports: [port, 443], ..Sample::tcp_v6() }, 2, 100);
    let interleaved = |count: u16| {
        let all: Vec<Vec<Sample>> = (0..count).map(flow).collect();
        let round = |index: usize| all.iter().map(move |samples| samples[index].packet());
        round(0).chain(round(1)).collect::<Vec<_>>()
    };
    assert_eq!(shape(&interleaved(16)), [2; 16]);
    assert_eq!(shape(&interleaved(17)), [1; 34]);
}

#[test]
fn stops_at_the_largest_number_of_packets_and_bytes() {
    assert_eq!(shape(&bytes_of(&train(&Sample::udp_v4(), 100, 10))), [64, 36]);
    for kind in four_kinds() {
        let packets = bytes_of(&train(&kind, 60, 1400));
        assert_eq!(shape(&packets), [46, 14]);
        assert_eq!(segmented(&written(&packets)), packets);
        assert_eq!(shape(&bytes_of(&train(&kind, 2, 40_000))), [1, 1]);
    }
}

#[test]
fn leaves_alone_what_the_kernel_does_not_take() {
    let tcp = bytes_of(&train(&Sample::tcp_v4(), 3, 100));
    let udp = bytes_of(&train(&Sample::udp_v4(), 3, 100));
    let count = |options, packets| written_with(options, packets).len();
    assert_eq!(count(CoalesceOptions { tcp: true, udp: false }, &udp), 3);
    assert_eq!(count(CoalesceOptions { tcp: false, udp: true }, &tcp), 3);
    assert_eq!(count(CoalesceOptions { tcp: true, udp: false }, &tcp), 1);
}

#[test]
fn passes_other_protocols_without_disturbing_a_flow() {
    let mut packets = bytes_of(&train(&Sample::tcp_v6(), 4, 100));
    packets.insert(2, crate::vectors::p_12());
    assert_eq!(shape(&packets), [1, 4]);
}

#[test]
fn counts_the_bytes_of_the_packets_as_they_came() {
    let packets = bytes_of(&train(&Sample::tcp_v4(), 3, 100));
    let mut bytes = 0;
    let mut coalescer = Coalescer::new(CoalesceOptions { tcp: true, udp: true });
    for packet in &packets {
        coalescer.push(Bytes::from(packet.clone()), &mut |_| panic!("too early"));
    }
    coalescer.flush(&mut |frame| bytes += frame.bytes);
    assert_eq!(bytes, packets.concat().len());
}
