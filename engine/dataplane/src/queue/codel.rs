//! Drops at growing frequency while packets keep waiting longer than they should (CoDel, RFC 8289 §5).

use super::Patience;
use std::time::{Duration, Instant};

/// See the module.
#[derive(Clone, Copy, Default)]
pub struct Codel {
    above_until: Option<Instant>,
    dropping: bool,
    count: u32,
    next_drop: Option<Instant>,
}

impl Codel {
    /// Whether the packet that waited `waited`, the flow's last if `is_last`, goes on; else it is dropped.
    pub fn passes(&mut self, now: Instant, waited: Duration, is_last: bool, patience: &Patience) -> bool {
        if waited < patience.target || is_last {
            self.above_until = None;
            self.dropping = false;
            return true;
        }
        let until = *self.above_until.get_or_insert(now + patience.interval);
        if now < until {
            self.dropping = false;
            return true;
        }
        let due = self.next_drop.is_none_or(|at| now >= at);
        if self.dropping && !due {
            return true;
        }
        if self.dropping {
            self.count += 1;
        } else {
            let lately =
                self.next_drop.is_some_and(|at| now.saturating_duration_since(at) < 8 * patience.interval);
            self.count = if lately && self.count > 2 { self.count - 2 } else { 1 };
            self.dropping = true;
        }
        self.next_drop = Some(now + patience.interval.div_f64(f64::from(self.count).sqrt()));
        false
    }
}
