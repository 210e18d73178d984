//! What a controller of any kind does, as operators see it.

use super::AdaptiveController;
use super::watched::Watched;
use crate::counters::CongestionMode;
use quinn_proto::congestion::{Bbr, Controller, Cubic};

/// What the controller of a connection does now; `None` if it is of no kind known here. Copies the controller, so
/// not for each packet.
pub fn mode_of(controller: &dyn Controller) -> Option<CongestionMode> {
    let inner = Watched::of(controller)?.inner.into_any();
    if let Some(AdaptiveController(adaptive)) = inner.downcast_ref() {
        Some(adaptive.mode())
    } else if inner.is::<Bbr>() {
        Some(CongestionMode::Bbr)
    } else {
        inner.is::<Cubic>().then_some(CongestionMode::Cubic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::congestion::{AdaptiveFactory, WatchedFactory};
    use crate::counters::Kind;
    use quinn_proto::congestion::{BbrConfig, ControllerFactory, CubicConfig, NewRenoConfig};
    use std::sync::Arc;
    use std::time::Instant;

    #[test]
    fn every_kind_of_controller_says_what_it_does() {
        type Factory = Arc<dyn ControllerFactory + Send + Sync>;
        let kinds: [(Factory, _); 4] = [
            (Arc::new(AdaptiveFactory), Some(CongestionMode::Startup)),
            (Arc::new(BbrConfig::default()), Some(CongestionMode::Bbr)),
            (Arc::new(CubicConfig::default()), Some(CongestionMode::Cubic)),
            (Arc::new(NewRenoConfig::default()), None),
        ];
        for (factory, mode) in kinds {
            let controller = Arc::new(WatchedFactory(factory)).build(Instant::now(), 1200);
            assert_eq!(mode_of(&*controller), mode);
        }
    }

    #[test]
    fn modes_have_the_order_that_typescript_knows() {
        let names: Vec<_> = CongestionMode::ALL.iter().map(|mode| mode.name()).collect();
        assert_eq!(names, ["startup", "alone", "test", "sharing", "bbr", "cubic"]);
    }
}
