//! The sending half: what HTTP/3 asks of QUIC, its own frames, and DATA frames of capsules.

use super::{Event, Http3, RECEIVED, SENT, quic_id, varint};
use bytes::{Buf, BytesMut};
use h3wire::{Action, H3Code};
use quinn_proto::{self as quic, Dir, WriteError};
use std::time::Instant;

impl Http3 {
    /// Writes what can be written and executes what HTTP/3 asks of QUIC.
    pub fn pump(&mut self, quic: &mut quic::Connection, now: Instant) {
        if !std::mem::take(&mut self.dirty) {
            return;
        }
        for kind in std::mem::take(&mut self.unopened) {
            self.open_uni(quic, kind, now);
        }
        loop {
            let mut moved = false;
            while let Some(action) = self.core.poll_action() {
                moved = true;
                self.execute(quic, action, now);
            }
            moved |= self.write_core(quic);
            moved |= self.write_capsules(quic);
            self.collect();
            if !moved {
                return;
            }
        }
    }

    fn execute(&mut self, quic: &mut quic::Connection, action: Action, now: Instant) {
        match action {
            // Without a dynamic table QPACK has nothing to say on streams of its own (RFC 9204 §4.2).
            Action::OpenUni(h3wire::UniKind::QpackEncoder | h3wire::UniKind::QpackDecoder) => {}
            Action::OpenUni(kind) => self.open_uni(quic, kind, now),
            Action::ResetStream { stream, code } => {
                if let Some(id) = quic_id(stream) {
                    let _gone = quic.send_stream(id).reset(varint(code));
                }
                self.half_over(stream.0, SENT, now);
            }
            Action::StopSending { stream, code } => {
                if let Some(id) = quic_id(stream) {
                    let _gone = quic.recv_stream(id).stop(varint(code));
                }
                self.half_over(stream.0, RECEIVED, now);
                if stream.is_uni() {
                    // Otherwise every refused stream would be remembered.
                    let _closed = self.core.recv(stream, &[], true);
                }
            }
            Action::FinishStream(stream) => {
                if let Some(id) = quic_id(stream) {
                    let _gone = quic.send_stream(id).finish();
                }
                let then_stop = self.requests.get_mut(stream.0).and_then(|r| r.outgoing.then_stop.take());
                self.half_over(stream.0, SENT, now);
                if let Some(code) = then_stop {
                    self.abort(stream.0, code.0);
                }
            }
            Action::CloseConnection { code, reason } => {
                self.events.push_back(Event::Broken { code: code.0, reason });
            }
        }
    }

    fn open_uni(&mut self, quic: &mut quic::Connection, kind: h3wire::UniKind, now: Instant) {
        match quic.streams().open(Dir::Uni) {
            Some(id) => {
                self.born(id, now);
                let _closed = self.core.bind_uni(kind, h3wire::StreamId(id.into()));
            }
            // The peer grants too few streams yet; `writable` comes when it grants more.
            None => self.unopened.push(kind),
        }
    }

    fn write_core(&mut self, quic: &mut quic::Connection) -> bool {
        let mut moved = false;
        let sendable: Vec<_> = self.core.sendable().collect();
        for stream in sendable {
            let Some(id) = quic_id(stream) else { continue };
            while let Some(bytes) = self.core.poll_send(stream) {
                let offered = bytes.len();
                match quic.send_stream(id).write(bytes) {
                    Ok(taken) => {
                        moved = true;
                        let _closed = self.core.sent(stream, taken);
                        if taken < offered {
                            break;
                        }
                    }
                    Err(WriteError::Stopped(code)) => {
                        let _closed = self.core.stop_sending_received(stream, H3Code(code.into()));
                        moved = true;
                        break;
                    }
                    Err(WriteError::Blocked | WriteError::ClosedStream) => break,
                }
            }
        }
        moved
    }

    fn write_capsules(&mut self, quic: &mut quic::Connection) -> bool {
        let mut moved = false;
        for (stream, request) in self.requests.iter_mut() {
            let id = h3wire::StreamId(stream);
            let Some(quic_id) = quic_id(id) else { continue };
            let out = &mut request.outgoing;
            loop {
                if out.writing.is_empty() {
                    let Some(next) = out.waiting.front() else {
                        break;
                    };
                    match self.core.send_data(id, next.len() as u64, false) {
                        Ok(frame) => {
                            let mut whole = BytesMut::from(frame.prefix());
                            whole.extend_from_slice(next);
                            out.writing = whole.freeze();
                            out.waiting.pop_front();
                        }
                        Err(h3wire::UsageError::Blocked) => break,
                        Err(_) => {
                            out.waiting.clear();
                            break;
                        }
                    }
                }
                match quic.send_stream(quic_id).write(&out.writing) {
                    Ok(taken) => {
                        moved = true;
                        out.writing.advance(taken);
                        let _closed = self.core.data_written(id, taken);
                        if !out.writing.is_empty() {
                            break;
                        }
                    }
                    Err(WriteError::Stopped(code)) => {
                        out.waiting.clear();
                        out.writing.clear();
                        let _closed = self.core.stop_sending_received(id, H3Code(code.into()));
                        moved = true;
                        break;
                    }
                    Err(WriteError::Blocked | WriteError::ClosedStream) => break,
                }
            }
            if out.finish
                && out.waiting.is_empty()
                && out.writing.is_empty()
                && self.core.send_data(id, 0, true).is_ok()
            {
                out.finish = false;
                moved = true;
            }
        }
        moved
    }
}
