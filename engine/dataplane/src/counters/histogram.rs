//! Durations in buckets.

use super::Counter;
use std::marker::PhantomData;
use std::time::Duration;

/// What durations are sorted by.
pub trait Bounds<const N: usize> {
    /// Upper bounds of the buckets, seconds, ascending.
    const SECONDS: &'static [f64; N];
}

/// Of handshakes.
#[derive(Debug)]
pub struct HandshakeTimes;

impl Bounds<9> for HandshakeTimes {
    const SECONDS: &'static [f64; 9] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0];
}

/// Of packets on their way through the engine.
#[derive(Debug)]
pub struct ProcessingTimes;

impl Bounds<19> for ProcessingTimes {
    const SECONDS: &'static [f64; 19] = &[
        1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2,
        0.5, 1.0,
    ];
}

/// Of streams.
#[derive(Debug)]
pub struct StreamTimes;

impl Bounds<9> for StreamTimes {
    const SECONDS: &'static [f64; 9] = &[1.0, 5.0, 10.0, 30.0, 60.0, 300.0, 600.0, 1800.0, 3600.0];
}

/// Durations in `N` buckets and an open last one, and their sum in nanoseconds.
#[derive(Debug)]
pub struct Histogram<B, const N: usize> {
    buckets: [Counter; N],
    above: Counter,
    nanoseconds: Counter,
    bounds: PhantomData<B>,
}

impl<B, const N: usize> Default for Histogram<B, N> {
    fn default() -> Self {
        Self {
            buckets: std::array::from_fn(|_| Counter::default()),
            above: Counter::default(),
            nanoseconds: Counter::default(),
            bounds: PhantomData,
        }
    }
}

impl<B: Bounds<N>, const N: usize> Histogram<B, N> {
    /// Counts `n` events that took `each`.
    pub fn observe(&self, each: Duration, n: u64) {
        let seconds = each.as_secs_f64();
        let bucket = B::SECONDS.partition_point(|bound| *bound < seconds);
        self.buckets.get(bucket).unwrap_or(&self.above).add(n);
        let nanoseconds = u64::try_from(each.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.add(nanoseconds.saturating_mul(n));
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
