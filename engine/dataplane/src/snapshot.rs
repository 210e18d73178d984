//! Rows of float64 that TypeScript reads. Names and values come from the same lines of code,
//! so that they cannot disagree.

use crate::counters::{
    Bounds, ConnectionCounters, CountersBy, Histogram, Kind, Path, SessionCounters, StreamTimes, Totals,
};
use std::collections::BTreeMap;
use std::fmt::Arguments;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Names of the columns of the three tables, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// One row a session.
    pub sessions: Vec<String>,
    /// One row a connection.
    pub connections: Vec<String>,
    /// One row in all.
    pub totals: Vec<String>,
}

/// Takes one column after the other; a name is formatted only by those who want it.
trait Sink {
    fn put(&mut self, name: Arguments<'_>, value: f64);

    /// 0 or 1, which is not added up: whether it is so in any worker.
    fn put_flag(&mut self, name: Arguments<'_>, value: f64) {
        self.put(name, value);
    }
}

impl Sink for Vec<String> {
    fn put(&mut self, name: Arguments<'_>, _: f64) {
        self.push(name.to_string());
    }
}

impl Sink for std::slice::IterMut<'_, f64> {
    fn put(&mut self, _: Arguments<'_>, value: f64) {
        if let Some(slot) = self.next() {
            *slot = value;
        }
    }
}

/// Adds the figures of one worker to those of the workers before it.
struct Sum<'a>(std::slice::IterMut<'a, f64>);

impl Sink for Sum<'_> {
    fn put(&mut self, _: Arguments<'_>, value: f64) {
        if let Some(slot) = self.0.next() {
            *slot += value;
        }
    }

    fn put_flag(&mut self, _: Arguments<'_>, value: f64) {
        if let Some(slot) = self.0.next() {
            *slot = slot.max(value);
        }
    }
}

fn put_session(sink: &mut impl Sink, id: u64, c: &SessionCounters) {
    let mut put = |name: &str, value: u64| sink.put(format_args!("{name}"), value as f64);
    put("sessionId", id);
    put("connectionId", c.connection.get());
    put("open", c.open.get());
    put("bytesSent", c.bytes_sent.get());
    put("bytesReceived", c.bytes_received.get());
    put("packetsSent", c.packets_sent.get());
    put("packetsReceived", c.packets_received.get());
    put("dropsSending", c.drops_sending.get());
    put("dropsReceiving", c.drops_receiving.get());
    put("queuedBytes", c.queued_bytes.get());
    put("queuedPackets", c.queued_packets.get());
    put("tunnelMtu", c.tunnel_mtu.get());
}

fn put_connection(sink: &mut impl Sink, id: u64, c: &ConnectionCounters) {
    let mut put = |name: &str, value: u64| sink.put(format_args!("{name}"), value as f64);
    put("connectionId", id);
    put("open", c.open.get());
    put("rttMicroseconds", c.rtt_microseconds.get());
    put("congestionWindowBytes", c.congestion_window.get());
    put("congestionRateBytesPerSecond", c.congestion_rate.get());
    put("congestionMode", c.congestion_mode.get());
    put("pathMtu", c.path_mtu.get());
    put("packetsSent", c.packets_sent.get());
    put("packetsLost", c.packets_lost.get());
    put("udpBytesSent", c.udp_bytes_sent.get());
    put("udpBytesReceived", c.udp_bytes_received.get());
    put("bidirectionalStreams", c.bidirectional_streams.get());
    put("unidirectionalStreams", c.unidirectional_streams.get());
    put_buckets(sink, "streams", &c.stream_durations);
    sink.put(format_args!("streamSecondsTotal"), c.stream_durations.seconds());
}

fn put_buckets<B: Bounds<N>, const N: usize>(
    sink: &mut impl Sink,
    prefix: &str,
    histogram: &Histogram<B, N>,
) {
    let mut counts = histogram.counts();
    for (bound, count) in B::SECONDS.iter().zip(counts.by_ref()) {
        sink.put(format_args!("{prefix}<={bound}s"), count as f64);
    }
    let last = B::SECONDS[N - 1];
    for count in counts {
        sink.put(format_args!("{prefix}>{last}s"), count as f64);
    }
}

fn put_kinds<K: Kind, const N: usize>(sink: &mut impl Sink, prefix: &str, counters: &CountersBy<K, N>) {
    for (kind, count) in counters.iter() {
        sink.put(format_args!("{prefix}.{}", kind.name()), count as f64);
    }
}

fn put_processing(sink: &mut impl Sink, direction: &str, path: &Path) {
    sink.put(format_args!("{direction}ProcessingSecondsTotal"), path.processing.seconds());
    put_buckets(sink, &format!("{direction}Processing"), &path.processing);
}

