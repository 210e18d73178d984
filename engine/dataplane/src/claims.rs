//! Which open session has which prefix, known to the embedder's thread and to all workers: what is behind one
//! session cannot be given to another, and a packet that arrives at one worker finds a session of another.
//!
//! A worker looks prefixes up in a table of its own, without a lock, and compares one number with
//! [`Claims::version`] first. Claims change before the command that makes use of them is given, so whoever
//! acts on what a session was told finds its claims counted.

use crate::error::{Code, Error, Result};
use crate::tun_steering::TunSteering;
use masque_packet::Prefix;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Changes remembered for workers that have not heard of them; whoever missed more reads everything.
const REMEMBERED: usize = 4096;

/// The number of the worker that a connection or session belongs to.
pub fn worker_of(id: u64, workers: u64) -> usize {
    (id % workers) as usize
}

/// See the module.
pub struct Claims {
    state: Mutex<State>,
    version: AtomicU64,
}

/// What a session has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Assigned to it, and behind it.
    pub prefixes: Arc<[Prefix]>,
    /// What rules of other sessions know it by; `None` if it is not judged by any.
    pub labels: Option<Arc<[u32]>>,
}

/// All claims, while nobody changes them.
pub struct State {
    /// Session, and whether the prefix is behind it.
    owners: HashMap<Prefix, (u64, bool)>,
    claims: HashMap<u64, Claim>,
    /// Sessions whose claims changed, latest last.
    changes: VecDeque<u64>,
    version: u64,
    workers: u64,
    /// The kernel is told as well, while there is a TUN that it steers.
    steering: Option<TunSteering>,
    steering_failures: u64,
}

