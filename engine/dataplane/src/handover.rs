//! What one worker hands over to another: batches in a bounded queue, of which the receiver takes all at once.
//!
//! The queue is a list behind a mutex that nobody holds for longer than it takes to append or to swap a batch.
//! Nothing is lost between two threads: a batch is appended under the lock, the receiver is woken if the list
//! was empty, and the receiver clears its waker before it takes the list. So whatever is appended after it
//! took the list finds it empty and wakes it, and whatever was appended before is taken.
//!
//! A queue above its half is behind. Who has to hand over as a rule then leaves what comes in the kernel, and
//! is woken by the receiver, which takes the list before it says so.

use crate::access::Answer;
use crate::forwarding::Refusal;
use crate::udp::Received;
use bytes::Bytes;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Bytes that may wait for a worker: a few milliseconds at full speed.
const BYTES: usize = 2 << 20;
/// What each parcel counts for besides its bytes.
const PARCEL: usize = 128;

/// What belongs to another worker.
pub enum Parcel {
    /// Datagrams of one receive call.
    Datagrams(Received),
    /// A frame of the TUN, virtio-net header first, and how many packets it is.
    Frame {
        /// Header and packet.
        frame: Bytes,
        /// Segments.
        packets: u64,
    },
    /// A packet from session to session.
    Packet(Crossing),
    /// What the other side said about a packet that began a flow or was refused.
    Judged(Crossing, Result<(), Refusal>),
}

/// A packet on its way from a session of one worker to a session of another, allowed by the first.
pub struct Crossing {
    /// The session that sent it.
    pub from: u64,
    /// The session that it goes to.
    pub to: u64,
    /// The IP packet.
    pub packet: Bytes,
    /// The largest packet that the sender's tunnel promises.
    pub promised_mtu: usize,
    /// What was answered to the first packet of a flow, to be told of once the other side agrees.
    pub first: Option<Answer>,
}

impl Parcel {
    /// Packets in it that were counted as received, and not yet as forwarded or dropped.
    pub fn unsettled(&self) -> u64 {
        matches!(self, Self::Packet(_) | Self::Judged(_, Err(_))).into()
    }

    fn size(&self) -> usize {
        PARCEL
            + match self {
                Self::Datagrams(received) => received.data.len(),
                Self::Frame { frame, .. } => frame.len(),
                Self::Packet(crossing) | Self::Judged(crossing, _) => crossing.packet.len(),
            }
    }
}

/// See the module.
#[derive(Default)]
pub struct Inbox {
    waiting: Mutex<Waiting>,
    /// Changed under the lock.
    behind: AtomicBool,
}

#[derive(Default)]
struct Waiting {
    parcels: Vec<Parcel>,
    bytes: usize,
}

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends what there is room for, in order, and leaves the rest in `batch`. Returns whether the receiver
    /// has to be woken.
    pub fn put(&self, batch: &mut Vec<Parcel>) -> bool {
        let mut waiting = self.lock();
        let was_empty = waiting.parcels.is_empty();
        let mut bytes = waiting.bytes;
        let fit = batch.iter().take_while(|parcel| {
            bytes += parcel.size();
            bytes <= BYTES
        });
        let fit = fit.count();
        waiting.bytes += batch[..fit].iter().map(Parcel::size).sum::<usize>();
        waiting.parcels.extend(batch.drain(..fit));
        if waiting.bytes > BYTES / 2 {
            self.behind.store(true, Relaxed);
        }
        was_empty && fit > 0
    }

    /// Whether more than half of the room is taken.
    pub fn is_behind(&self) -> bool {
        self.behind.load(Relaxed)
    }

    /// Takes all into `parcels`, which must be empty; its memory is used for what comes next. Returns whether
    /// the queue was behind: somebody may wait for that to end.
    pub fn take(&self, parcels: &mut Vec<Parcel>) -> bool {
        let mut waiting = self.lock();
        std::mem::swap(&mut waiting.parcels, parcels);
        waiting.bytes = 0;
        self.behind.swap(false, Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(size: usize) -> Parcel {
        Parcel::Frame { frame: vec![0; size].into(), packets: 1 }
    }

    #[test]
    fn wakes_once_until_everything_was_taken() {
        let (inbox, mut taken) = (Inbox::default(), Vec::new());
        assert_eq!([inbox.put(&mut vec![frame(1)]), inbox.put(&mut vec![frame(1)])], [true, false]);
        assert!(!inbox.take(&mut taken));
        assert_eq!(taken.len(), 2);
        taken.clear();
        assert!(!inbox.put(&mut Vec::new()));
        assert!(inbox.put(&mut vec![frame(1)]));
    }

    #[test]
    fn what_does_not_fit_stays_with_the_sender() {
        let (inbox, mut taken) = (Inbox::default(), Vec::new());
        let mut batch: Vec<_> = (0..3).map(|_| frame(BYTES / 2 - PARCEL)).collect();
        assert!(inbox.put(&mut batch));
        assert_eq!(batch.len(), 1);
        assert!(!inbox.put(&mut batch));
        inbox.take(&mut taken);
        assert!(inbox.put(&mut batch));
        assert_eq!((batch.len(), taken.len()), (0, 2));
    }

    #[test]
    fn above_its_half_a_queue_is_behind_until_it_is_taken() {
        let (inbox, mut taken) = (Inbox::default(), Vec::new());
        inbox.put(&mut vec![frame(BYTES / 2 - PARCEL)]);
        assert!(!inbox.is_behind());
        inbox.put(&mut vec![frame(0)]);
        assert!(inbox.is_behind());
        assert!(inbox.take(&mut taken));
        assert!(!inbox.is_behind());
        taken.clear();
        assert!(!inbox.take(&mut taken));
    }

    #[test]
    fn two_threads_lose_nothing_and_keep_the_order() {
        use crate::poll::{Interest, Poll, Waker};
        use std::os::fd::AsRawFd;
        use std::time::Duration;
        const PARCELS: u64 = 20_000;
        let (inbox, waker) = (Inbox::default(), Waker::new().expect("waker"));
        let mut poll = Poll::new().expect("epoll");
        poll.watch(waker.as_raw_fd(), Interest { readable: true, writable: false }).expect("watch");
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for packets in 0..PARCELS {
                    let mut batch = vec![Parcel::Frame { frame: Bytes::new(), packets }];
                    while !batch.is_empty() {
                        if inbox.put(&mut batch) {
                            waker.wake();
                        }
                    }
                }
            });
            let (mut expected, mut taken) = (0, Vec::new());
            while expected < PARCELS {
                // As the worker does: a lost wake-up would make this wait for ever.
                poll.wait(Duration::from_secs(3600));
                waker.clear();
                inbox.take(&mut taken);
                for parcel in taken.drain(..) {
                    assert!(matches!(parcel, Parcel::Frame { packets, .. } if packets == expected));
                    expected += 1;
                }
            }
        });
    }
}
