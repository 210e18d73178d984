//! The receiving half: bytes of streams into h3wire, as far as the peer's allowance goes.

use super::{Event, Http3, NOISE_BURST, NOISE_PER_READ, NOISE_PER_SECOND, RECEIVED};
use bytes::{Buf, Bytes};
use h3wire::{H3Code, Recv};
use quinn_proto::{self as quic, Dir, ReadError, StreamId, VarInt};
use std::time::Instant;

impl Http3 {
    /// The peer opened streams.
    pub fn opened(&mut self, quic: &mut quic::Connection, dir: Dir, now: Instant) {
        while let Some(id) = quic.streams().accept(dir) {
            self.born(id, now);
            self.readable(quic, id, now);
        }
    }

    /// A stream can be read.
    pub fn readable(&mut self, quic: &mut quic::Connection, id: StreamId, now: Instant) {
        let stream = u64::from(id);
        while !self.requests.get(stream).is_some_and(|r| r.held) {
            let unread = self.requests.get_mut(stream).and_then(|r| r.unread.take());
            let (bytes, end) = match unread {
                Some(bytes) => (bytes, false),
                None => match next_chunk(quic, id) {
                    Ok(Some(bytes)) => (bytes, false),
                    Ok(None) => (Bytes::new(), true),
                    Err(Some(code)) => {
                        self.dirty = true;
                        self.half_over(stream, RECEIVED, now);
                        // An error here is also queued as an action, which `pump` executes.
                        let _closed =
                            self.core.stream_reset_received(h3wire::StreamId(stream), H3Code(code.into()));
                        self.collect();
                        return;
                    }
                    Err(None) => return,
                },
            };
            if end {
                self.half_over(stream, RECEIVED, now);
            }
            if !self.feed(stream, bytes, end, now) || end {
                return;
            }
        }
    }

    /// Feeds bytes; false when the connection is broken.
    fn feed(&mut self, stream: u64, mut bytes: Bytes, end: bool, now: Instant) -> bool {
        self.dirty = true;
        if !self.charge(NOISE_PER_READ, now) {
            return false;
        }
        loop {
            let received = self.core.recv(h3wire::StreamId(stream), &bytes, end);
            let (consumed, body) = match received {
                Ok(Recv::Body { consumed, range }) => (consumed, Some(bytes.slice(range))),
                Ok(Recv::Consumed(consumed) | Recv::Frame { consumed, .. } | Recv::Raw { consumed, .. }) => {
                    (consumed, None)
                }
                Ok(Recv::Paused) => {
                    // Every header block is released at once, so this cannot last.
                    self.collect();
                    continue;
                }
                Err(_) => {
                    self.collect();
                    return false;
                }
            };
            bytes.advance(consumed);
            self.collect();
            match body {
                Some(bytes) => self.events.push_back(Event::Data { stream, bytes }),
                None if !self.charge(consumed, now) => return false,
                None => {}
            }
            if bytes.is_empty() {
                return true;
            }
            if let Some(request) = self.requests.get_mut(stream)
                && request.held
            {
                // A copy: a slice would keep a whole receive buffer alive.
                request.unread = Some(Bytes::copy_from_slice(&bytes));
                return true;
            }
        }
    }

    /// Counts bytes against the peer's allowance; false once it is used up.
    fn charge(&mut self, bytes: usize, now: Instant) -> bool {
        let elapsed = now.saturating_duration_since(self.noise_at).as_secs_f64();
        self.noise_at = now;
        self.noise = (self.noise - elapsed * NOISE_PER_SECOND).max(0.0) + bytes as f64;
        if self.noise <= NOISE_BURST {
            return true;
        }
        self.events.push_back(Event::Broken {
            code: H3Code::EXCESSIVE_LOAD.0,
            reason: "too many bytes that carry nothing",
        });
        false
    }

    /// The peer asked us to stop sending.
    pub fn stopped(&mut self, id: StreamId, code: VarInt) {
        self.dirty = true;
        let _closed = self.core.stop_sending_received(h3wire::StreamId(id.into()), H3Code(code.into()));
        self.collect();
    }
}

/// The next bytes of a stream: `Ok(None)` at its end, `Err(Some)` when it was reset, `Err(None)` when
/// there is nothing now.
fn next_chunk(
    quic: &mut quic::Connection,
    id: StreamId,
) -> std::result::Result<Option<Bytes>, Option<VarInt>> {
    let mut stream = quic.recv_stream(id);
    let Ok(mut chunks) = stream.read(true) else {
        return Err(None);
    };
    let next = chunks.next(usize::MAX);
    // The connection is asked for packets after every turn anyway.
    let _transmit = chunks.finalize();
    match next {
        Ok(chunk) => Ok(chunk.map(|c| c.bytes)),
        Err(ReadError::Reset(code)) => Err(Some(code)),
        Err(ReadError::Blocked) => Err(None),
    }
}
