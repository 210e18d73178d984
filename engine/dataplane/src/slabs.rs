//! Memory for packets, in large pieces that are used again once no packet in them is held any more.

use bytes::BytesMut;
use std::collections::VecDeque;

/// Bytes of a piece.
const PIECE: usize = 256 << 10;
/// Pieces that are kept, if so many are needed: for what a turn reads and a full queue of one session. When
/// more is held, by many queues, memory is taken anew and given back with the last packet in it.
const KEPT: usize = 16;

/// See the module. Takes no memory before it is needed.
#[derive(Debug, Default)]
pub struct Slabs {
    /// The oldest first, the last in use.
    pieces: VecDeque<BytesMut>,
}

impl Slabs {
    /// Memory, empty, with room for at least `least` bytes, which are no more than a piece.
    pub fn with_room(&mut self, least: usize) -> &mut BytesMut {
        if self.pieces.back().is_none_or(|piece| piece.capacity() < least) {
            if self.pieces.front_mut().is_some_and(|oldest| oldest.try_reclaim(PIECE)) {
                self.pieces.rotate_left(1);
            } else {
                if self.pieces.len() == KEPT {
                    self.pieces.pop_front();
                }
                self.pieces.push_back(BytesMut::with_capacity(PIECE));
            }
        }
        let last = self.pieces.len() - 1;
        let piece = &mut self.pieces[last];
        piece.clear();
        piece
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    /// Takes `bytes` of it.
    fn take(slabs: &mut Slabs, bytes: usize) -> Bytes {
        let room = slabs.with_room(bytes);
        room.resize(bytes, 1);
        room.split().freeze()
    }

    /// Pieces, by address, that a hundred packets come from, each held while `held` others are taken.
    fn pieces(held: usize) -> usize {
        let (mut slabs, mut packets) = (Slabs::default(), VecDeque::new());
        let mut begun = std::collections::BTreeSet::new();
        for _ in 0..100 {
            let packet = take(&mut slabs, PIECE / 2 + 1);
            begun.insert(packet.as_ptr().addr());
            packets.push_back(packet);
            if packets.len() > held {
                packets.pop_front();
            }
        }
        begun.len()
    }

    #[test]
    fn a_piece_serves_again_once_its_packets_are_gone() {
        assert_eq!(pieces(0), 1);
        assert!(pieces(2) <= KEPT);
    }

    #[test]
    fn packets_that_are_held_stay_as_they_are() {
        let mut slabs = Slabs::default();
        let held: Vec<_> = (0..20).map(|_| take(&mut slabs, PIECE / 3)).collect();
        slabs.with_room(PIECE).resize(PIECE, 2);
        assert!(held.iter().all(|packet| packet.iter().all(|byte| *byte == 1)));
    }
}
