//! How fast a connection may send: a model of the path, and a fair share where others fill its queue.
//!
//! A tunnel carries other people's congestion control. Random loss must not slow it down, because the
//! flows inside see that loss too and answer it themselves; yet it must leave their share to flows
//! beside it, whatever the flows inside do. So the window follows the measured delivery rate and the
//! least round-trip time ([`path`], [`alone`]), gives way where its own packets overflow a short queue, and,
//! where the round-trip time stays above anything its own window explains or the rate falls, sends half as
//! much for two rounds. If the queue is still there and the rate is not, others fill it: then it claims half
//! of what the path carried before, and from the first loss on behaves like a little more than one Cubic flow
//! (RFC 9438), until such a test shows that the queue has become its own ([`sharing`]).

mod adaptive;
mod alone;
mod cubic;
mod delivery;
mod least_rtt;
mod mode;
mod path;
mod round;
mod sharing;
#[cfg(test)]
mod simulation;
mod startup;
mod watched;

use adaptive::Adaptive;
pub use mode::mode_of;
use quinn_proto::RttEstimator;
use quinn_proto::congestion::{Controller, ControllerFactory, ControllerMetrics};
use std::any::Any;
use std::sync::Arc;
use std::time::Instant;
pub use watched::{Fate, WatchedFactory};

/// Bytes of UDP payload that every path carries (RFC 9000 §14).
pub const CERTAIN_SIZE: u64 = 1200;

/// Makes [`AdaptiveController`]s.
#[derive(Debug, Default)]
pub struct AdaptiveFactory;

impl ControllerFactory for AdaptiveFactory {
    fn build(self: Arc<Self>, now: Instant, current_mtu: u16) -> Box<dyn Controller> {
        Box::new(AdaptiveController(Adaptive::new(now, current_mtu)))
    }
}

/// [`Adaptive`] as QUIC takes it.
#[derive(Clone)]
pub struct AdaptiveController(Adaptive);

impl Controller for AdaptiveController {
    fn on_sent(&mut self, now: Instant, _bytes: u64, last_packet_number: u64) {
        self.0.sent(now, last_packet_number);
    }

    fn on_ack(&mut self, now: Instant, sent: Instant, bytes: u64, _app_limited: bool, _rtt: &RttEstimator) {
        self.0.acknowledged(now, sent, bytes);
    }

    fn on_end_acks(&mut self, now: Instant, in_flight: u64, app_limited: bool, largest: Option<u64>) {
        self.0.acknowledged_all(now, in_flight, app_limited, largest);
    }

    fn on_congestion_event(&mut self, now: Instant, _sent: Instant, is_persistent: bool, lost_bytes: u64) {
        self.0.lost(now, lost_bytes, is_persistent);
    }

    fn on_mtu_update(&mut self, new_mtu: u16) {
        self.0.set_mtu(new_mtu);
    }

    fn window(&self) -> u64 {
        self.0.window()
    }

    fn metrics(&self) -> ControllerMetrics {
        let mut metrics = ControllerMetrics::default();
        metrics.congestion_window = self.window();
        metrics.pacing_rate = Some((self.0.rate() * 8.0) as u64);
        metrics
    }

    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }

    fn initial_window(&self) -> u64 {
        self.0.initial_window()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
