//! Capsules out of a request stream's DATA payload (RFC 9297 §3.2): type, length, value.
//!
//! The stream is one sequence of bytes; where frames or packets end carries no meaning (CIP-601).
//! Memory follows what was received, never what was announced, and is bounded (CIP-603).

use crate::{ADDRESS_ASSIGN, ADDRESS_REQUEST, DATAGRAM, DNS_ASSIGN, ROUTE_ADVERTISEMENT, varint};

/// The largest DATAGRAM capsule kept: the largest IPv6 packet without jumbograms and a context id
/// of eight bytes. Longer ones are discarded unread (CIP-607).
pub const MAX_DATAGRAM: u64 = 65_575 + 8;

/// Default limit for control capsules, bytes of value (CIP-608).
pub const DEFAULT_MAX_CONTROL: usize = 64 * 1024;

/// A buffer larger than this is given back after its capsule.
const KEPT_CAPACITY: usize = 4096;

/// One complete capsule. The value borrows from the chunk or from the framer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event<'a> {
    /// DATAGRAM: an HTTP Datagram's content, context id first (see [`crate::datagram::split_context`]).
    Datagram(&'a [u8]),
    /// A DATAGRAM capsule of `length` bytes, too large for any IP packet, is being discarded (CIP-607).
    DatagramDiscarded {
        /// The announced length, bytes.
        length: u64,
    },
    /// A control capsule of one of the types the framer was made for.
    Control {
        /// Capsule type.
        kind: u64,
        /// Its value, exactly as long as announced.
        value: &'a [u8],
    },
}

/// The stream cannot be read further. The error stays: the same answer comes from then on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FramerError {
    /// A control capsule above the limit; skipping it would desynchronise state.
    /// Abort the stream with H3_EXCESSIVE_LOAD, 0x107 (CIP-608).
    TooLarge {
        /// Capsule type.
        kind: u64,
        /// The announced length, bytes.
        length: u64,
    },
    /// FIN inside a capsule: the message is malformed, H3_MESSAGE_ERROR, 0x10e (CIP-605).
    Truncated,
}

/// The reader of one receive stream.
#[derive(Debug)]
pub struct Framer {
    control_kinds: &'static [u64],
    max_control: usize,
    state: State,
    /// Bytes of an unfinished header or value.
    buffer: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// `buffer` holds the beginning of type and length.
    Header,
    /// `buffer` holds the beginning of a value that is kept.
    Value {
        kind: u64,
        length: usize,
    },
    /// `buffer` holds a whole value that was handed out and is to be cleared.
    HandedOut,
    /// So many bytes of an unwanted value are still to come.
    Skipping {
        remaining: u64,
    },
    Failed(FramerError),
}

impl Default for Framer {
    /// The control capsules of CONNECT-IP with the default limit.
    fn default() -> Self {
        Self::new(&[ADDRESS_ASSIGN, ADDRESS_REQUEST, ROUTE_ADVERTISEMENT, DNS_ASSIGN], DEFAULT_MAX_CONTROL)
    }
}

impl Framer {
    /// A framer that hands out the control capsules of `control_kinds`, each with a value of at most
    /// `max_control` bytes, and DATAGRAM capsules. All other types are skipped (CIP-602).
    pub fn new(control_kinds: &'static [u64], max_control: usize) -> Self {
        Self { control_kinds, max_control, state: State::Header, buffer: Vec::new() }
    }

