//! The least round-trip time of the last five to ten seconds: the path without its queue.

use std::time::{Duration, Instant};

/// Half of what is remembered.
const HALF: Duration = Duration::from_secs(5);

/// See the module. Two halves, so that forgetting needs no list.
#[derive(Clone)]
pub struct LeastRtt {
    before: Duration,
    current: Duration,
    since: Instant,
}

impl LeastRtt {
    /// Nothing measured yet.
    pub fn new(now: Instant) -> Self {
        Self { before: Duration::MAX, current: Duration::MAX, since: now }
    }

    /// One measurement.
    pub fn observe(&mut self, rtt: Duration) {
        self.current = self.current.min(rtt);
    }

    /// `None` before the first measurement.
    pub fn get(&self) -> Option<Duration> {
        let least = self.before.min(self.current);
        (least < Duration::MAX).then_some(least)
    }

    /// The older half is about to be forgotten.
    pub fn is_due(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) > HALF
    }

    /// What would be left after forgetting is clearly more: queue rather than path, perhaps.
    pub fn would_grow(&self) -> bool {
        self.before < Duration::MAX && self.current > self.before + self.before / 8
    }

    /// Forgets the older half.
    pub fn forget(&mut self, now: Instant) {
        (self.before, self.current, self.since) = (self.current, Duration::MAX, now);
    }

    /// Keeps everything for another half.
    pub fn keep(&mut self, now: Instant) {
        self.before = self.before.min(self.current);
        self.since = now;
    }
}
