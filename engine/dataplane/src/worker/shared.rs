//! What a worker shares with its embedder and the other workers.

use crate::claims::{self, Claims};
use crate::command::CommandQueue;
use crate::counters::{Counter, Totals};
use crate::event::EventQueue;
use crate::handover::Inbox;
use crate::poll::Waker;
use crate::snapshot::{Registry, Rows};
use crate::udp::Udp;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The shares of all workers, by number.
pub type Crew = Arc<[Arc<Shared>]>;

/// The share of one worker.
pub struct Shared {
    /// Its number.
    pub index: usize,
    workers: u64,
    /// Counters.
    pub registry: Registry,
    /// From all workers to the embedder.
    pub events: Arc<EventQueue>,
    /// From the embedder.
    pub commands: CommandQueue,
    /// From other workers.
    pub inbox: Inbox,
    /// Who has which prefix.
    pub claims: Arc<Claims>,
    next_id: Arc<AtomicU64>,
}

impl Shared {
    /// Fresh state for `workers`.
    pub fn crew(workers: usize, events: EventQueue) -> io::Result<Crew> {
        let (events, claims) = (Arc::new(events), Arc::new(Claims::new(workers)));
        let (rows, next_id) = (Arc::new(Rows::default()), Arc::new(AtomicU64::new(1)));
        let shared = |index| {
            Ok(Arc::new(Self {
                index,
                workers: workers as u64,
                registry: Registry { rows: rows.clone(), ..Registry::default() },
                events: events.clone(),
                commands: CommandQueue::new(Waker::new()?),
                inbox: Inbox::default(),
                claims: claims.clone(),
                next_id: next_id.clone(),
            }))
        };
        (0..workers).map(shared).collect()
    }

    /// Shows which offloads the socket uses.
    pub fn show_offloads(&self, udp: &Udp) {
        let totals = &self.registry.totals;
        totals.udp_segmentation.set((udp.max_segments() > 1).into());
        totals.udp_coalescing.set(udp.coalesces().into());
        totals.udp_steering.set(udp.steered().into());
    }

    /// An id that no connection or session had before; it says whose they are.
    pub fn new_id(&self) -> u64 {
        self.next_id.fetch_add(1, Relaxed) * self.workers + self.index as u64
    }

    /// The number of the worker that a connection or session belongs to.
    pub fn worker_of(&self, id: u64) -> usize {
        claims::worker_of(id, self.workers)
    }
}

/// A gauge of all workers together. Each counts alone, so for a moment a limit may be passed by as many as there
/// are workers.
pub(super) fn count(crew: &Crew, gauge: impl Fn(&Totals) -> &Counter) -> usize {
    crew.iter().map(|shared| gauge(&shared.registry.totals).get() as usize).sum()
}