    /// Takes bytes from the front of `chunk` until one event is complete or `chunk` is empty (`None`).
    ///
    /// ```
    /// # use masque_capsule::{Event, Framer};
    /// let mut framer = Framer::default();
    /// let mut chunk: &[u8] = &[0x17, 0x01, 0xaa, 0x01, 0x00]; // GREASE, then an empty ADDRESS_ASSIGN
    /// while let Some(event) = framer.push(&mut chunk)? {
    ///     assert_eq!(event, Event::Control { kind: 1, value: &[] });
    /// }
    /// # Ok::<(), masque_capsule::FramerError>(())
    /// ```
    ///
    /// # Errors
    /// [`FramerError::TooLarge`]; capsules before it were handed out.
    pub fn push<'e, 'c: 'e>(&'e mut self, chunk: &mut &'c [u8]) -> Result<Option<Event<'e>>, FramerError> {
        loop {
            match self.state {
                State::Failed(error) => return Err(error),
                State::HandedOut => {
                    self.release_value();
                    self.state = State::Header;
                }
                State::Header => {
                    let Some((kind, length)) = self.take_header(chunk) else {
                        return Ok(None);
                    };
                    self.state = self.state_after_header(kind, length);
                    if kind == DATAGRAM && matches!(self.state, State::Skipping { .. }) {
                        return Ok(Some(Event::DatagramDiscarded { length }));
                    }
                }
                State::Skipping { remaining } => {
                    let present = take(chunk, usize::try_from(remaining).unwrap_or(usize::MAX));
                    let remaining = remaining - present.len() as u64;
                    if remaining > 0 {
                        self.state = State::Skipping { remaining };
                        return Ok(None);
                    }
                    self.state = State::Header;
                }
                State::Value { kind, length } => {
                    if self.buffer.is_empty() && chunk.len() >= length {
                        self.state = State::Header;
                        return Ok(Some(event(kind, take(chunk, length))));
                    }
                    let missing = length - self.buffer.len();
                    self.buffer.extend_from_slice(take(chunk, missing));
                    if self.buffer.len() < length {
                        return Ok(None);
                    }
                    self.state = State::HandedOut;
                    return Ok(Some(event(kind, &self.buffer)));
                }
            }
        }
    }

    /// The stream ended with FIN: [`FramerError::Truncated`] inside a capsule (CIP-605).
    pub fn finish(&self) -> Result<(), FramerError> {
        match self.state {
            State::Failed(error) => Err(error),
            State::HandedOut => Ok(()),
            State::Header if self.buffer.is_empty() => Ok(()),
            State::Header | State::Value { .. } | State::Skipping { .. } => Err(FramerError::Truncated),
        }
    }

    /// Type and length, once both are complete.
    fn take_header(&mut self, chunk: &mut &[u8]) -> Option<(u64, u64)> {
        if self.buffer.is_empty()
            && let Some((header, used)) = decode_header(chunk)
        {
            take(chunk, used);
            return Some(header);
        }
        // At most two varints go through here, byte by byte.
        while let [byte] = take(chunk, 1) {
            self.buffer.push(*byte);
            if let Some((header, _)) = decode_header(&self.buffer) {
                self.buffer.clear();
                return Some(header);
            }
        }
        None
    }

    fn state_after_header(&self, kind: u64, length: u64) -> State {
        let limit = match kind {
            DATAGRAM => MAX_DATAGRAM,
            _ if self.control_kinds.contains(&kind) => self.max_control as u64,
            _ => return State::Skipping { remaining: length },
        };
        match usize::try_from(length) {
            Ok(length) if length as u64 <= limit => State::Value { kind, length },
            _ if kind == DATAGRAM => State::Skipping { remaining: length },
            _ => State::Failed(FramerError::TooLarge { kind, length }),
        }
    }

    fn release_value(&mut self) {
        self.buffer.clear();
        self.buffer.shrink_to(KEPT_CAPACITY);
    }
}

/// Splits up to `length` bytes off the front.
fn take<'c>(chunk: &mut &'c [u8], length: usize) -> &'c [u8] {
    let (front, rest) = chunk.split_at(length.min(chunk.len()));
    *chunk = rest;
    front
}

/// Type and length, and how many bytes they took.
fn decode_header(bytes: &[u8]) -> Option<((u64, u64), usize)> {
    let (kind, kind_length) = varint::decode(bytes)?;
    let (length, length_length) = varint::decode(&bytes[kind_length..])?;
    Some(((kind, length), kind_length + length_length))
}

fn event(kind: u64, value: &[u8]) -> Event<'_> {
    match kind {
        DATAGRAM => Event::Datagram(value),
        _ => Event::Control { kind, value },
    }
}

/// Appends one capsule.
pub fn encode(kind: u64, value: &[u8], out: &mut Vec<u8>) {
    varint::encode(kind, out);
    varint::encode(value.len() as u64, out);
    out.extend_from_slice(value);
}

#[cfg(test)]
mod tests;
