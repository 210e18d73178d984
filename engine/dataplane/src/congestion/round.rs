//! What happened during one round trip.

use std::time::{Duration, Instant};

/// See the module. Bytes, bytes per second.
#[derive(Clone)]
pub struct Round {
    /// When it began.
    pub began: Instant,
    /// Packet number with whose acknowledgement it is over.
    pub end: u64,
    /// The best delivery rate.
    pub rate: f64,
    /// Somebody waited for us during it.
    pub backlogged: bool,
    /// Acknowledged while somebody waited.
    pub busy: f64,
    /// Found lost.
    pub lost: f64,
    /// Acknowledged.
    pub acknowledged: f64,
    /// Most that was under way.
    pub in_flight: f64,
    /// The least round-trip time.
    pub rtt: Duration,
}

impl Round {
    /// One that begins.
    pub fn new(began: Instant, end: u64) -> Self {
        Self {
            began,
            end,
            rate: 0.0,
            backlogged: false,
            busy: 0.0,
            lost: 0.0,
            acknowledged: 0.0,
            in_flight: 0.0,
            rtt: Duration::MAX,
        }
    }

    /// The least round-trip time, seconds.
    pub fn rtt(&self) -> f64 {
        self.rtt.as_secs_f64()
    }

    /// Bytes a second that arrived, whether or not there were more to send.
    pub fn pace(&self, now: Instant) -> f64 {
        self.acknowledged / now.saturating_duration_since(self.began).as_secs_f64().max(1e-6)
    }

    /// Who sends through a window that is not full limits himself, and answers losses himself.
    pub fn is_full(&self) -> bool {
        2.0 * self.busy > self.acknowledged
    }
}
