//! Which open session has which prefix, known to both the embedder's thread and the worker's: what is
//! behind one session cannot be given to another.

use crate::error::{Code, Error, Result};
use masque_packet::Prefix;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// See the module.
#[derive(Default)]
pub struct Claims(Mutex<State>);

#[derive(Default)]
struct State {
    /// Session, and whether the prefix is behind it.
    owners: HashMap<Prefix, (u64, bool)>,
    prefixes: HashMap<u64, Vec<Prefix>>,
}

impl Claims {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a session its prefixes instead of those it had. An assigned one may have been another's; one
    /// behind a session may not. A session that has ended, which `is_open` tells, gets nothing.
    pub fn replace(
        &self,
        session: u64,
        prefixes: &[(Prefix, bool)],
        is_open: impl FnOnce() -> bool,
    ) -> Result<()> {
        let mut state = self.lock();
        let taken = prefixes.iter().find(|(prefix, behind)| {
            let owner = state.owners.get(prefix);
            owner.is_some_and(|(owner, theirs)| *owner != session && (*theirs || *behind))
        });
        if let Some((prefix, _)) = taken {
            return Err(Error::new(Code::InvalidArgument, format!("{prefix} is another session's")));
        }
        state.release(session);
        if is_open() {
            state.owners.extend(prefixes.iter().map(|(prefix, behind)| (*prefix, (session, *behind))));
            state.prefixes.insert(session, prefixes.iter().map(|(prefix, _)| *prefix).collect());
        }
        Ok(())
    }

    /// Takes a session's prefixes back.
    pub fn release(&self, session: u64) {
        self.lock().release(session);
    }
}

impl State {
    fn release(&mut self, session: u64) {
        for prefix in self.prefixes.remove(&session).unwrap_or_default() {
            if self.owners.get(&prefix).is_some_and(|(owner, _)| *owner == session) {
                self.owners.remove(&prefix);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_behind_a_session_is_nobody_elses_until_it_ends() {
        let claims = Claims::default();
        let prefix: Prefix = "192.0.2.0/24".parse().expect("prefix");
        let replace = |session, behind, open| claims.replace(session, &[(prefix, behind)], || open).is_ok();
        assert!(replace(1, false, true) && replace(2, false, true));
        assert!(!replace(3, true, true));
        claims.release(2);
        assert!(replace(3, true, true) && replace(3, true, true));
        assert!(!replace(4, true, true) && !replace(4, false, true));
        assert!(claims.replace(3, &[], || true).is_ok());
        assert!(replace(4, true, false) && replace(5, true, true));
    }
}
