//! A rate limit with a burst (CIP-1105, CIP-610). Time is an argument.

use std::time::Instant;

/// Refills at `rate_per_second` up to `burst`; starts full.
#[derive(Debug, Clone)]
pub struct TokenBucket {
    rate_per_second: f64,
    burst: f64,
    tokens: f64,
    refilled: Instant,
}

impl TokenBucket {
    /// A full bucket.
    pub fn new(rate_per_second: u32, burst: u32, now: Instant) -> Self {
        Self {
            rate_per_second: rate_per_second.into(),
            burst: burst.into(),
            tokens: burst.into(),
            refilled: now,
        }
    }

    /// Takes one token if there is one. A `now` before an earlier one refills nothing.
    #[inline]
    pub fn try_take(&mut self, now: Instant) -> bool {
        let elapsed = now.saturating_duration_since(self.refilled);
        self.refilled = self.refilled.max(now);
        self.tokens = (self.tokens + elapsed.as_secs_f64() * self.rate_per_second).min(self.burst);
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}
