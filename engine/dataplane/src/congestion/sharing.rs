//! Others fill the queue as well: a little more than one Cubic flow (RFC 9438).

use super::cubic::{Cubic, Temper};
use super::path::Path;
use super::round::Round;
use std::time::{Duration, Instant};

/// Rounds below the explained round-trip time after which the queue is gone.
const FREE_ROUNDS: u32 = 4;
/// Rounds of a test: one until the smaller window shows, one to look.
const TEST_ROUNDS: u32 = 2;
/// What is left of the rate with half a window when the queue is our own.
const OWN_SHARE: f64 = 0.9;
const FIRST_TEST: Duration = Duration::from_millis(500);
const RAREST_TEST: Duration = Duration::from_secs(16);
/// Window over what was in flight, where the flows inside limit themselves.
const HEADROOM: f64 = 2.0;
/// Rate over the rate at the last test that calls for another: a competitor may have left.
const JUMP: f64 = 2.0;
/// What we claim at first of the rate we had alone.
const FIRST_SHARE: f64 = 0.5;
/// Each round until the first loss, where that is not known.
const UNKNOWN_GROWTH: f64 = 1.25;
/// A little more than one flow, because flows inside give way as well.
const AMONG_OTHERS: Temper = Temper { beta: 0.85, growth: 2.0 };

/// See the module.
#[derive(Clone)]
pub struct Sharing {
    window: f64,
    curve: Cubic,
    free_rounds: u32,
    /// Packets were lost since it began.
    met: bool,
    /// A round lost packets; the flows inside have one more to answer it themselves.
    owes_cut: bool,
    /// A test under way, whether the queue is our own after all.
    test: Option<Test>,
    test_gap: Duration,
    next_test: Instant,
    rate_at_test: f64,
}

/// Half as much in flight: our share shrinks where others fill the queue, and nothing but the queue where
/// it is our own.
#[derive(Clone, Copy)]
struct Test {
    rounds_left: u32,
    /// Bytes a second just before.
    before: f64,
    window: f64,
}

/// What a round showed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Finding {
    /// Others are there.
    Others,
    /// The queue is gone.
    Nobody,
    /// The queue is our own: the path has become slower, to so many bytes a second.
    Ourselves(f64),
}

impl Sharing {
    /// After a round whose time we cannot explain. Begins with a test; `growing`: the rate still rose.
    pub fn new(now: Instant, round: &Round, path: &Path, growing: bool) -> Self {
        let window = round.in_flight.max(path.own_window());
        Self {
            window,
            curve: Cubic::grow(AMONG_OTHERS, window, now),
            free_rounds: 0,
            met: false,
            owes_cut: false,
            test: Some(Test::new(now, round, path, growing)),
            test_gap: FIRST_TEST,
            next_test: now + FIRST_TEST,
            rate_at_test: path.rate(),
        }
    }

    /// Bytes that may be in flight.
    pub fn window(&self) -> f64 {
        self.test.map_or(self.window, |test| test.window)
    }

    /// Whether a test is under way.
    pub fn is_testing(&self) -> bool {
        self.test.is_some()
    }

    /// Takes in a round.
    pub fn end_round(&mut self, now: Instant, round: &Round, path: &Path) -> Finding {
        let is_free = path.is_free(round);
        if let Some(test) = &mut self.test {
            let pace = round.pace(now);
            test.rounds_left -= 1;
            if is_free && test.rounds_left >= TEST_ROUNDS {
                // It went by itself, before anything was made smaller.
                return Finding::Nobody;
            }
            if test.rounds_left == TEST_ROUNDS {
                (test.before, test.window) = (pace, Test::smaller(now, round, path));
            }
            if test.rounds_left > 0 {
                return Finding::Others;
            }
            if is_free {
                return Finding::Nobody;
            }
            if pace > OWN_SHARE * test.before {
                return Finding::Ourselves(pace);
            }
            // Others are still there; ask less often, and go on as before.
            self.test = None;
            self.next_test = now + self.test_gap;
            self.test_gap = (2 * self.test_gap).min(RAREST_TEST);
            self.rate_at_test = path.rate();
            return Finding::Others;
        }
        self.follow(now, round, path);
        self.free_rounds = if is_free { self.free_rounds + 1 } else { 0 };
        if self.free_rounds >= FREE_ROUNDS {
            return Finding::Nobody;
        }
        // Little that is under way shows nothing when it is halved.
        let shows = round.is_full() || round.pace(now) > 0.5 * path.rate();
        if shows && (now >= self.next_test || path.rate() > JUMP * self.rate_at_test) {
            self.test = Some(Test::new(now, round, path, false));
        }
        Finding::Others
    }

    fn follow(&mut self, now: Instant, round: &Round, path: &Path) {
        let rtt = round.rtt();
        let full = round.is_full();
        let lossy = round.lost >= path.mtu && path.has_queue(round);
        self.met |= lossy;
        if std::mem::take(&mut self.owes_cut) {
            if full {
                let window = round.in_flight.clamp(0.5 * self.window, self.window);
                self.curve = Cubic::cut(AMONG_OTHERS, window, now);
                self.window = self.curve.floor();
            } else {
                self.curve = Cubic::grow(AMONG_OTHERS, self.window, now);
            }
        } else if lossy {
            self.owes_cut = true;
        } else if !self.met {
            let share = FIRST_SHARE * path.capacity() * rtt;
            self.window = if share > 0.0 { share } else { UNKNOWN_GROWTH * self.window };
            self.curve = Cubic::grow(AMONG_OTHERS, self.window, now);
        } else {
            let grown = self.curve.window(now, rtt, path.mtu);
            self.window = grown.clamp(self.window, 1.5 * self.window);
        }
        if !full && self.window > HEADROOM * round.in_flight {
            self.window = HEADROOM * round.in_flight;
            self.curve = Cubic::grow(AMONG_OTHERS, self.window, now);
        }
    }
}

impl Test {
    /// `growing`: the rate still rose; what it is without that has to be seen first.
    fn new(now: Instant, round: &Round, path: &Path, growing: bool) -> Self {
        if growing {
            // Its pace shows when a round trip with a steady window is over, and that takes two.
            Self { rounds_left: TEST_ROUNDS + 2, before: 0.0, window: round.in_flight }
        } else {
            Self {
                rounds_left: TEST_ROUNDS,
                before: round.pace(now),
                window: Self::smaller(now, round, path),
            }
        }
    }

    /// Half as much, or what the present pace needs on an empty path: less would cost rate even if the queue
    /// is our own.
    fn smaller(now: Instant, round: &Round, path: &Path) -> f64 {
        (0.5 * round.in_flight).max(round.pace(now) * path.least())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::congestion::delivery::Sample;

    const LEAST: Duration = Duration::from_millis(100);

    #[test]
    fn a_queue_that_goes_by_itself_was_nobodys() {
        let now = Instant::now();
        let mut path = Path::new(now, 1400.0);
        let mut queued = Round { in_flight: 1e6, acknowledged: 5e5, busy: 5e5, ..Round::new(now, 0) };
        path.learn(Sample { rtt: LEAST, rate: 5e6, limited: false }, &mut queued);
        queued.rtt = 2 * LEAST;
        let free = Round { rtt: LEAST, ..queued.clone() };
        let mut sharing = Sharing::new(now, &queued, &path, true);
        assert_eq!(sharing.end_round(now, &queued, &path), Finding::Others);
        assert_eq!(sharing.window(), queued.in_flight, "nothing is smaller yet");
        assert_eq!(sharing.end_round(now, &free, &path), Finding::Nobody);
    }
}
