//! Packets of one flow become one write to the TUN (the reverse of [`crate::segment`](mod@crate::segment)).

use bytes::Bytes;

/// What the kernel behind the TUN takes.
#[derive(Debug, Clone, Copy)]
pub struct CoalesceOptions {
    /// Merge TCP (TUN_F_TSO4 and TUN_F_TSO6 are set).
    pub tcp: bool,
    /// Merge UDP (TUN_F_USO4 and TUN_F_USO6 are set, Linux 6.2).
    pub udp: bool,
}

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

/// How many flows are collected at a time.
pub const MAX_FLOWS: usize = 16;

/// Collects packets of up to [`MAX_FLOWS`] flows. Owned by one worker; reused from batch to batch.
#[derive(Debug)]
pub struct Coalescer {
    options: CoalesceOptions,
}

impl Coalescer {
    /// An empty coalescer. All memory it will ever use is allocated here.
    pub fn new(options: CoalesceOptions) -> Self {
        Self { options }
    }

    /// Takes one well-formed inner packet. Emits whatever can no longer wait: order within a flow is
    /// kept, and a packet that cannot be merged goes out alone and unchanged.
    pub fn push(&mut self, packet: Bytes, emit: &mut impl FnMut(Frame<'_>)) {
        let _ = (&self.options, packet, emit);
        todo!()
    }

    /// Emits everything collected. Call at the end of each batch (CIP-1210: no waiting for more).
    pub fn flush(&mut self, emit: &mut impl FnMut(Frame<'_>)) {
        let _ = emit;
        todo!()
    }
}

/// The frame of one packet written alone: a zeroed vnet header in front.
pub fn single(packet: &Bytes) -> Frame<'_> {
    let _ = packet;
    todo!()
}
