//! A path without a queue but our own.

use super::cubic::{Cubic, Temper};
use super::path::{GAIN, Path};
use super::round::Round;
use std::time::Instant;

/// Window over rate × least round-trip time while no queue stands: finds a faster path in a few rounds.
const PROBE_GAIN: f64 = 1.5;
/// Rounds above the explained round-trip time after which the queue is taken for somebody else's.
const FOREIGN_ROUNDS: u32 = 3;
/// Of a queue that our own packets overflowed.
const OWN: Temper = Temper { beta: 0.7, growth: 1.0 };

/// See the module.
#[derive(Clone, Default)]
pub struct Alone {
    /// The window, since our packets overflowed a queue.
    cap: Option<Cubic>,
    foreign_rounds: u32,
    /// Rounds until a larger window no longer shows in the round-trip time; `Some(0)` while it is used.
    since_probe: Option<u32>,
}

impl Alone {
    /// Nothing gets through: begin again with `window` bytes.
    pub fn from(window: f64, now: Instant) -> Self {
        Self { cap: Some(Cubic::cut(OWN, window / OWN.beta, now)), ..Self::default() }
    }

    /// Whether somebody else fills the queue.
    pub fn end_round(&mut self, now: Instant, round: &Round, path: &mut Path) -> bool {
        let rtt = round.rtt();
        let window = self.cap.map(|cap| cap.window(now, rtt, path.mtu));
        let cut_long_ago = self.cap.is_none_or(|cap| now.saturating_duration_since(cap.since()) > round.rtt);
        if path.is_congested(round) && cut_long_ago {
            self.cap = Some(Cubic::cut(OWN, round.in_flight.min(window.unwrap_or(f64::MAX)), now));
        } else if round.lost == 0.0 && window.is_some_and(|window| window > 4.0 * path.own_window()) {
            self.cap = None;
        }
        self.since_probe = match self.since_probe {
            _ if path.is_idle(round) && round.is_full() => Some(0),
            Some(rounds) if rounds < 2 => Some(rounds + 1),
            _ => None,
        };
        if !round.is_full() || path.rate() == 0.0 {
            return false;
        }
        if rtt <= path.explained_rtt() && !path.is_short() {
            self.foreign_rounds = self.foreign_rounds.saturating_sub(1);
            path.have_alone(round);
        } else if self.since_probe.is_none() {
            self.foreign_rounds += 1;
        }
        self.foreign_rounds >= FOREIGN_ROUNDS
    }

    /// Bytes that may be in flight.
    pub fn window(&self, now: Instant, path: &Path) -> f64 {
        let probe = if self.since_probe == Some(0) { (PROBE_GAIN - GAIN) * path.pipe() } else { 0.0 };
        // On a short path what is there for batches goes first: a shallow queue has no room for it.
        let cap =
            self.cap.map_or(f64::MAX, |cap| cap.window(now, path.least(), path.mtu).max(path.bare_pipe()));
        (path.own_window() + probe).min(cap)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::congestion::delivery::Sample;
    use std::time::Duration;

    #[test]
    fn losses_take_back_what_a_short_path_has_for_batches() {
        let (now, mtu, least) = (Instant::now(), 1400.0, Duration::from_micros(300));
        let mut path = Path::new(now, mtu);
        let sample = Sample { rtt: least, rate: 125e6, limited: false };
        path.learn(sample, &mut Round::new(now, 0));
        let mut alone = Alone::default();
        for round in 0..20 {
            let now = now + round * Duration::from_millis(10);
            let in_flight = alone.window(now, &path);
            let (acknowledged, busy, lost) = (in_flight, in_flight, 0.1 * in_flight);
            let rtt = Duration::from_millis(5);
            let full = Round { rtt, acknowledged, busy, lost, in_flight, ..Round::new(now, 0) };
            alone.end_round(now, &full, &mut path);
        }
        let window = alone.window(now + Duration::from_millis(200), &path);
        assert!(window < 0.5 * path.pipe(), "{window}");
        // What fills the path without a queue stays, however much is lost.
        assert!(window >= path.bare_pipe(), "{window}");
    }
}
