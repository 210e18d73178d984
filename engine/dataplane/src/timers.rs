//! Deadlines of connections, one each, soonest first.

use std::collections::BTreeSet;
use std::time::Instant;

/// An ordered set of deadlines by connection key.
#[derive(Debug, Default)]
pub struct Timers {
    order: BTreeSet<(Instant, usize)>,
}

impl Timers {
    /// Moves the deadline of `key` from `old` to `new`.
    pub fn replace(&mut self, key: usize, old: Option<Instant>, new: Option<Instant>) {
        if old == new {
            return;
        }
        if let Some(old) = old {
            self.order.remove(&(old, key));
        }
        if let Some(new) = new {
            self.order.insert((new, key));
        }
    }

    /// The soonest deadline.
    pub fn next(&self) -> Option<Instant> {
        self.order.first().map(|(at, _)| *at)
    }

    /// Takes one key whose deadline has come.
    pub fn expired(&mut self, now: Instant) -> Option<usize> {
        let &(at, key) = self.order.first()?;
        if at > now {
            return None;
        }
        self.order.pop_first();
        Some(key)
    }
}
