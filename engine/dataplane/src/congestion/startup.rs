//! Looking for the rate of a path of which nothing is known.

use super::path::Path;
use super::round::Round;

/// Doubles the rate each round (2 / ln 2), as BBR's does.
pub const STARTUP_GAIN: f64 = 2.885;
/// Rounds with a queue, or without a better rate, after which the rate is found.
const QUEUED_ROUNDS: u32 = 2;
const FLAT_ROUNDS: u32 = 3;
/// Rounds in a row with heavy losses but no queue after which the path is taken for full. One may be a run of
/// losses, and early on, when a round is a few packets, hits many of them.
const LOSSY_ROUNDS: u32 = 2;
/// Packets under way that do nothing to a path, and so show nothing of it.
const FEW_PACKETS: f64 = 32.0;

/// What a round showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There may be more.
    Faster,
    /// The rate is found.
    Found,
    /// A queue stands, our own or somebody else's.
    Queue,
}

/// See the module.
#[derive(Clone, Default)]
pub struct Startup {
    best: f64,
    flat_rounds: u32,
    queued_rounds: u32,
    lossy_rounds: u32,
}

impl Startup {
    /// Takes in a round.
    pub fn end_round(&mut self, round: &Round, path: &Path) -> Progress {
        if !round.is_full() && round.in_flight < FEW_PACKETS * path.mtu {
            return Progress::Faster;
        }
        let queued = path.rate() > 0.0 && round.rtt() > 1.25 * path.least() + 0.002;
        self.queued_rounds += u32::from(queued);
        if path.rate() > 1.25 * self.best {
            (self.best, self.flat_rounds) = (path.rate(), 0);
        } else if round.is_full() {
            self.flat_rounds += 1;
        }
        let congested = path.is_congested(round);
        self.lossy_rounds = if congested { self.lossy_rounds + 1 } else { 0 };
        let overflowed = congested && (path.has_queue(round) || self.lossy_rounds >= LOSSY_ROUNDS);
        if self.queued_rounds >= QUEUED_ROUNDS || overflowed {
            Progress::Queue
        } else if self.flat_rounds >= FLAT_ROUNDS {
            Progress::Found
        } else {
            Progress::Faster
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::congestion::delivery::Sample;
    use std::time::{Duration, Instant};

    const MTU: f64 = 1400.0;
    const LEAST: Duration = Duration::from_millis(100);

    fn path(now: Instant) -> Path {
        let mut path = Path::new(now, MTU);
        let sample = Sample { rtt: LEAST, rate: 1e6, limited: false };
        path.learn(sample, &mut Round::new(now, 0));
        path
    }

    fn lossy(now: Instant, rtt: Duration) -> Round {
        let (acknowledged, lost) = (47.0 * MTU, 7.0 * MTU);
        let busy = acknowledged;
        Round { rtt, lost, acknowledged, busy, in_flight: 54.0 * MTU, ..Round::new(now, 0) }
    }

    #[test]
    fn one_run_of_losses_does_not_end_it_and_two_in_a_row_do() {
        let now = Instant::now();
        let (path, round) = (path(now), lossy(now, LEAST));
        let calm = Round { lost: 0.0, ..round.clone() };
        let mut startup = Startup::default();
        for round in [&round, &calm, &round] {
            assert_eq!(startup.end_round(round, &path), Progress::Faster);
        }
        assert_eq!(startup.end_round(&round, &path), Progress::Queue);
    }

    #[test]
    fn losses_behind_a_queue_end_it_at_once() {
        let now = Instant::now();
        let finding = Startup::default().end_round(&lossy(now, 2 * LEAST), &path(now));
        assert_eq!(finding, Progress::Queue);
    }
}
