//! Packets of one flow become one write to the TUN (the reverse of [`crate::segment`](mod@crate::segment)).
//!
//! Merged are only packets that the kernel's segmentation would make again, byte for byte: same
//! headers, consecutive sequence numbers and IPv4 ids, equal sizes, right checksums. The payloads are
//! not copied; a frame is one header and a list of slices for writev.

use bytes::Bytes;

mod candidate;
mod flow;
mod frame;

use candidate::{Candidate, Judgement, Key, judge};
use flow::Flow;

pub use candidate::CoalesceOptions;
pub use frame::{Frame, MAX_PACKETS, single};

/// How many flows are collected at a time.
pub const MAX_FLOWS: usize = 16;

/// Collects packets of up to [`MAX_FLOWS`] flows. Owned by one worker; reused from batch to batch.
#[derive(Debug)]
pub struct Coalescer {
    options: CoalesceOptions,
    /// The first `active` are in use, oldest first; the others keep their memory for later.
    flows: Vec<Flow>,
    active: usize,
}

impl Coalescer {
    /// An empty coalescer. All memory it will ever use is allocated here.
    pub fn new(options: CoalesceOptions) -> Self {
        let flows = (0..MAX_FLOWS).map(|_| Flow::unused()).collect();
        Self { options, flows, active: 0 }
    }

    /// Takes one well-formed inner packet. Emits whatever can no longer wait: order within a flow is
    /// kept, and a packet that cannot be merged goes out alone and unchanged.
    pub fn push(&mut self, packet: Bytes, emit: &mut impl FnMut(Frame<'_>)) {
        match judge(&packet, self.options) {
            Judgement::Mergeable(candidate) => self.collect(candidate, packet, emit),
            Judgement::Alone(key) => {
                if let Some(index) = self.position(&key) {
                    self.release(index, emit);
                }
                emit(single(&packet));
            }
            Judgement::Unrelated => emit(single(&packet)),
            Judgement::Unknown => {
                self.flush(emit);
                emit(single(&packet));
            }
        }
    }

    /// Emits everything collected. Call at the end of each batch (CIP-1210: no waiting for more).
    pub fn flush(&mut self, emit: &mut impl FnMut(Frame<'_>)) {
        for flow in &mut self.flows[..self.active] {
            flow.release(emit);
        }
        self.active = 0;
    }

    fn collect(&mut self, candidate: Candidate, packet: Bytes, emit: &mut impl FnMut(Frame<'_>)) {
        if let Some(index) = self.position(&candidate.key) {
            let flow = &mut self.flows[index];
            if flow.accepts(&candidate, &packet) {
                flow.append(&candidate, packet);
                if candidate.closes || flow.is_complete() {
                    self.release(index, emit);
                }
                return;
            }
            self.release(index, emit);
        }
        if candidate.closes {
            emit(single(&packet));
            return;
        }
        if self.active == self.flows.len() {
            self.release(0, emit);
        }
        self.flows[self.active].begin(candidate, packet);
        self.active += 1;
    }

    fn position(&self, key: &Key) -> Option<usize> {
        self.flows[..self.active].iter().position(|flow| flow.is(key))
    }

    fn release(&mut self, index: usize, emit: &mut impl FnMut(Frame<'_>)) {
        self.flows[index].release(emit);
        // The slot moves behind the active ones; their order is their age.
        self.flows[index..self.active].rotate_left(1);
        self.active -= 1;
    }
}

#[cfg(test)]
mod tests;
