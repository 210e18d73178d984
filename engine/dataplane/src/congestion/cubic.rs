//! The window of a Cubic flow since its last cut (RFC 9438 §4.2, §4.3).

use std::time::Instant;

/// RFC 9438 §4.1.2, in packets per cubed second.
const C: f64 = 0.4;

/// How eagerly it grows and how little it gives up.
#[derive(Clone, Copy, Debug)]
pub struct Temper {
    /// What is left of the window after a cut.
    pub beta: f64,
    /// Times [`C`].
    pub growth: f64,
}

/// A window that was cut at `since` and grows towards `peak` and beyond; bytes.
#[derive(Clone, Copy, Debug)]
pub struct Cubic {
    temper: Temper,
    /// Right after the cut.
    floor: f64,
    peak: f64,
    since: Instant,
}

impl Cubic {
    /// Cut just now from `peak`.
    pub fn cut(temper: Temper, peak: f64, now: Instant) -> Self {
        Self { temper, floor: temper.beta * peak, peak, since: now }
    }

    /// Not cut at all: growing ever faster from `window`.
    pub fn grow(temper: Temper, window: f64, now: Instant) -> Self {
        Self { temper, floor: window, peak: window, since: now }
    }

    /// When it was cut.
    pub fn since(&self) -> Instant {
        self.since
    }

    /// What was left right after the cut.
    pub fn floor(&self) -> f64 {
        self.floor
    }

    /// The window now, the larger of Cubic's and of a Reno flow's with the same cut.
    pub fn window(&self, now: Instant, rtt: f64, mtu: f64) -> f64 {
        let Temper { beta, growth } = self.temper;
        let (floor, peak) = (self.floor / mtu, self.peak / mtu);
        let elapsed = now.saturating_duration_since(self.since).as_secs_f64();
        let c = C * growth;
        let plateau = ((peak - floor) / c).cbrt();
        let cubic = c * (elapsed - plateau).powi(3) + peak;
        let reno = floor + 3.0 * (1.0 - beta) / (1.0 + beta) * elapsed / rtt.max(1e-4);
        cubic.max(reno) * mtu
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn grows_from_the_cut_through_the_old_peak_and_beyond_rfc_9438() {
        let temper = Temper { beta: 0.7, growth: 1.0 };
        let now = Instant::now();
        let cubic = Cubic::cut(temper, 1000.0 * 1500.0, now);
        let at = |seconds| cubic.window(now + Duration::from_secs_f64(seconds), 10.0, 1500.0) / 1500.0;
        assert!((at(0.0) - 700.0).abs() < 1.0, "{}", at(0.0));
        let plateau = (1000.0_f64 * 0.3 / 0.4).cbrt();
        assert!((at(plateau) - 1000.0).abs() < 1.0, "{}", at(plateau));
        assert!(at(2.0 * plateau) > 1290.0, "{}", at(2.0 * plateau));
    }
}
