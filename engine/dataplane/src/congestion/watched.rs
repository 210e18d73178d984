//! A controller of any kind, and what it is told that QUIC keeps to itself: the fate of large packets.

use super::CERTAIN_SIZE;
use quinn_proto::RttEstimator;
use quinn_proto::congestion::{Controller, ControllerFactory, ControllerMetrics};
use std::any::Any;
use std::sync::Arc;
use std::time::Instant;

/// Of packets on one path: when the newest of a kind left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    /// Larger than [`CERTAIN_SIZE`], and acknowledged.
    pub large_acknowledged: Option<Instant>,
    /// Of any size, and lost.
    pub lost: Option<Instant>,
}

impl Fate {
    /// What the controller of a connection was told on its present path.
    pub fn of(controller: &dyn Controller) -> Self {
        Watched::of(controller).map(|watched| watched.fate).unwrap_or_default()
    }
}

/// Makes [`Watched`] controllers.
pub struct WatchedFactory(pub Arc<dyn ControllerFactory + Send + Sync>);

impl ControllerFactory for WatchedFactory {
    fn build(self: Arc<Self>, now: Instant, current_mtu: u16) -> Box<dyn Controller> {
        let inner = self.0.clone().build(now, current_mtu);
        Box::new(Watched { inner, fate: Fate::default() })
    }
}

/// See the module.
pub struct Watched {
    /// The controller.
    pub inner: Box<dyn Controller>,
    fate: Fate,
}

impl Watched {
    /// A copy of the controller of a connection: QUIC shows no more of it than its trait.
    pub fn of(controller: &dyn Controller) -> Option<Box<Self>> {
        controller.clone_box().into_any().downcast().ok()
    }
}

impl Controller for Watched {
    fn on_sent(&mut self, now: Instant, bytes: u64, last_packet_number: u64) {
        self.inner.on_sent(now, bytes, last_packet_number);
    }

    fn on_ack(&mut self, now: Instant, sent: Instant, bytes: u64, app_limited: bool, rtt: &RttEstimator) {
        if bytes > CERTAIN_SIZE {
            self.fate.large_acknowledged = self.fate.large_acknowledged.max(Some(sent));
        }
        self.inner.on_ack(now, sent, bytes, app_limited, rtt);
    }

    fn on_end_acks(&mut self, now: Instant, in_flight: u64, app_limited: bool, largest: Option<u64>) {
        self.inner.on_end_acks(now, in_flight, app_limited, largest);
    }

    fn on_congestion_event(&mut self, now: Instant, sent: Instant, is_persistent: bool, lost_bytes: u64) {
        if lost_bytes > 0 {
            self.fate.lost = self.fate.lost.max(Some(sent));
        }
        self.inner.on_congestion_event(now, sent, is_persistent, lost_bytes);
    }

    fn on_mtu_update(&mut self, new_mtu: u16) {
        self.inner.on_mtu_update(new_mtu);
    }

    fn window(&self) -> u64 {
        self.inner.window()
    }

    fn metrics(&self) -> ControllerMetrics {
        self.inner.metrics()
    }

    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(Self { inner: self.inner.clone_box(), fate: self.fate })
    }

    fn initial_window(&self) -> u64 {
        self.inner.initial_window()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
