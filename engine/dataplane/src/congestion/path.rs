//! What is known of the path: how fast it is, how long, and what of it is ours.

use super::delivery::Sample;
use super::least_rtt::LeastRtt;
use super::round::Round;
use std::collections::VecDeque;
use std::time::Instant;

/// Window over rate × least round-trip time: little queue.
pub const GAIN: f64 = 1.15;
/// On paths shorter than this, batching rather than distance decides the round-trip time.
const SHORTEST_PATH: f64 = 0.004;
/// Always in flight besides: packets, and seconds at the current rate, for batches on both sides.
const SLACK_PACKETS: f64 = 4.0;
const SLACK_SECONDS: f64 = 0.001;
/// What is left of the capacity when somebody else is there, perhaps.
const SHORT: f64 = 0.85;
/// By how much round-trip times vary without a reason, seconds.
const NOISE: f64 = 0.002;
/// Rounds whose best rate counts.
const RATE_ROUNDS: usize = 10;
/// Share of a round's bytes whose loss means congestion: with a queue standing, and without.
const LOSS_WITH_QUEUE: f64 = 0.003;
const LOSS_WITHOUT_QUEUE: f64 = 0.10;

/// See the module. Bytes, seconds, bytes per second.
#[derive(Clone)]
pub struct Path {
    /// Bytes of a full packet.
    pub mtu: f64,
    /// The least round-trip time of late.
    pub least_rtt: LeastRtt,
    rates: VecDeque<f64>,
    capacity: f64,
}

impl Path {
    /// Nothing known.
    pub fn new(now: Instant, mtu: f64) -> Self {
        Self { mtu, least_rtt: LeastRtt::new(now), rates: VecDeque::from([0.0]), capacity: 0.0 }
    }

    /// The best delivery rate of late; 0 before the first round trip.
    pub fn rate(&self) -> f64 {
        self.rates.iter().copied().fold(0.0, f64::max)
    }

    /// What the path carries when we have it to ourselves, as far as is known.
    pub fn capacity(&self) -> f64 {
        self.capacity
    }

    /// Whether somebody or something has taken a good part of what the path carries.
    pub fn is_short(&self) -> bool {
        self.rate() < SHORT * self.capacity
    }

    /// Nobody else seems to be there: what we get is what the path carries, unless a queue stands that
    /// need not be ours.
    pub fn have_alone(&mut self, round: &Round) {
        if round.rtt() < GAIN * self.least().max(SHORTEST_PATH) + SLACK_SECONDS + NOISE {
            self.capacity = self.capacity.max(self.rate());
        }
    }

    /// Takes in a batch of acknowledgements.
    pub fn learn(&mut self, sample: Sample, round: &mut Round) {
        self.least_rtt.observe(sample.rtt);
        round.rtt = round.rtt.min(sample.rtt);
        round.backlogged |= !sample.limited;
        if sample.limited && sample.rate <= self.rate() {
            return;
        }
        round.rate = round.rate.max(sample.rate);
        if let Some(last) = self.rates.back_mut() {
            *last = last.max(sample.rate);
        }
    }

    /// A round is over; rounds in which nobody waited say nothing about the rate.
    pub fn end_round(&mut self, round: &Round) {
        if round.backlogged {
            self.rates.push_back(round.rate);
            if self.rates.len() > RATE_ROUNDS {
                self.rates.pop_front();
            }
        }
    }

    /// The path has become slower: what was measured before says nothing.
    pub fn slow_down(&mut self, rate: f64) {
        self.rates.clear();
        self.rates.push_back(rate);
        self.capacity = rate;
    }

    /// The least round-trip time; 0 before the first.
    pub fn least(&self) -> f64 {
        self.least_rtt.get().map_or(0.0, |least| least.as_secs_f64())
    }

    /// Bytes that fill the path without a queue.
    pub fn pipe(&self) -> f64 {
        let least = self.least();
        if least == 0.0 { 0.0 } else { self.rate() * least.max(SHORTEST_PATH) }
    }

    /// Bytes that fill the path if packets and acknowledgements go one by one.
    pub fn bare_pipe(&self) -> f64 {
        self.rate() * self.least()
    }

    /// Bytes for batches.
    pub fn slack(&self) -> f64 {
        SLACK_PACKETS * self.mtu + SLACK_SECONDS * self.rate()
    }

    /// The window that keeps a path of our own busy.
    pub fn own_window(&self) -> f64 {
        GAIN * self.pipe() + self.slack()
    }

    /// The round-trip time that [`Self::own_window`] makes.
    fn own_rtt(&self) -> f64 {
        let batches = SLACK_PACKETS * self.mtu / self.rate().max(self.capacity).max(1.0) + SLACK_SECONDS;
        GAIN * self.least().max(SHORTEST_PATH) + batches
    }

    /// The longest round-trip time that [`Self::own_window`] explains.
    pub fn explained_rtt(&self) -> f64 {
        self.own_rtt() + (self.least() / 16.0).max(NOISE)
    }

    /// Whether a full window made no queue to speak of: the path is faster than we thought.
    pub fn is_idle(&self, round: &Round) -> bool {
        round.rtt() < self.least() + 0.25 * (self.own_rtt() - self.least())
    }

    /// Whether there is no queue, whatever our window.
    pub fn is_free(&self, round: &Round) -> bool {
        round.rtt() < 1.1 * self.least() + 0.001
    }

    /// Whether a queue stands.
    pub fn has_queue(&self, round: &Round) -> bool {
        round.rtt() > 1.25 * self.least() + 0.001
    }

    /// Whether the losses are our own fault.
    pub fn is_congested(&self, round: &Round) -> bool {
        let limit = if self.has_queue(round) { LOSS_WITH_QUEUE } else { LOSS_WITHOUT_QUEUE };
        round.lost >= 3.0 * self.mtu && round.lost > limit * (round.lost + round.acknowledged)
    }

    /// RFC 9002 §7.1: an ECN mark is as if packets had been lost, and no stranger's noise.
    pub fn marked_loss(&self, round: &Round) -> f64 {
        round.acknowledged.max(3.0 * self.mtu) * LOSS_WITHOUT_QUEUE * 2.0
    }
}