fn put_totals(sink: &mut impl Sink, t: &Totals) {
    let mut put = |name: &str, value: u64| sink.put(format_args!("{name}"), value as f64);
    put("inboundReceived", t.inbound.received.get());
    put("inboundForwarded", t.inbound.forwarded.get());
    put("outboundReceived", t.outbound.received.get());
    put("outboundForwarded", t.outbound.forwarded.get());
    put("outboundQueued", t.outbound.queued.get());
    for (name, path) in [("inboundUnaccounted", &t.inbound), ("outboundUnaccounted", &t.outbound)] {
        sink.put(format_args!("{name}"), path.unaccounted.get().cast_signed() as f64);
    }
    put_kinds(sink, "inboundDrops", &t.inbound.drops);
    put_kinds(sink, "outboundDrops", &t.outbound.drops);
    put_processing(sink, "inbound", &t.inbound);
    put_processing(sink, "outbound", &t.outbound);
    put_kinds(sink, "handshakes", &t.handshakes);
    let mut put = |name: &str, value: u64| sink.put(format_args!("{name}"), value as f64);
    put("requestsMalformed", t.requests_malformed.get());
    put("requestsOverflowed", t.requests_overflowed.get());
    put("migrations", t.migrations.get());
    put("udpReceiveCalls", t.udp_receive_calls.get());
    put("udpDatagramsReceived", t.udp_datagrams_received.get());
    put("udpSendCalls", t.udp_send_calls.get());
    put("udpDatagramsSent", t.udp_datagrams_sent.get());
    put("tunReads", t.tun_reads.get());
    put("tunWrites", t.tun_writes.get());
    put("tunErrors", t.tun_errors.get());
    put("udpErrors", t.udp_errors.get());
    put("panics", t.panics.get());
    put("datagramsHandedOver", t.datagrams_handed_over.get());
    put("datagramsHandoverLost", t.datagrams_handover_lost.get());
    put("framesHandedOver", t.frames_handed_over.get());
    put("packetsHandedOver", t.packets_handed_over.get());
    put("tunSteeringFailures", t.tun_steering_failures.get());
    let mut put_flag = |name: &str, value: u64| sink.put_flag(format_args!("{name}"), value as f64);
    put_flag("tunOpen", t.tun_open.get());
    put_flag("offloads.udpSegmentation", t.udp_segmentation.get());
    put_flag("offloads.udpCoalescing", t.udp_coalescing.get());
    put_flag("offloads.udpSteering", t.udp_steering.get());
    put_flag("offloads.tunTcp", t.tun_tcp.get());
    put_flag("offloads.tunUdp", t.tun_udp.get());
    put_flag("offloads.tunQueues", t.tun_queues.get());
    put_flag("offloads.tunSteering", t.tun_steering.get());
    let mut put = |name: &str, value: u64| sink.put(format_args!("{name}"), value as f64);
    put("connections", t.connections.get());
    put("sessions", t.sessions.get());
    put("flows", t.flows.get());
    put("flowSamplesLost", t.flow_samples_lost.get());
    put_kinds(sink, "capsuleErrors", &t.capsule_errors);
    put_kinds(sink, "icmpSent", &t.icmp_sent);
    for (name, nanoseconds) in
        [("workerBusySeconds", &t.busy_nanoseconds), ("workerWaitSeconds", &t.wait_nanoseconds)]
    {
        sink.put(format_args!("{name}"), nanoseconds.get() as f64 / 1e9);
    }
    sink.put(format_args!("handshakeSecondsTotal"), t.handshake_duration.seconds());
    put_buckets(sink, "handshakeDuration", &t.handshake_duration);
}

/// The column names that [`fill`] writes.
pub fn layout() -> Layout {
    let mut layout = Layout { sessions: Vec::new(), connections: Vec::new(), totals: Vec::new() };
    put_session(&mut layout.sessions, 0, &SessionCounters::default());
    put_connection(&mut layout.connections, 0, &ConnectionCounters::default());
    put_totals(&mut layout.totals, &Totals::default());
    layout
}

/// What one worker counts, and the rows that all of them share.
#[derive(Debug, Default)]
pub struct Registry {
    /// Only this worker writes them.
    pub totals: Totals,
    /// Of all workers.
    pub rows: Arc<Rows>,
}

/// Rows of sessions and connections by id, kept until released.
#[derive(Debug, Default)]
pub struct Rows {
    sessions: Mutex<BTreeMap<u64, Arc<SessionCounters>>>,
    connections: Mutex<BTreeMap<u64, Arc<ConnectionCounters>>>,
}

