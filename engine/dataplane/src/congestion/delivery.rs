//! The rate at which packets arrive, from acknowledgements (draft-cheng-iccrg-delivery-rate-estimation).

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Sends that are remembered at most; acknowledgements of older ones give no sample.
const REMEMBERED: usize = 2048;
/// Sends closer together than this are remembered as one.
const SPACING: Duration = Duration::from_micros(250);

/// What was so when packets were sent.
#[derive(Clone, Copy)]
struct Departure {
    at: Instant,
    delivered: u64,
    delivered_at: Instant,
    first_sent: Instant,
    limited: bool,
}

/// What a batch of acknowledgements tells.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Round-trip time of the newest packet in it.
    pub rtt: Duration,
    /// Bytes per second over that packet's flight.
    pub rate: f64,
    /// The sender had nothing more to send then: the path may be faster.
    pub limited: bool,
}

/// See the module.
#[derive(Clone)]
pub struct Delivery {
    departures: VecDeque<Departure>,
    /// When the newest packet of this batch left.
    newest: Option<Instant>,
    delivered: u64,
    delivered_at: Instant,
    first_sent: Instant,
    limited: bool,
}

impl Delivery {
    /// Nothing sent yet.
    pub fn new(now: Instant) -> Self {
        Self {
            departures: VecDeque::new(),
            newest: None,
            delivered: 0,
            delivered_at: now,
            first_sent: now,
            limited: true,
        }
    }

    /// Packets left.
    pub fn sent(&mut self, now: Instant) {
        if self.departures.back().is_some_and(|last| now < last.at + SPACING) {
            return;
        }
        if self.departures.len() == REMEMBERED {
            self.departures.pop_front();
        }
        self.departures.push_back(Departure {
            at: now,
            delivered: self.delivered,
            delivered_at: self.delivered_at,
            first_sent: self.first_sent,
            limited: self.limited,
        });
    }

    /// A packet of `bytes` that left at `sent` arrived.
    pub fn acknowledged(&mut self, now: Instant, sent: Instant, bytes: u64) {
        self.delivered += bytes;
        self.delivered_at = now;
        self.newest = self.newest.max(Some(sent));
    }

    /// The batch is complete. `limited`: the sender waits for data rather than for us.
    pub fn sample(&mut self, now: Instant, limited: bool) -> Option<Sample> {
        self.limited = limited;
        let sent = self.newest.take()?;
        let after = self.departures.partition_point(|departure| departure.at <= sent);
        let newest = *self.departures.get(after.checked_sub(1)?)?;
        while self.departures.front().is_some_and(|departure| departure.at < newest.at) {
            self.departures.pop_front();
        }
        self.first_sent = newest.at;
        let rtt = now.saturating_duration_since(sent);
        let arriving = now.saturating_duration_since(newest.delivered_at);
        let leaving = newest.at.saturating_duration_since(newest.first_sent);
        let took = arriving.max(leaving).max(Duration::from_micros(1));
        let rate = (self.delivered - newest.delivered) as f64 / took.as_secs_f64();
        // Over less than a round trip, acknowledgements that were held back look like speed.
        let rate = if took < rtt { 0.0 } else { rate };
        Some(Sample { rtt, rate, limited: newest.limited })
    }
}
