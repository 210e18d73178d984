//! Memory for packets, in large pieces that are used again once no packet in them is held any more.

use bytes::BytesMut;
use std::collections::VecDeque;

/// Bytes of a piece.
const PIECE: usize = 256 << 10;
/// Pieces that are kept, if so many are needed: for what a turn reads and a full queue of one session. When
/// more is held, by many queues, memory is taken anew and given back with the last packet in it.
const KEPT: usize = 16;

/// See the module. Takes no memory before it is needed.
#[derive(Debug)]
pub struct Slabs {
    /// The oldest first, the last in use.
    pieces: VecDeque<BytesMut>,
    /// Where they come from.
    new_piece: fn(usize) -> BytesMut,
}

impl Default for Slabs {
    fn default() -> Self {
        Self { pieces: VecDeque::new(), new_piece: BytesMut::with_capacity }
    }
}

impl Slabs {
    /// Memory, empty, with room for at least `least` bytes, which are no more than a piece.
    pub fn with_room(&mut self, least: usize) -> &mut BytesMut {
        let last = self.pieces.back_mut().map(|piece| {
            // What was filled and not taken.
            piece.clear();
            piece.capacity()
        });
        if last.is_none_or(|room| room < least) {
            if self.pieces.front_mut().is_some_and(|oldest| oldest.try_reclaim(PIECE)) {
                self.pieces.rotate_left(1);
            } else {
                if self.pieces.len() == KEPT {
                    self.pieces.pop_front();
                }
                self.pieces.push_back((self.new_piece)(PIECE));
            }
        }
        let last = self.pieces.len() - 1;
        &mut self.pieces[last]
    }
}

/// [`Slabs`] whose every byte is initialised, so that calls that want a slice can write to them.
#[derive(Debug)]
pub struct InitializedSlabs(Slabs);

impl Default for InitializedSlabs {
    fn default() -> Self {
        Self(Slabs { pieces: VecDeque::new(), new_piece: BytesMut::zeroed })
    }
}

impl InitializedSlabs {
    /// `size` bytes, no more than a piece, of whatever they were used for last.
    pub fn room(&mut self, size: usize) -> &mut [u8] {
        let piece = self.0.with_room(size);
        // SAFETY: a piece is initialised to its end when it is made, and nobody makes bytes uninitialised;
        // there is room for `size` of them.
        unsafe { piece.set_len(size) };
        piece
    }

    /// Takes the first `size` bytes of the room that was asked for last, or all if it was smaller.
    pub fn take(&mut self, size: usize) -> BytesMut {
        let Some(piece) = self.0.pieces.back_mut() else {
            return BytesMut::new();
        };
        piece.truncate(size);
        piece.split()
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

    /// Miri finds a byte that is not initialised, here or when a piece serves again.
    #[test]
    fn all_bytes_of_a_room_can_be_read() {
        let (mut slabs, mut held) = (InitializedSlabs::default(), VecDeque::new());
        for size in [PIECE, 1, PIECE / 2, PIECE / 2, 3, PIECE, PIECE - 1] {
            let room = slabs.room(size);
            assert_eq!((room.len(), room.iter().filter(|byte| **byte > 1).count()), (size, 0));
            room.fill(1);
            held.push_back(slabs.take(size / 2 + 1));
            assert_eq!(held.back().map(BytesMut::len), Some(size / 2 + 1));
            held.drain(..held.len().saturating_sub(2));
        }
        assert!(slabs.take(usize::MAX).is_empty());
    }
}
