//! Flows as hosts send them: one Cubic flow (RFC 9438) after a short slow start, or a flood without control.

use super::PACKET;
use std::collections::BTreeMap;

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Kind {
    Cubic,
    Blast { megabits: f64 },
}

/// A source; data that was lost is sent again under a new number.
pub(super) struct Flow {
    pub(super) kind: Kind,
    pub(super) in_tunnel: bool,
    pub(super) next: u64,
    pub(super) in_flight: BTreeMap<u64, f64>,
    pub(super) arrived: f64,
    pub(super) window: f64,
    threshold: f64,
    peak: f64,
    plateau: f64,
    epoch: f64,
    recovered: u64,
    least_rtt: f64,
    rtt: f64,
    heard: f64,
    round_end: u64,
    round_samples: u32,
    round_least: f64,
}

impl Flow {
    pub(super) fn new(kind: Kind, in_tunnel: bool) -> Self {
        Self {
            kind,
            in_tunnel,
            next: 0,
            in_flight: BTreeMap::new(),
            arrived: 0.0,
            window: 10.0,
            threshold: f64::MAX,
            peak: 0.0,
            plateau: 0.0,
            epoch: 0.0,
            recovered: 0,
            least_rtt: f64::MAX,
            rtt: 0.0,
            heard: 0.0,
            round_end: 0,
            round_samples: 0,
            round_least: f64::MAX,
        }
    }

    pub(super) fn acknowledged(&mut self, now: f64, number: u64) {
        let Some(sent) = self.in_flight.remove(&number) else { return };
        self.arrived += PACKET;
        self.heard = now;
        let rtt = now - sent;
        self.least_rtt = self.least_rtt.min(rtt);
        self.rtt = if self.rtt == 0.0 { rtt } else { 0.875 * self.rtt + 0.125 * rtt };
        if self.window < self.threshold {
            self.window += 1.0;
            self.end_slow_start(now, number, rtt);
        } else if number >= self.recovered {
            self.grow(now);
        }
        // RFC 8985, roughly.
        let overdue = sent - self.least_rtt / 4.0;
        let overtaken: Vec<u64> =
            self.in_flight.range(..number).filter(|(_, sent)| **sent < overdue).map(|(n, _)| *n).collect();
        for lost in overtaken {
            self.in_flight.remove(&lost);
            self.lost(now, lost);
        }
    }

    /// HyStart (RFC 9406), roughly.
    fn end_slow_start(&mut self, now: f64, number: u64, rtt: f64) {
        if number >= self.round_end {
            (self.round_end, self.round_samples, self.round_least) = (self.next, 0, f64::MAX);
        }
        self.round_samples += 1;
        self.round_least = self.round_least.min(rtt);
        let slower = self.round_least > self.least_rtt + (self.least_rtt / 8.0).clamp(0.004, 0.016);
        if self.round_samples == 8 && self.window > 16.0 && slower {
            (self.threshold, self.peak, self.plateau, self.epoch) = (self.window, self.window, 0.0, now);
        }
    }

    fn grow(&mut self, now: f64) {
        let elapsed = now - self.epoch + self.least_rtt;
        let cubic = 0.4 * (elapsed - self.plateau).powi(3) + self.peak;
        let from = if self.plateau == 0.0 { self.peak } else { 0.7 * self.peak };
        let target = cubic.max(from + 0.53 * elapsed / self.rtt).min(1.5 * self.window);
        self.window += ((target - self.window) / self.window).max(0.01 / self.window);
    }

    fn lost(&mut self, now: f64, number: u64) {
        if number < self.recovered {
            return;
        }
        self.recovered = self.next;
        self.peak = if self.window < self.peak { 0.85 * self.window } else { self.window };
        self.plateau = (self.peak * 0.3 / 0.4).cbrt();
        self.window = (0.7 * self.window).max(2.0);
        (self.threshold, self.epoch) = (self.window, now);
    }

    pub(super) fn time_out(&mut self, now: f64) {
        let silent = now - self.heard > (2.0 * self.rtt).max(0.25);
        if self.kind == Kind::Cubic && silent && !self.in_flight.is_empty() {
            self.in_flight.clear();
            (self.threshold, self.window, self.heard) = ((0.7 * self.window).max(2.0), 2.0, now);
        }
    }
}
