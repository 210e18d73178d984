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

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn each_key_expires_once_at_its_newest_deadline() {
        let mut timers = Timers::default();
        let start = Instant::now();
        let [soon, late] = [1, 2].map(|s| start + Duration::from_secs(s));
        timers.replace(1, None, Some(late));
        timers.replace(2, None, Some(soon));
        timers.replace(1, Some(late), Some(soon));
        assert_eq!(timers.next(), Some(soon));
        assert_eq!(timers.expired(start), None);
        assert_eq!([timers.expired(late), timers.expired(late)], [Some(1), Some(2)]);
        assert_eq!((timers.expired(late), timers.next()), (None, None));
    }
}
