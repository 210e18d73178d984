//! HTTP/3 on one QUIC connection: the only place that knows h3wire.
//!
//! Request streams carry capsules; what they mean is decided elsewhere. Reading a request stream stops
//! after the request until the embedder has answered it, so that nothing unanswered piles up (CIP-317).

mod event;
mod receive;
mod send;
mod streams;

pub use event::Event;

use crate::counters::ConnectionCounters;
use crate::event::Fields;
use bytes::Bytes;
use event::is_malformed;
use h3wire::{Event as Core, FieldRef, H3Code, HeadersKind};
use quinn_proto::{self as quic, Dir, StreamId, VarInt};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;
use streams::Streams;

/// Field sections above this close the connection; tunnels need a few hundred bytes.
const FIELD_SECTION: usize = 16 << 10;
/// Field sections above this, counted as RFC 9114 §4.2.2 does, are answered with 431.
const LARGEST_REQUEST: usize = 4 << 10;
/// Bytes that are no body, and a charge for every stream, that a peer may send at once and a second:
/// empty frames and unknown streams cost us work without ever showing in flow control.
const NOISE_BURST: f64 = 4.0 * 1024.0 * 1024.0;
const NOISE_PER_SECOND: f64 = 256.0 * 1024.0;
const NOISE_PER_READ: usize = 64;

#[derive(Debug, Default)]
struct Outgoing {
    /// Capsules not yet given a DATA frame.
    waiting: VecDeque<Bytes>,
    /// The DATA frame being written.
    writing: Bytes,
    /// FIN after the last byte.
    finish: bool,
    /// STOP_SENDING with this code once our FIN is out.
    then_stop: Option<H3Code>,
}

#[derive(Debug, Default)]
struct RequestStream {
    /// Nothing is read while true.
    held: bool,
    /// Received but not yet fed.
    unread: Option<Bytes>,
    outgoing: Outgoing,
}

/// How packets travel to a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carriage {
    /// QUIC DATAGRAM frames (CIP-111).
    Datagrams,
    /// DATAGRAM capsules on the request stream, for peers without datagrams (CIP-115).
    Capsules,
}

const RECEIVED: u8 = 1;
const SENT: u8 = 2;

/// Since when a stream is open, and which of its halves are over.
#[derive(Debug)]
struct Age {
    opened: Instant,
    over: u8,
}

/// HTTP/3 of one connection.
pub struct Http3 {
    core: h3wire::Connection,
    events: VecDeque<Event>,
    requests: Streams<RequestStream>,
    ages: Streams<Age>,
    unopened: Vec<h3wire::UniKind>,
    /// Something may have to be written.
    dirty: bool,
    noise: f64,
    noise_at: Instant,
    counters: Arc<ConnectionCounters>,
}

impl Http3 {
    /// State for a new connection.
    pub fn new(role: h3wire::Role, counters: Arc<ConnectionCounters>, now: Instant) -> Self {
        let mut config = h3wire::Config::default();
        config.max_encoded_field_section_size = FIELD_SECTION;
        config.enable_connect_protocol = role == h3wire::Role::Server;
        config.h3_datagram = true;
        config.grease = false;
        Self {
            core: h3wire::Connection::new(role, config),
            events: VecDeque::new(),
            requests: Streams::default(),
            ages: Streams::default(),
            unopened: Vec::new(),
            dirty: true,
            noise: 0.0,
            noise_at: now,
            counters,
        }
    }

