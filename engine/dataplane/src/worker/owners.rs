//! Which session a destination belongs to, here or at another worker.

use super::Worker;
use crate::claims::State;
use masque_packet::Prefix;
use std::sync::Arc;

/// Whose a prefix is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// Key of a session of this worker.
    Here(usize),
    /// Id of a session of another.
    There(u64),
}

impl Owner {
    /// The key, if it is a session of this worker.
    #[inline]
    pub(super) fn here(self) -> Option<usize> {
        match self {
            Self::Here(key) => Some(key),
            Self::There(_) => None,
        }
    }
}

/// A session of another worker, as the claims tell of it.
pub(super) struct Elsewhere {
    prefixes: Arc<[Prefix]>,
    /// What rules know it by; `None` if it is not judged by any.
    pub(super) labels: Option<Arc<[u32]>>,
    /// When that was said.
    pub(super) generation: u32,
}

impl Worker {
    /// Brings the table of owners up to date; one comparison if nothing changed.
    #[inline]
    pub(super) fn heed_claims(&mut self) {
        if self.heeded != self.shared.claims.version() {
            self.heed_changes();
        }
    }

    #[cold]
    fn heed_changes(&mut self) {
        let shared = self.shared.clone();
        shared.claims.read(|state| {
            match state.changed_since(self.heeded) {
                Some(changed) => changed.for_each(|session| self.heed_session(state, session)),
                None => {
                    let known: Vec<u64> = self.elsewhere.keys().copied().collect();
                    known.into_iter().chain(state.sessions()).for_each(|session| {
                        self.heed_session(state, session);
                    });
                }
            }
            self.heeded = state.version();
        });
        // A flow may have another target now.
        self.recent = None;
    }

    fn heed_session(&mut self, state: &State, session: u64) {
        let before = self.elsewhere.remove(&session);
        let claim = state.claim(session);
        if let Some(claim) = claim
            && self.shared.worker_of(session) != self.shared.index
        {
            let (prefixes, labels) = (claim.prefixes.clone(), claim.labels.clone());
            let generation = self.access.next_generation();
            self.elsewhere.insert(session, Elsewhere { prefixes, labels, generation });
        }
        let before = before.iter().flat_map(|elsewhere| elsewhere.prefixes.iter());
        for prefix in before.chain(claim.iter().flat_map(|claim| claim.prefixes.iter())) {
            self.settle_owner(state, *prefix);
        }
    }

    /// Makes the table say of a prefix what the claims say. A session of this worker that has not been told
    /// of its claim yet has nothing.
    fn settle_owner(&mut self, state: &State, prefix: Prefix) {
        let owner = state.owner(prefix).and_then(|session| {
            if self.shared.worker_of(session) != self.shared.index {
                return Some(Owner::There(session));
            }
            let key = *self.session_keys.get(&session)?;
            let forwarding = self.sessions.get(key)?.forwarding.as_ref()?;
            forwarding.assigned.prefixes().contains(&prefix).then_some(Owner::Here(key))
        });
        match owner {
            Some(owner) => self.owners.insert(prefix, owner),
            None => self.owners.remove(prefix),
        };
    }

    /// A session of this worker takes its prefixes. With several workers somebody may have been given them
    /// since.
    pub(super) fn own(&mut self, key: usize, prefixes: &[Prefix]) {
        if self.crew.len() == 1 {
            for prefix in prefixes {
                self.owners.insert(*prefix, Owner::Here(key));
            }
            return;
        }
        let shared = self.shared.clone();
        shared.claims.read(|state| prefixes.iter().for_each(|prefix| self.settle_owner(state, *prefix)));
    }

    /// A session of this worker gives its prefixes up, but for those that are somebody else's by now.
    pub(super) fn disown(&mut self, key: usize, prefixes: &[Prefix]) {
        for prefix in prefixes {
            if self.owners.get(*prefix) == Some(Owner::Here(key)) {
                self.owners.remove(*prefix);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::Claims;
    use crate::event::EventQueue;
    use crate::worker::Shared;
    use masque_packet::Address;

    fn prefix(text: &str) -> Prefix {
        text.parse().expect("prefix")
    }

    fn claim(claims: &Claims, session: u64, prefixes: &[&str]) {
        let prefixes: Vec<_> = prefixes.iter().map(|text| (prefix(text), false)).collect();
        claims.replace(session, &prefixes, Some(&[]), || true).expect("claim");
    }

    #[test]
    fn the_longest_prefix_wins_whichever_worker_has_it_and_goes_with_its_session() {
        let crew = Shared::crew(2, EventQueue::new(|| {})).expect("crew");
        let mut worker = Worker::new(crew.clone(), 0).expect("worker");
        let claims = &crew[0].claims;
        let owner = |worker: &mut Worker| {
            worker.heed_claims();
            worker.owners.lookup(Address::V4(0xc000_0207))
        };
        // Odd ids are the other worker's.
        claim(claims, 3, &["192.0.2.0/24"]);
        assert_eq!(owner(&mut worker), Some(Owner::There(3)));
        claim(claims, 5, &["192.0.2.7/32"]);
        assert_eq!(owner(&mut worker), Some(Owner::There(5)));
        claim(claims, 7, &["192.0.2.7/32"]);
        assert_eq!(owner(&mut worker), Some(Owner::There(7)));
        claims.release(5);
        assert_eq!(owner(&mut worker), Some(Owner::There(7)));
        claims.release(7);
        assert_eq!(owner(&mut worker), Some(Owner::There(3)));
        claim(claims, 3, &["198.51.100.0/24"]);
        assert_eq!((owner(&mut worker), worker.elsewhere.len()), (None, 1));
        // One's own comes with the command that gives it.
        claim(claims, 4, &["192.0.2.7/32"]);
        assert_eq!(owner(&mut worker), None);
    }

    #[test]
    fn whoever_missed_too_much_reads_everything() {
        let crew = Shared::crew(2, EventQueue::new(|| {})).expect("crew");
        let mut worker = Worker::new(crew.clone(), 0).expect("worker");
        let claims = &crew[0].claims;
        claim(claims, 1, &["192.0.2.7/32"]);
        worker.heed_claims();
        claims.release(1);
        for session in 1..5000 {
            claim(claims, 2 * session + 1, &["198.51.100.1/32"]);
            claims.release(2 * session + 1);
        }
        claim(claims, 3, &["198.51.100.1/32"]);
        worker.heed_claims();
        let owners = [0xc000_0207, 0xc633_6401].map(|bits| worker.owners.lookup(Address::V4(bits)));
        assert_eq!(owners, [None, Some(Owner::There(3))]);
    }
}
