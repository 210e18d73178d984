//! Out of the sessions' queues: each session of a connection in turn, and no more inside QUIC than needed.

use super::Worker;
use crate::connection::Connection;
use crate::counters::{DropReason, Path, SessionCounters};
use crate::http3::Http3;
use crate::queue::Patience;
use crate::session::{Session, count_drop_sending, show_queue};
use crate::tls::DATAGRAM_SEND_BUFFER;
use bytes::Bytes;
use quinn_proto::SendDatagramError;
use std::time::Instant;

impl Worker {
    /// Moves datagrams from the sessions of a connection into QUIC, one from each in turn.
    pub(super) fn fill(&mut self, connection: &mut Connection, now: Instant) {
        let space = connection.quic.datagrams().send_buffer_space();
        let held = DATAGRAM_SEND_BUFFER.saturating_sub(space);
        let mut room = connection.datagram_budget().saturating_sub(held);
        let outbound = &self.shared.registry.totals.outbound;
        let sessions = connection.sessions.len();
        let patience = Patience::for_rtt(connection.quic.rtt());
        let mut idle = 0;
        while room > 0 && idle < sessions {
            let turn = connection.next_session % sessions;
            connection.next_session = turn + 1;
            let key = connection.sessions[turn].1;
            let Some(session) = self.sessions.get_mut(key) else {
                idle += 1;
                continue;
            };
            if session.queue.is_empty() {
                idle += 1;
                continue;
            }
            if session.over_capsules {
                fill_capsules(&mut connection.http3, session, &patience, outbound, now);
                idle += 1;
                continue;
            }
            idle = 0;
            let counters = &session.counters;
            let before = session.queue.len();
            let mut expired = 0;
            let mut quantum = QUANTUM.min(room);
            let mut run = Run::default();
            while quantum > 0
                && let Some((datagram, arrived)) = session.queue.pop(now, &patience, &mut expired)
            {
                let size = datagram.len();
                match connection.quic.datagrams().send(datagram, false) {
                    Ok(()) => {
                        quantum = quantum.saturating_sub(size);
                        room = room.saturating_sub(size);
                        let bytes = (size - session.prefix.len()) as u64;
                        run.count(outbound, counters, arrived, now, bytes);
                    }
                    Err(SendDatagramError::Blocked(datagram)) => {
                        session.queue.unpop(datagram, arrived);
                        room = 0;
                        break;
                    }
                    // The path shrank while it waited.
                    Err(_) => count_drop_sending(outbound, counters, DropReason::TooBig, 1),
                }
            }
            run.finish(outbound, counters, now);
            count_drop_sending(outbound, counters, DropReason::QueueExpired, expired);
            show_queue(&session.queue, counters, &outbound.queued, before);
        }
    }
}

/// Moves packets onto the request stream of a peer without datagrams (CIP-115), as long as little waits
/// there: what stays in the queue can still grow old and be dropped.
fn fill_capsules(
    http3: &mut Http3,
    session: &mut Session,
    patience: &Patience,
    outbound: &Path,
    now: Instant,
) {
    let counters = &session.counters;
    let before = session.queue.len();
    let mut expired = 0;
    let mut run = Run::default();
    // The context id is the last byte of the prefix.
    let context = session.prefix.len() - 1;
    while http3.send(session.stream, Bytes::new()) < CAPSULES_WAITING
        && let Some((datagram, arrived)) = session.queue.pop(now, patience, &mut expired)
    {
        let mut capsule = Vec::with_capacity(datagram.len() + 8);
        masque_capsule::encode(masque_capsule::DATAGRAM, &datagram[context..], &mut capsule);
        http3.send(session.stream, capsule.into());
        let bytes = (datagram.len() - session.prefix.len()) as u64;
        run.count(outbound, counters, arrived, now, bytes);
    }
    run.finish(outbound, counters, now);
    count_drop_sending(outbound, counters, DropReason::QueueExpired, expired);
    show_queue(&session.queue, counters, &outbound.queued, before);
}

/// Bytes of packets that may wait on a request stream.
const CAPSULES_WAITING: usize = 64 << 10;

/// Bytes one session may send before the next one's turn: about one GSO batch.
const QUANTUM: usize = 64 << 10;

/// Packets in a row that arrived together.
#[derive(Default)]
struct Run {
    arrived: Option<Instant>,
    packets: u64,
    bytes: u64,
}

impl Run {
    fn count(&mut self, path: &Path, counters: &SessionCounters, arrived: Instant, now: Instant, bytes: u64) {
        if self.arrived != Some(arrived) {
            self.finish(path, counters, now);
            self.arrived = Some(arrived);
        }
        self.packets += 1;
        self.bytes += bytes;
    }

    fn finish(&mut self, path: &Path, counters: &SessionCounters, now: Instant) {
        if let Some(arrived) = self.arrived.take() {
            let took = now.saturating_duration_since(arrived);
            path.processing.observe(took, self.packets);
            path.forwarded.add(self.packets);
            counters.packets_sent.add(self.packets);
            counters.bytes_sent.add(self.bytes);
        }
        (self.packets, self.bytes) = (0, 0);
    }
}
