//! A rate limit with a burst (CIP-1105, CIP-610), of messages or of bytes. Time is an argument.

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

    /// A full bucket of any size.
    pub fn of_bytes(rate_per_second: u64, burst: u64, now: Instant) -> Self {
        let (rate_per_second, burst) = (rate_per_second as f64, burst as f64);
        Self { rate_per_second, burst, tokens: burst, refilled: now }
    }

    /// Goes on with another rate and burst and what is left.
    pub fn change(&mut self, rate_per_second: u64, burst: u64, now: Instant) {
        self.has(0, now);
        let other = Self::of_bytes(rate_per_second, burst, now);
        *self = Self { tokens: self.tokens.min(other.burst), ..other };
    }

    /// Takes one token if there is one. A `now` before an earlier one refills nothing.
    #[inline]
    pub fn try_take(&mut self, now: Instant) -> bool {
        let has = self.has(1, now);
        if has {
            self.take(1);
        }
        has
    }

    /// Whether there are `n` tokens.
    #[inline]
    pub fn has(&mut self, n: usize, now: Instant) -> bool {
        if now > self.refilled {
            let elapsed = now.saturating_duration_since(self.refilled);
            self.refilled = now;
            self.tokens = (self.tokens + elapsed.as_secs_f64() * self.rate_per_second).min(self.burst);
        }
        self.tokens >= n as f64
    }

    /// Takes `n` tokens that there are.
    #[inline]
    pub fn take(&mut self, n: usize) {
        self.tokens -= n as f64;
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
    fn counts_bytes_and_keeps_what_is_left_when_it_changes() {
        let start = Instant::now();
        let mut bucket = TokenBucket::of_bytes(1000, 3000, start);
        assert!(bucket.has(3000, start) && !bucket.has(3001, start));
        bucket.take(2500);
        bucket.change(500, 1000, start + Duration::from_millis(100));
        assert!(bucket.has(600, start + Duration::from_millis(100)));
        assert!(!bucket.has(601, start + Duration::from_millis(100)));
        assert!(bucket.has(1000, start + Duration::from_secs(9)));
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
