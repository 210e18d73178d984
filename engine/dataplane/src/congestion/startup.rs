//! Looking for the rate of a path of which nothing is known.

use super::path::Path;
use super::round::Round;

/// Doubles the rate each round (2 / ln 2), as BBR's does.
pub const STARTUP_GAIN: f64 = 2.885;
/// Rounds with a queue, or without a better rate, after which the rate is found.
const QUEUED_ROUNDS: u32 = 2;
const FLAT_ROUNDS: u32 = 3;
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
        if self.queued_rounds >= QUEUED_ROUNDS || path.is_congested(round) {
            Progress::Queue
        } else if self.flat_rounds >= FLAT_ROUNDS {
            Progress::Found
        } else {
            Progress::Faster
        }
    }
}