impl Claims {
    /// No claims. Changes are told if there is more than one worker.
    pub fn new(workers: usize) -> Self {
        let state = State {
            owners: HashMap::new(),
            claims: HashMap::new(),
            changes: VecDeque::new(),
            version: 0,
            workers: workers as u64,
            steering: None,
            steering_failures: 0,
        };
        Self { state: Mutex::new(state), version: AtomicU64::new(0) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts changes; 0 for ever where there is one worker.
    #[inline]
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Reads while nobody changes anything.
    pub fn read<T>(&self, act: impl FnOnce(&State) -> T) -> T {
        act(&self.lock())
    }

    /// Tells the kernel what is claimed and what will be; `None` ends that.
    pub fn steer(&self, steering: Option<TunSteering>) {
        let mut state = self.lock();
        state.steering = steering;
        if state.steering.is_some() {
            let unknown = state.owners.keys().map(|prefix| (*prefix, None)).collect();
            state.steer(unknown);
        }
    }

    /// Gives a session its prefixes instead of those it had. An assigned one may have been another's; one
    /// behind a session may not. A session that has ended, which `is_open` tells, gets nothing.
    pub fn replace(
        &self,
        session: u64,
        prefixes: &[(Prefix, bool)],
        labels: Option<&[u32]>,
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
        let queues = state.queues(session, prefixes);
        state.release(session);
        if is_open() {
            state.owners.extend(prefixes.iter().map(|(prefix, behind)| (*prefix, (session, *behind))));
            let prefixes = prefixes.iter().map(|(prefix, _)| *prefix).collect();
            state.claims.insert(session, Claim { prefixes, labels: labels.map(Arc::from) });
        }
        state.steer(queues);
        self.tell(&mut state, session);
        Ok(())
    }

    /// Takes a session's prefixes back.
    pub fn release(&self, session: u64) {
        let mut state = self.lock();
        let queues = state.queues(session, &[]);
        if state.release(session) {
            state.steer(queues);
            self.tell(&mut state, session);
        }
    }

    fn tell(&self, state: &mut State, session: u64) {
        if state.workers > 1 {
            state.changes.push_back(session);
            if state.changes.len() > REMEMBERED {
                state.changes.pop_front();
            }
            state.version += 1;
            self.version.store(state.version, Ordering::Release);
        }
    }
}

impl State {
    fn release(&mut self, session: u64) -> bool {
        let Some(claim) = self.claims.remove(&session) else {
            return false;
        };
        for prefix in claim.prefixes.iter() {
            if self.owners.get(prefix).is_some_and(|(owner, _)| *owner == session) {
                self.owners.remove(prefix);
            }
        }
        true
    }

    /// The worker whose session has exactly this prefix, which is the number of its queue.
    fn queue(&self, prefix: Prefix) -> Option<usize> {
        self.owner(prefix).map(|session| worker_of(session, self.workers))
    }

    /// The queues of what a session has and of what it is to have, if the kernel is told.
    fn queues(&self, session: u64, more: &[(Prefix, bool)]) -> HashMap<Prefix, Option<usize>> {
        if self.steering.is_none() {
            return HashMap::new();
        }
        let claimed = self.claims.get(&session).into_iter().flat_map(|claim| claim.prefixes.iter());
        let all = claimed.chain(more.iter().map(|(prefix, _)| prefix));
        all.map(|prefix| (*prefix, self.queue(*prefix))).collect()
    }

    /// Tells the kernel of those whose queue is another now.
    fn steer(&mut self, before: HashMap<Prefix, Option<usize>>) {
        let Some(steering) = &self.steering else {
            return;
        };
        for (prefix, queue) in before {
            let told = match self.queue(prefix) {
                now if now == queue => Ok(()),
                Some(now) => steering.set(prefix, now),
                None => steering.remove(prefix),
            };
            self.steering_failures += u64::from(told.is_err());
        }
    }

    /// Prefixes that the kernel could not be told of: workers hand over what comes for them.
    pub fn steering_failures(&self) -> u64 {
        self.steering_failures
    }

    /// The count of changes that this is the result of.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The session that has exactly this prefix.
    pub fn owner(&self, prefix: Prefix) -> Option<u64> {
        self.owners.get(&prefix).map(|(session, _)| *session)
    }

    /// What a session has.
    pub fn claim(&self, session: u64) -> Option<&Claim> {
        self.claims.get(&session)
    }

    /// All sessions that have something.
    pub fn sessions(&self) -> impl Iterator<Item = u64> + '_ {
        self.claims.keys().copied()
    }

    /// The sessions whose claims changed after `version`; `None` if that is too long ago to be remembered.
    pub fn changed_since(&self, version: u64) -> Option<impl Iterator<Item = u64> + '_> {
        let missed = usize::try_from(self.version.checked_sub(version)?).ok()?;
        let from = self.changes.len().checked_sub(missed)?;
        Some(self.changes.range(from..).copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_behind_a_session_is_nobody_elses_until_it_ends() {
        let claims = Claims::new(1);
        let prefix: Prefix = "192.0.2.0/24".parse().expect("prefix");
        let replace =
            |session, behind, open| claims.replace(session, &[(prefix, behind)], None, || open).is_ok();
        assert!(replace(1, false, true) && replace(2, false, true));
        assert!(!replace(3, true, true));
        claims.release(2);
        assert!(replace(3, true, true) && replace(3, true, true));
        assert!(!replace(4, true, true) && !replace(4, false, true));
        assert!(claims.replace(3, &[], None, || true).is_ok());
        assert!(replace(4, true, false) && replace(5, true, true));
    }

    #[test]
    fn changes_are_told_once_each_and_forgotten_when_there_are_too_many() {
        let claims = Claims::new(2);
        let change = |session| claims.replace(session, &[], None, || true).expect("claim");
        let since = |version| claims.read(|state| state.changed_since(version).map(Iterator::collect));
        (1..=3).for_each(change);
        assert_eq!((claims.version(), since(1)), (3, Some(vec![2, 3])));
        (0..REMEMBERED as u64).for_each(change);
        assert_eq!(since(2), None::<Vec<u64>>);
        assert_eq!(since(3).map(|all: Vec<u64>| all.len()), Some(REMEMBERED));
    }

    #[test]
    fn a_single_worker_is_told_of_nothing() {
        let claims = Claims::new(1);
        claims.replace(1, &[], Some(&[7]), || true).expect("claim");
        assert_eq!(claims.version(), 0);
    }
}
