//! Any bytes as a frame of the TUN (CIP-1607).
#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use masque_packet::segment::{largest_packet, segment};

const VNET: usize = masque_packet::vnet::LENGTH;

/// Sets the lengths and the checksum start, so that the fuzzer gets past them.
fn mended(frame: &[u8]) -> Vec<u8> {
    let mut frame = frame.to_vec();
    if frame.len() < VNET + 40 {
        return frame;
    }
    let length = (frame.len() - VNET) as u16;
    let start = if frame[VNET] >> 4 == 6 {
        frame[VNET + 4..VNET + 6].copy_from_slice(&(length - 40).to_be_bytes());
        40
    } else {
        frame[VNET + 2..VNET + 4].copy_from_slice(&length.to_be_bytes());
        u16::from(frame[VNET] & 0x0f) * 4
    };
    frame[6..8].copy_from_slice(&start.to_ne_bytes());
    frame
}

fuzz_target!(|input: (bool, &[u8])| {
    let (mend, frame) = input;
    let frame = if mend { mended(frame) } else { frame.to_vec() };
    let (mut slab, mut lengths) = (BytesMut::new(), Vec::new());
    match segment(&frame, &[0, 0], &mut slab, &mut lengths) {
        Ok(count) => {
            assert_eq!(count, lengths.len());
            assert_eq!(lengths.iter().sum::<usize>(), slab.len());
            assert_eq!(
                lengths.iter().max().map(|length| length - 2),
                largest_packet(&frame).ok()
            );
        }
        Err(error) => {
            assert!(slab.is_empty() && lengths.is_empty());
            assert_eq!(largest_packet(&frame), Err(error));
        }
    }
});
