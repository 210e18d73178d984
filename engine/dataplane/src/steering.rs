//! Which worker a UDP datagram belongs to: the first byte of the connection id that it is addressed to, modulo
//! the number of workers. Ids that we issue are made that way, so that a connection stays with its worker
//! wherever its peer moves; the first id of a handshake is the peer's choice, and as good as any.
//!
//! The kernel applies the rule by a program. Whatever it does instead, the worker that
//! receives a datagram applies it again.

use quinn_proto::{ConnectionId, ConnectionIdGenerator, RandomConnectionIdGenerator};
use std::time::Duration;

/// Bytes of our connection ids.
const ID_LENGTH: usize = 8;
/// Offset of the destination connection id behind a long header's form bit, version and length (RFC 9000 §17.2).
const LONG_HEADER_ID: usize = 6;
/// And behind a short header's first byte (RFC 9000 §17.3).
const SHORT_HEADER_ID: usize = 1;
/// The header form bit.
const LONG_HEADER: u8 = 0x80;

/// The worker that a datagram belongs to; the first one has what is too short to belong to any.
#[inline]
pub fn owner_of(datagram: &[u8], workers: usize) -> usize {
    let is_long = datagram.first().is_some_and(|first| first & LONG_HEADER != 0);
    let at = if is_long { LONG_HEADER_ID } else { SHORT_HEADER_ID };
    datagram.get(at).map_or(0, |byte| usize::from(*byte) % workers.max(1))
}

/// The same rule as a classic BPF program, which sees the UDP payload and returns the socket's number. A load
/// beyond the end returns 0.
pub fn program(workers: usize) -> [libc::sock_filter; 7] {
    let step = |code: u32, k: usize| libc::sock_filter { code: code as u16, jt: 0, jf: 0, k: k as u32 };
    let load_byte = libc::BPF_LD | libc::BPF_B | libc::BPF_ABS;
    let is_long = step(libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K, LONG_HEADER.into());
    [
        step(load_byte, 0),
        libc::sock_filter { jt: 2, ..is_long },
        step(load_byte, SHORT_HEADER_ID),
        step(libc::BPF_JMP | libc::BPF_JA, 1),
        step(load_byte, LONG_HEADER_ID),
        step(libc::BPF_ALU | libc::BPF_MOD | libc::BPF_K, workers),
        step(libc::BPF_RET | libc::BPF_A, 0),
    ]
}

/// Issues the connection ids of one worker: random, but for what the first byte says modulo their number.
pub struct WorkerIds {
    worker: usize,
    workers: usize,
    random: RandomConnectionIdGenerator,
}

impl WorkerIds {
    /// For `worker` of `workers`.
    pub fn new(worker: usize, workers: usize) -> Self {
        Self { worker, workers, random: RandomConnectionIdGenerator::new(ID_LENGTH) }
    }
}

impl ConnectionIdGenerator for WorkerIds {
    fn generate_cid(&mut self) -> ConnectionId {
        // Drawn again until it fits: all that remain are equally likely.
        loop {
            let id = self.random.generate_cid();
            if id.first().is_some_and(|byte| usize::from(*byte) % self.workers == self.worker) {
                return id;
            }
        }
    }

    fn cid_len(&self) -> usize {
        ID_LENGTH
    }

    fn cid_lifetime(&self) -> Option<Duration> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_belong_to_the_worker_that_issued_them_in_both_header_forms() {
        for workers in [1, 2, 3, 64] {
            for worker in 0..workers {
                let id = WorkerIds::new(worker, workers).generate_cid();
                let short = [&[0x40][..], &id].concat();
                let long = [&[0xc0, 0, 0, 0, 1, id.len() as u8][..], &id].concat();
                assert_eq!([owner_of(&short, workers), owner_of(&long, workers)], [worker, worker]);
            }
        }
    }

    #[test]
    fn ids_of_one_worker_use_all_first_bytes_that_it_has() {
        let mut ids = WorkerIds::new(2, 3);
        let seen: std::collections::BTreeSet<u8> = (0..8192).map(|_| ids.generate_cid()[0]).collect();
        assert_eq!(seen.len(), (2..=255).step_by(3).count());
    }

    #[test]
    fn what_is_too_short_belongs_to_the_first_worker() {
        assert_eq!([&[][..], &[0x40], &[0xc0, 9, 9, 9, 9, 9]].map(|d| owner_of(d, 4)), [0; 3]);
    }
}
