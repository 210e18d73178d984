//! One write to the TUN.

use bytes::Bytes;

use crate::vnet;

/// One write to the TUN: `header`, then every slice of `payload`, in one writev.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// vnet header, and for merged packets the IP and TCP or UDP header.
    pub header: &'a [u8],
    /// What follows: at most [`MAX_PACKETS`] slices.
    pub payload: &'a [Bytes],
    /// How many inner packets this is.
    pub packets: usize,
    /// Sum of the inner packets' sizes as they came, bytes.
    pub bytes: usize,
}

/// The most packets in one frame.
pub const MAX_PACKETS: usize = 64;

/// The frame of one packet written alone: a zeroed vnet header in front.
pub fn single(packet: &Bytes) -> Frame<'_> {
    Frame {
        header: &[0; vnet::LENGTH],
        payload: std::slice::from_ref(packet),
        packets: 1,
        bytes: packet.len(),
    }
}
