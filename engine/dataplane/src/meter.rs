//! A meter as a worker uses it: its own token bucket, or slices of one that all workers share.
//!
//! A slice is at most an eighth of the burst for all workers together, so what lies unused with workers that
//! have nothing to send is that much at most, and the lock is taken once for many packets.

use masque_packet::TokenBucket;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// The largest slice, bytes.
const LARGEST_SLICE: u64 = 64 << 10;

/// A meter's tokens, for several workers.
#[derive(Debug)]
pub struct Pool(Mutex<TokenBucket>);

impl Pool {
    /// Full.
    pub fn new(rate: u64, burst: u64, now: Instant) -> Self {
        Self(Mutex::new(TokenBucket::of_bytes(rate, burst, now)))
    }

    fn lock(&self) -> MutexGuard<'_, TokenBucket> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Goes on with another rate and burst and what is left.
    pub fn change(&self, rate: u64, burst: u64, now: Instant) {
        self.lock().change(rate, burst, now);
    }

    /// Takes `wanted` tokens, or `needed` if there are not as many; returns how many were taken.
    fn draw(&self, needed: usize, wanted: usize, now: Instant) -> usize {
        let mut bucket = self.lock();
        for n in [wanted, needed] {
            if bucket.has(n, now) {
                bucket.take(n);
                return n;
            }
        }
        0
    }
}

/// See the module.
#[derive(Debug)]
pub enum Meter {
    /// Nobody else's.
    Own(TokenBucket),
    /// Shared with other workers.
    Shared {
        /// Where slices come from.
        pool: Arc<Pool>,
        /// Bytes of a slice.
        slice: usize,
        /// Bytes left of the last one.
        left: usize,
    },
}

impl Meter {
    /// Slices of `pool`, which holds `burst` bytes, for one of `workers`.
    pub fn sliced(pool: Arc<Pool>, burst: u64, workers: usize) -> Self {
        let slice = (burst / (8 * workers as u64)).min(LARGEST_SLICE) as usize;
        Self::Shared { pool, slice, left: 0 }
    }

    /// Whether `n` bytes may pass.
    #[inline]
    pub fn has(&mut self, n: usize, now: Instant) -> bool {
        match self {
            Self::Own(bucket) => bucket.has(n, now),
            Self::Shared { pool, slice, left } => {
                if *left < n {
                    let needed = n - *left;
                    *left += pool.draw(needed, needed.max(*slice), now);
                }
                *left >= n
            }
        }
    }

    /// Takes `n` bytes that may pass.
    #[inline]
    pub fn take(&mut self, n: usize) {
        match self {
            Self::Own(bucket) => bucket.take(n),
            Self::Shared { left, .. } => *left -= n,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pass(meter: &mut Meter, packet: usize, now: Instant) -> usize {
        std::iter::from_fn(|| {
            meter.has(packet, now).then(|| {
                meter.take(packet);
                packet
            })
        })
        .sum()
    }

    #[test]
    fn one_worker_may_use_a_shared_meter_up() {
        let now = Instant::now();
        let pool = Arc::new(Pool::new(1000, 256 << 10, now));
        let mut meter = Meter::sliced(pool, 256 << 10, 64);
        assert_eq!(pass(&mut meter, 1024, now), 256 << 10);
    }

    #[test]
    fn workers_together_get_what_the_meter_holds() {
        let now = Instant::now();
        let pool = Arc::new(Pool::new(1000, 1 << 20, now));
        let mut meters: Vec<_> = (0..4).map(|_| Meter::sliced(pool.clone(), 1 << 20, 4)).collect();
        // Each begins a slice, and the first two use up what is left.
        assert!(meters.iter_mut().all(|meter| meter.has(1500, now)));
        let passed: Vec<_> = meters.iter_mut().map(|meter| pass(meter, 1500, now)).collect();
        let all: usize = passed.iter().sum();
        assert!(((1 << 20) - 4 * 1500..=1 << 20).contains(&all), "{passed:?}");
        assert!(passed[3] >= (1 << 20) / (8 * 4) - 1500, "{passed:?}");
    }
}
