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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn lets_the_burst_pass_and_then_the_rate_cip_1105() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(100, 200, start);
        let allowed = (0..10_000_u32)
            .filter(|index| bucket.try_take(start + Duration::from_micros(u64::from(*index) * 100)));
        let allowed = allowed.count();
        assert!((299..=300).contains(&allowed), "{allowed}");
    }

    #[test]
    fn fills_up_to_the_burst_only_and_ignores_time_running_backwards() {
        let start = Instant::now();
        let mut bucket = TokenBucket::new(10, 2, start);
        let later = start + Duration::from_secs(3600);
        assert_eq!([later; 3].map(|now| bucket.try_take(now)), [true, true, false]);
        assert!(!bucket.try_take(start));
        assert!(!bucket.try_take(later + Duration::from_millis(99)));
        assert!(bucket.try_take(later + Duration::from_millis(101)));
    }
}
