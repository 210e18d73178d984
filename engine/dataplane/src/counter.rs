//! Numbers with one writer (the worker) and any number of readers (snapshots), without locks.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// A number that only the worker changes; readers may be a moment behind.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds `n`. Not a read-modify-write: there is one writer.
    #[inline]
    pub fn add(&self, n: u64) {
        self.0.store(self.0.load(Relaxed).wrapping_add(n), Relaxed);
    }

    /// Subtracts `n`, for gauges.
    #[inline]
    pub fn sub(&self, n: u64) {
        self.0.store(self.0.load(Relaxed).saturating_sub(n), Relaxed);
    }

    /// Replaces the value, for gauges.
    #[inline]
    pub fn set(&self, n: u64) {
        self.0.store(n, Relaxed);
    }

    /// The value as last stored.
    #[inline]
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

/// Durations in buckets with an open last one, and their sum in nanoseconds.
#[derive(Debug)]
pub struct Histogram<const BOUNDS: usize> {
    bounds: &'static [f64; BOUNDS],
    buckets: [Counter; BOUNDS],
    above: Counter,
    nanoseconds: Counter,
}

impl<const BOUNDS: usize> Histogram<BOUNDS> {
    /// An empty histogram; `bounds` are upper bounds in seconds, ascending.
    pub fn new(bounds: &'static [f64; BOUNDS]) -> Self {
        Self {
            bounds,
            buckets: std::array::from_fn(|_| Counter::default()),
            above: Counter::default(),
            nanoseconds: Counter::default(),
        }
    }

    /// Counts `n` events that took `each`.
    pub fn observe(&self, each: Duration, n: u64) {
        let seconds = each.as_secs_f64();
        let bucket = self.bounds.partition_point(|bound| *bound < seconds);
        self.buckets.get(bucket).unwrap_or(&self.above).add(n);
        let nanoseconds = u64::try_from(each.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.add(nanoseconds.saturating_mul(n));
    }

    /// The upper bounds, seconds.
    pub fn bounds(&self) -> &'static [f64; BOUNDS] {
        self.bounds
    }

    /// Sum of all observations, seconds.
    pub fn seconds(&self) -> f64 {
        self.nanoseconds.get() as f64 / 1e9
    }

    /// Counts by bucket, the open one last; not cumulative.
    pub fn counts(&self) -> impl Iterator<Item = u64> + '_ {
        self.buckets.iter().chain([&self.above]).map(Counter::get)
    }
}
