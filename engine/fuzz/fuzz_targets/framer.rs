//! Any byte stream, cut anywhere, gives the same events and the same end (CIP-601, CIP-1607).
#![no_main]

use libfuzzer_sys::fuzz_target;
use masque_capsule::{Event, Framer, FramerError};

fn read(stream: &[u8], size: usize) -> (Vec<(u64, Vec<u8>)>, Result<(), FramerError>) {
    let mut framer = Framer::default();
    let mut seen = Vec::new();
    for mut chunk in stream.chunks(size) {
        loop {
            match framer.push(&mut chunk) {
                Ok(Some(Event::Datagram(value))) => seen.push((0, value.to_vec())),
                Ok(Some(Event::DatagramDiscarded { length })) => seen.push((length, Vec::new())),
                Ok(Some(Event::Control { kind, value })) => seen.push((kind, value.to_vec())),
                Ok(None) => break,
                Err(error) => return (seen, Err(error)),
            }
        }
    }
    (seen, framer.finish())
}

fuzz_target!(|input: (u8, &[u8])| {
    let (size, stream) = input;
    assert_eq!(
        read(stream, usize::from(size) + 1),
        read(stream, usize::MAX)
    );
});