/// A panic while holding the lock leaves the map whole: every operation on it is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes the sums of all workers' totals; the layout is [`layout`]'s.
pub fn fill_totals<'a>(workers: impl Iterator<Item = &'a Totals>, into: &mut [f64]) {
    into.fill(0.0);
    for totals in workers {
        put_totals(&mut Sum(into.iter_mut()), totals);
    }
}

impl Rows {
    /// Adds the row of a new session.
    pub fn add_session(&self, id: u64) -> Arc<SessionCounters> {
        let counters = Arc::new(SessionCounters::default());
        lock(&self.sessions).insert(id, counters.clone());
        counters
    }

    /// Adds the row of a new connection.
    pub fn add_connection(&self, id: u64) -> Arc<ConnectionCounters> {
        let counters = Arc::new(ConnectionCounters::default());
        lock(&self.connections).insert(id, counters.clone());
        counters
    }

    /// Whether a session has not ended.
    pub fn is_open(&self, id: u64) -> bool {
        lock(&self.sessions).get(&id).is_some_and(|c| c.open.get() == 1)
    }

    /// The sessions of a connection.
    pub fn sessions_of(&self, connection: u64) -> Vec<u64> {
        let of = |c: &SessionCounters| c.connection.get() == connection;
        lock(&self.sessions).iter().filter(|(_, c)| of(c)).map(|(id, _)| *id).collect()
    }

    /// Forgets a session that has ended; an open one stays.
    pub fn release_session(&self, id: u64) {
        let mut sessions = lock(&self.sessions);
        if sessions.get(&id).is_some_and(|c| c.open.get() == 0) {
            sessions.remove(&id);
        }
    }

    /// Forgets a connection that has ended; an open one stays.
    pub fn release_connection(&self, id: u64) {
        let mut connections = lock(&self.connections);
        if connections.get(&id).is_some_and(|c| c.open.get() == 0) {
            connections.remove(&id);
        }
    }

    /// Writes as many rows of sessions as fit, in the layout of [`layout`]; returns how many there are.
    pub fn fill_sessions(&self, into: &mut [f64]) -> usize {
        const WIDTH: usize = 12;
        let rows = lock(&self.sessions);
        for (row, (id, counters)) in into.chunks_exact_mut(WIDTH).zip(rows.iter()) {
            put_session(&mut row.iter_mut(), *id, counters);
        }
        rows.len()
    }

    /// Writes as many rows of connections as fit, in the layout of [`layout`]; returns how many there are.
    pub fn fill_connections(&self, into: &mut [f64]) -> usize {
        const WIDTH: usize = 13 + StreamTimes::SECONDS.len() + 2;
        let rows = lock(&self.connections);
        for (row, (id, counters)) in into.chunks_exact_mut(WIDTH).zip(rows.iter()) {
            put_connection(&mut row.iter_mut(), *id, counters);
        }
        rows.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_as_wide_as_their_layout() {
        let rows = Rows::default();
        rows.add_session(7).bytes_sent.add(3);
        rows.add_connection(9).path_mtu.set(1452);
        let layout = layout();
        let mut sessions = vec![f64::NAN; layout.sessions.len()];
        let mut connections = vec![f64::NAN; layout.connections.len()];
        assert_eq!((rows.fill_sessions(&mut sessions), rows.fill_connections(&mut connections)), (1, 1));
        for row in [&sessions, &connections] {
            assert!(row.iter().all(|v| !v.is_nan()));
        }
        assert_eq!((sessions[0], sessions[3]), (7.0, 3.0));
        assert_eq!((connections[0], connections[6]), (9.0, 1452.0));
    }

    #[test]
    fn totals_of_workers_add_up_and_flags_stay_flags() {
        let workers = [Totals::default(), Totals::default()];
        for (totals, n) in workers.iter().zip([3, 4]) {
            totals.inbound.received.add(n);
            totals.tun_open.set(1);
            totals.outbound.forwarded.add(n);
            totals.outbound.audit();
        }
        let names = layout().totals;
        let mut row = vec![f64::NAN; names.len()];
        fill_totals(workers.iter(), &mut row);
        let of = |name: &str| names.iter().position(|n| n == name).map(|at| row[at]);
        assert_eq!((of("inboundReceived"), of("tunOpen")), (Some(7.0), Some(1.0)));
        assert_eq!(of("outboundUnaccounted"), Some(-7.0));
        assert!(row.iter().all(|v| !v.is_nan()));
    }

    #[test]
    fn open_rows_cannot_be_released() {
        let rows = Rows::default();
        let session = rows.add_session(1);
        session.open.set(1);
        rows.release_session(1);
        assert_eq!(rows.fill_sessions(&mut []), 1);
        session.open.set(0);
        rows.release_session(1);
        assert_eq!(rows.fill_sessions(&mut []), 0);
    }
}