    /// The next event.
    pub fn poll(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// A stream can be written again, or more streams can be opened.
    pub fn writable(&mut self) {
        self.dirty = true;
    }

    /// The QUIC connection is gone: all streams end now.
    pub fn transport_closed(&mut self, now: Instant) {
        self.core.transport_closed();
        for age in std::mem::take(&mut self.ages).into_values() {
            self.counters.stream_durations.observe(now.saturating_duration_since(age.opened), 1);
        }
        self.requests.clear();
        self.events.clear();
    }

    /// Sends a request; `None` when no stream can be opened now or the fields are no request.
    pub fn request(&mut self, quic: &mut quic::Connection, fields: &Fields, now: Instant) -> Option<u64> {
        let id = quic.streams().open(Dir::Bi)?;
        let stream = u64::from(id);
        self.born(id, now);
        self.dirty = true;
        if self.core.send_headers(h3wire::StreamId(stream), &borrowed(fields), false).is_err() {
            // Nothing was sent on it; the peer learns of the stream by the reset only.
            let _unused = quic.send_stream(id).reset(VarInt::from_u32(0x10c));
            let _unused = quic.recv_stream(id).stop(VarInt::from_u32(0x10c));
            self.half_over(stream, RECEIVED | SENT, now);
            return None;
        }
        self.requests.insert(stream, RequestStream::default());
        Some(stream)
    }

    /// Answers a request. With `end` nothing follows, and the peer is asked to stop as well.
    pub fn respond(&mut self, stream: u64, status: u16, fields: &Fields, end: bool) {
        self.dirty = true;
        let status = status.to_string();
        let mut all = vec![FieldRef::new(b":status", status.as_bytes())];
        all.extend(borrowed(fields));
        let id = h3wire::StreamId(stream);
        if self.core.send_headers(id, &all, end).is_err() {
            self.abort(stream, H3Code::INTERNAL_ERROR.0);
        } else if end && let Some(request) = self.requests.get_mut(stream) {
            request.held = true;
            request.outgoing.then_stop = Some(H3Code::NO_ERROR);
        }
    }

    /// Reads on after a request was answered.
    pub fn resume(&mut self, quic: &mut quic::Connection, stream: u64, now: Instant) {
        if let Some(request) = self.requests.get_mut(stream) {
            request.held = false;
        }
        if let Ok(id) = VarInt::from_u64(stream) {
            self.readable(quic, StreamId::from(id), now);
        }
    }

    /// Queues capsules; returns the bytes that wait on this stream.
    pub fn send(&mut self, stream: u64, bytes: Bytes) -> usize {
        self.dirty = true;
        let Some(request) = self.requests.get_mut(stream) else {
            return 0;
        };
        if !bytes.is_empty() {
            request.outgoing.waiting.push_back(bytes);
        }
        request.outgoing.waiting.iter().map(Bytes::len).sum()
    }

    /// FIN after everything queued.
    pub fn finish(&mut self, stream: u64) {
        self.dirty = true;
        if let Some(request) = self.requests.get_mut(stream) {
            request.outgoing.finish = true;
        }
    }

    /// RESET_STREAM and STOP_SENDING, whichever halves are open.
    pub fn abort(&mut self, stream: u64, code: u64) {
        self.dirty = true;
        // Unknown streams are over already.
        let _gone = self.core.abort(h3wire::StreamId(stream), H3Code(code));
        self.collect();
        // Whoever asked for it needs no event; what is left of this kind are HTTP/3's own refusals.
        self.events
            .retain(|e| !matches!(e, Event::Aborted { stream: s, by_peer: false, .. } if *s == stream));
    }

    /// GOAWAY: no new requests; those under way go on (CIP-118).
    pub fn go_away(&mut self) {
        self.dirty = true;
        let _closed = self.core.finish_shutdown();
    }

    /// How packets of `stream` travel to the peer; `None` while its SETTINGS are unknown.
    pub fn carriage(&self, stream: u64) -> Option<Carriage> {
        let settings = self.core.peer_settings()?;
        let stream = h3wire::StreamId(stream);
        if !settings.h3_datagram {
            return Some(Carriage::Capsules);
        }
        let allowed = self.core.datagram_prefix(stream, &mut [0; 8]).is_ok();
        allowed.then_some(Carriage::Datagrams)
    }

    /// Turns the core's events into ours.
    fn collect(&mut self) {
        while let Some(event) = self.core.poll_event() {
            match event {
                Core::Headers { stream, block, kind } => {
                    self.headers(stream.0, block, kind);
                    self.core.release(block);
                }
                Core::Finished(stream) => {
                    self.events.push_back(Event::Finished { stream: stream.0 });
                }
                Core::StreamAborted { stream, code, source } => self.events.push_back(Event::Aborted {
                    stream: stream.0,
                    code: code.0,
                    by_peer: source != h3wire::AbortSource::Local,
                }),
                Core::SendStopped { stream, code } => {
                    self.events.push_back(Event::Stopped { stream: stream.0, code: code.0 })
                }
                Core::PeerSettings => {
                    if let Some(settings) = self.core.peer_settings() {
                        self.events.push_back(Event::Settings {
                            extended_connect: settings.enable_connect_protocol,
                            datagrams: settings.h3_datagram,
                        });
                    }
                }
                // New requests fail from now on; `Closed` follows the action that closes QUIC.
                Core::GoAway { .. } | Core::UniStream { .. } | Core::Closed { .. } => {}
            }
        }
    }

    fn headers(&mut self, stream: u64, block: h3wire::HeaderBlockId, kind: HeadersKind) {
        let Ok(headers) = self.core.headers(block) else {
            return;
        };
        let fields = |skip: &[u8]| -> Fields {
            headers.all().filter(|f| f.name != skip).map(|f| (f.name.to_vec(), f.value.to_vec())).collect()
        };
        match kind {
            HeadersKind::Request => {
                let fields = fields(b"");
                if is_malformed(&fields) {
                    let _gone = self.core.abort(h3wire::StreamId(stream), H3Code::MESSAGE_ERROR);
                    return;
                }
                let size: usize = fields.iter().map(|(n, v)| n.len() + v.len() + 32).sum();
                let request = RequestStream { held: true, ..RequestStream::default() };
                self.requests.insert(stream, request);
                if size > LARGEST_REQUEST {
                    return self.respond(stream, 431, &Vec::new(), true);
                }
                self.events.push_back(Event::Request { stream, fields });
            }
            HeadersKind::Response => {
                let status = headers.pseudo().status.unwrap_or_default();
                let fields = fields(b":status");
                self.events.push_back(Event::Response { stream, status, fields });
            }
            // 1xx are skipped (CIP-315). Trailers cannot follow in a tunnel (CIP-316).
            HeadersKind::Informational | HeadersKind::Trailers => {}
        }
    }

    fn born(&mut self, id: StreamId, now: Instant) {
        match id.dir() {
            Dir::Bi => self.counters.bidirectional_streams.add(1),
            Dir::Uni => self.counters.unidirectional_streams.add(1),
        }
        self.ages.insert(id.into(), Age { opened: now, over: 0 });
    }

    fn half_over(&mut self, stream: u64, half: u8, now: Instant) {
        let Some(age) = self.ages.get_mut(stream) else {
            return;
        };
        age.over |= half;
        let whole = h3wire::StreamId(stream).is_uni() || age.over == RECEIVED | SENT;
        if whole {
            let lived = now.saturating_duration_since(age.opened);
            self.counters.stream_durations.observe(lived, 1);
            self.ages.remove(stream);
            self.requests.remove(stream);
        }
    }
}

fn borrowed(fields: &Fields) -> Vec<FieldRef<'_>> {
    fields.iter().map(|(name, value)| FieldRef::new(name, value)).collect()
}

fn quic_id(stream: h3wire::StreamId) -> Option<StreamId> {
    VarInt::from_u64(stream.0).ok().map(StreamId::from)
}

fn varint(code: H3Code) -> VarInt {
    VarInt::from_u64(code.0).unwrap_or(VarInt::MAX)
}
