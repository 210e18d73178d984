//! Any packets: what segmentation makes of the frames are the same packets (CIP-1607).
#![no_main]

use bytes::{Bytes, BytesMut};
use libfuzzer_sys::fuzz_target;
use masque_packet::{CoalesceOptions, Coalescer, Frame, checksum, segment};

/// Sets lengths and checksums, so that packets can be merged.
fn mended(bytes: &[u8], index: u16) -> Vec<u8> {
    let mut packet = bytes.to_vec();
    if packet.len() < 60 {
        return packet;
    }
    let length = packet.len() as u16;
    let v6 = packet[0] & 1 != 0;
    packet[0] = if v6 { 0x60 } else { 0x45 };
    let tcp = packet[1] & 1 != 0;
    let protocol = if tcp { 6 } else { 17 };
    packet[1] = 0;
    let (start, addresses) = if v6 {
        packet[4..6].copy_from_slice(&(length - 40).to_be_bytes());
        packet[6] = protocol;
        (40, 8..40)
    } else {
        packet[2..4].copy_from_slice(&length.to_be_bytes());
        packet[4..6].copy_from_slice(&index.to_be_bytes());
        packet[6..8].fill(0);
        packet[9] = protocol;
        packet[10..12].fill(0);
        let sum = checksum::complement(checksum::sum(&packet[..20], 0));
        packet[10..12].copy_from_slice(&sum);
        (20, 12..20)
    };
    let field = start + if tcp { 16 } else { 6 };
    if !tcp {
        packet[start + 4..start + 6].copy_from_slice(&(length - start as u16).to_be_bytes());
    }
    if tcp {
        // Copies of one packet become a train.
        let header = usize::from(packet[start + 12] >> 4) * 4;
        let payload = (packet.len() - start).saturating_sub(header) as u8;
        packet[start + 7] = payload.wrapping_mul((index & 3) as u8);
    }
    packet[field..field + 2].fill(0);
    let pseudo = checksum::pseudo_header(&packet[addresses], protocol, packet.len() - start);
    let sum = checksum::complement_nonzero(checksum::sum(&packet[start..], pseudo));
    packet[field..field + 2].copy_from_slice(&sum);
    packet
}

fuzz_target!(|packets: Vec<(bool, u8, &[u8])>| {
    let packets: Vec<Bytes> = packets
        .iter()
        .enumerate()
        .flat_map(|(index, (mend, copies, bytes))| {
            (0..=copies % 4).map(move |copy| {
                let number = (index as u16) << 2 | u16::from(copy);
                Bytes::from(if *mend {
                    mended(bytes, number)
                } else {
                    bytes.to_vec()
                })
            })
        })
        .collect();
    let mut again: Vec<Vec<u8>> = Vec::new();
    let mut emit = |frame: Frame<'_>| {
        let parts = frame.payload.iter().flat_map(|part| part.iter().copied());
        let whole: Vec<u8> = frame.header.iter().copied().chain(parts).collect();
        if frame.packets == 1 {
            again.push(whole[masque_packet::vnet::LENGTH..].to_vec());
            return;
        }
        let (mut slab, mut lengths) = (BytesMut::new(), Vec::new());
        let count = segment(&whole, &[], &mut slab, &mut lengths).expect("a frame of ours");
        assert_eq!(count, frame.packets);
        again.extend(lengths.iter().map(|length| slab.split_to(*length).to_vec()));
    };
    let mut coalescer = Coalescer::new(CoalesceOptions {
        tcp: true,
        udp: true,
    });
    for packet in &packets {
        coalescer.push(packet.clone(), &mut emit);
    }
    coalescer.flush(&mut emit);
    let mut expected: Vec<Vec<u8>> = packets.iter().map(|packet| packet.to_vec()).collect();
    expected.sort();
    again.sort();
    assert_eq!(again, expected);
});
