//! Cutting and merging undo each other, whatever the packets say.

use super::*;
use proptest::prelude::*;

/// One step of a random conversation: which flow, and how it departs from a plain train.
#[derive(Debug, Clone)]
struct Step {
    flow: usize,
    size: usize,
    oddity: u8,
}

fn any_step() -> impl Strategy<Value = Step> {
    let size = prop_oneof![4 => Just(120_usize), 2 => 1..121_usize, 1 => 0..1400_usize];
    (0..20_usize, size, any::<u8>()).prop_map(|(flow, size, oddity)| Step { flow, size, oddity })
}

/// Plays `steps` over twenty flows of all kinds and returns the packets in order.
fn conversation(steps: &[Step]) -> Vec<Vec<u8>> {
    let [tcp_v4, tcp_v6, udp_v4, udp_v6] = four_kinds();
    let mut flows: Vec<Sample> = (0..20_u16)
        .map(|flow| {
            let kind = [&tcp_v4, &tcp_v6, &udp_v4, &udp_v6][usize::from(flow % 4)];
            let options = vec![1; usize::from(flow % 3) * 4];
            Sample { ports: [flow / 8, 443], id: flow, options, ..kind.clone() }
        })
        .collect();
    let mut packets = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let flow = &mut flows[step.flow];
        let payload = (0..step.size).map(|at| (at * 31 + index * 7) as u8).collect();
        let mut sample = Sample { payload, ..flow.clone() };
        match step.oddity {
            0..8 => sample.flags |= PSH,
            8..12 => sample.flags |= FIN,
            12..16 => sample.flags |= 0x80,
            16..20 => sample.flags = 0x02,
            20..30 => flow.traffic_class ^= 3,
            30..34 => flow.window += 1,
            34..38 => flow.acknowledgement += 1,
            38..42 => flow.id = flow.id.wrapping_add(7),
            42..46 => flow.flags ^= ECE,
            46..50 => sample.ip_options = vec![1; 4],
            50..54 => flow.dont_fragment ^= true,
            54..58 => flow.ttl = flow.ttl.wrapping_sub(1).max(1),
            // A timestamp that ticks (RFC 7323 §3.2).
            66..74 if !flow.options.is_empty() => {
                flow.options = vec![1, 1, 8, 10, 0, 0, 0, index as u8, 0, 0, 0, 1]
            }
            _ => {}
        }
        let mut packet = sample.packet();
        match step.oddity {
            60..64 => *packet.last_mut().expect("a byte") ^= 1,
            64..66 => packet.truncate(30),
            _ => {}
        }
        packets.push(packet);
        flow.id = flow.id.wrapping_add(1);
        flow.sequence = flow.sequence.wrapping_add(step.size as u32);
    }
    packets
}

/// Packets by flow, each flow in order.
fn by_flow(packets: &[Vec<u8>]) -> Vec<(Vec<u8>, Vec<&Vec<u8>>)> {
    let flow_of = |packet: &[u8]| match packet[0] {
        0x60..=0x6f => [&packet[6..7], &packet[40..44]].concat(),
        0x45 => [&packet[9..10], &packet[20..24]].concat(),
        _ => [&packet[9..10], &packet[24..28]].concat(),
    };
    let mut flows: Vec<(Vec<u8>, Vec<&Vec<u8>>)> = Vec::new();
    for packet in packets {
        let key = [&[packet[0] >> 4], &flow_of(packet)[..]].concat();
        match flows.iter_mut().find(|(flow, _)| *flow == key) {
            Some((_, list)) => list.push(packet),
            None => flows.push((key, vec![packet])),
        }
    }
    flows.sort_by(|(left, _), (right, _)| left.cmp(right));
    flows
}

/// Any packet of plain data that the kernel may hand over uncut: all that a header can say but what ends a merge.
fn any_super_packet() -> impl Strategy<Value = Sample> {
    let ip = (any::<bool>(), any::<u8>(), any::<u8>(), any::<u16>(), any::<bool>());
    let upper = (any::<[u16; 2]>(), any::<u32>(), any::<u32>(), any::<u16>(), 0..4_u8);
    let options = prop::collection::vec(any::<[u8; 4]>(), 0..=10);
    let payload = prop::collection::vec(any::<u8>(), 2..9000);
    (any::<bool>(), ip, upper, options, payload).prop_map(|(tcp, ip, upper, options, payload)| {
        let (v6, traffic_class, ttl, id, dont_fragment) = ip;
        let (ports, sequence, acknowledgement, window, end) = upper;
        let flags = ACK | [0, PSH, FIN, PSH | FIN][usize::from(end)];
        let options = if tcp { options.concat() } else { vec![] };
        let ip_options = vec![];
        Sample {
            v6,
            tcp,
            traffic_class,
            ttl,
            id,
            dont_fragment,
            ip_options,
            ports,
            sequence,
            acknowledgement,
            flags,
            window,
            options,
            payload,
        }
    })
}

/// As the kernel hands it over, to be cut into segments of `size` bytes.
fn super_frame(sample: &Sample, size: usize) -> Vec<u8> {
    let (mut frame, _) = sample.partial_frame();
    let header = VnetHeader {
        gso_type: match (sample.tcp, sample.v6) {
            (true, false) => vnet::GSO_TCPV4,
            (true, true) => vnet::GSO_TCPV6,
            (false, _) => vnet::GSO_UDP_L4,
        },
        header_length: sample.header_length() as u16,
        gso_size: size as u16,
        ..VnetHeader::parse(&frame).expect("a header")
    };
    frame[..vnet::LENGTH].copy_from_slice(&header.to_bytes());
    frame
}

proptest! {
    #[test]
    fn coalescing_undoes_segmentation(sample in any_super_packet(), share in 1..=64_usize, odd: bool) {
        let size = (sample.payload.len().div_ceil(share) | usize::from(odd)).min(sample.payload.len() - 1);
        let frame = super_frame(&sample, size);
        let count = sample.payload.len().div_ceil(size);
        prop_assert!((2..=MAX_PACKETS).contains(&count));
        let packets = segmented(&[(frame.clone(), count)]);
        prop_assert_eq!(written(&packets), vec![(frame, count)]);
    }

    #[test]
    fn segmentation_undoes_coalescing_flow_by_flow(
        steps in prop::collection::vec(any_step(), 0..200),
    ) {
        let packets: Vec<Vec<u8>> =
            conversation(&steps).into_iter().filter(|packet| packet.len() >= 44).collect();
        let again = segmented(&written(&packets));
        prop_assert_eq!(by_flow(&again), by_flow(&packets));
    }

    #[test]
    fn garbage_passes_unchanged(packets in prop::collection::vec(any::<Vec<u8>>(), 0..8)) {
        let expected: Vec<Written> =
            packets.iter().map(|packet| ([&[0; vnet::LENGTH], &packet[..]].concat(), 1)).collect();
        prop_assert_eq!(written(&packets), expected);
    }
}
