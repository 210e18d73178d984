//! What is left standing after a panic.

use super::Worker;
use crate::counters::DropReason;
use crate::event::{ConnectionCause, Event, SessionCause};
use masque_packet::{CoalesceOptions, Coalescer};

impl Worker {
    /// After a panic: whatever was half done is gone, and everybody is told.
    pub(super) fn recover(&mut self) {
        let shared = self.shared.clone();
        shared.registry.totals.panics.add(1);
        let totals = &shared.registry.totals;
        for (session, key) in std::mem::take(&mut self.session_keys) {
            let row = self.sessions.try_remove(key);
            shared.claims.release(session);
            let connection = row.as_ref().map_or(0, |s| s.counters.connection.get());
            if let Some(row) = row {
                row.counters.open.set(0);
            }
            shared.events.push(Event::SessionClosed {
                connection,
                session,
                cause: SessionCause::EngineFault,
                code: None,
            });
        }
        for (connection, key) in std::mem::take(&mut self.connection_keys) {
            let lost = self.connections.get_mut(key).and_then(Option::take);
            if let Some(lost) = &lost {
                lost.counters.open.set(0);
            }
            if lost.is_some_and(|c| c.over || !c.known) {
                shared.registry.rows.release_connection(connection);
                continue;
            }
            shared.events.push(Event::ConnectionClosed {
                connection,
                cause: ConnectionCause::EngineFault,
                code: None,
                reason: "the engine failed and started over".to_owned(),
            });
        }
        totals.sessions.set(0);
        totals.connections.set(0);
        totals.outbound.queued.set(0);
        totals.held.set(0);
        totals.half_open.set(0);
        self.connections.clear();
        self.sessions.clear();
        self.owners = Default::default();
        self.elsewhere.clear();
        self.heeded = 0;
        self.outboxes.iter_mut().for_each(Vec::clear);
        if let Some(port) = &mut self.tun {
            let info = port.tun.info();
            port.coalescer = Coalescer::new(CoalesceOptions { tcp: info.tcp, udp: info.udp });
        }
        for path in [&totals.inbound, &totals.outbound] {
            path.write_off(DropReason::SessionEnded);
        }
        self.access.clear();
        self.recent = None;
        self.requested_sessions.clear();
        self.timers = Default::default();
        self.dirty.clear();
        self.blocked = None;
        if let Some(net) = self.net.take() {
            self.use_udp(net.udp, net.reset_key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventQueue;
    use crate::worker::Shared;

    #[test]
    fn what_a_panic_left_nowhere_is_counted_as_dropped() {
        let crew = Shared::crew(1, EventQueue::new(|| {})).expect("crew");
        let mut worker = Worker::new(crew.clone(), 0).expect("worker");
        let totals = &crew[0].registry.totals;
        totals.inbound.received.add(2);
        totals.outbound.received.add(7);
        totals.outbound.forwarded.add(2);
        totals.outbound.queued.add(4);
        worker.recover();
        assert_eq!(totals.inbound.drops.sum(), 2);
        assert_eq!(totals.outbound.drops.sum(), 5);
        assert_eq!([totals.inbound.unaccounted.get(), totals.outbound.unaccounted.get()], [0, 0]);
    }
}
