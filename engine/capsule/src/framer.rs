//! Capsules out of a request stream's DATA payload (RFC 9297 §3.2): type, length, value.
//!
//! The stream is one sequence of bytes; where frames or packets end carries no meaning (CIP-601).
//! Memory follows what was received, never what was announced, and is bounded (CIP-603).

use crate::{ADDRESS_ASSIGN, ADDRESS_REQUEST, DATAGRAM, ROUTE_ADVERTISEMENT, varint};

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
        Self::new(&[ADDRESS_ASSIGN, ADDRESS_REQUEST, ROUTE_ADVERTISEMENT], DEFAULT_MAX_CONTROL)
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
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// An event that owns its value.
    #[derive(Debug, Clone, PartialEq, Eq)]
    enum Seen {
        Datagram(Vec<u8>),
        Discarded(u64),
        Control(u64, Vec<u8>),
    }

    /// Feeds `stream` in chunks of the given sizes, repeated; the events, then how the stream ended.
    fn read(stream: &[u8], sizes: &[usize]) -> (Vec<Seen>, Result<(), FramerError>) {
        let mut framer = Framer::default();
        let mut seen = Vec::new();
        let mut rest = stream;
        for size in sizes.iter().cycle() {
            let mut chunk = take(&mut rest, *size);
            loop {
                match framer.push(&mut chunk) {
                    Ok(Some(Event::Datagram(value))) => seen.push(Seen::Datagram(value.to_vec())),
                    Ok(Some(Event::DatagramDiscarded { length })) => {
                        seen.push(Seen::Discarded(length));
                    }
                    Ok(Some(Event::Control { kind, value })) => {
                        seen.push(Seen::Control(kind, value.to_vec()));
                    }
                    Ok(None) => break,
                    Err(error) => return (seen, Err(error)),
                }
            }
            assert!(chunk.is_empty());
            if rest.is_empty() {
                break;
            }
        }
        (seen, framer.finish())
    }

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hex")).collect()
    }

    const A_02: &str = "01070004c000020b20";
    const D_01: &str = "001f004500001e1234400040113c55c000020bc63364079c400035000a0eb56869";
    const D_06: &str = "01070004c000020b20030a0400000000ffffffff00";

    fn a_02() -> Seen {
        Seen::Control(1, hex("0004c000020b20"))
    }

    #[test]
    fn reads_control_and_datagram_capsules_cip_601_606() {
        let (seen, end) = read(&hex(&(D_06.to_owned() + D_01)), &[1000]);
        let routes = Seen::Control(3, hex("0400000000ffffffff00"));
        assert_eq!(seen, [a_02(), routes, Seen::Datagram(hex(&D_01[4..]))]);
        assert_eq!(end, Ok(()));
    }

    #[test]
    fn reads_non_minimal_type_and_length_cip_502() {
        let (seen, _) = read(&hex("400180000008400004c000020b20"), &[1000]); // A-08
        assert_eq!(seen, [Seen::Control(1, hex("400004c000020b20"))]);
    }

    #[test]
    fn hands_out_empty_values_at_once() {
        let mut framer = Framer::default();
        let mut chunk: &[u8] = &[0x01, 0x00]; // A-01
        assert_eq!(framer.push(&mut chunk), Ok(Some(Event::Control { kind: 1, value: &[] })));
        let mut chunk: &[u8] = &[0x00, 0x00]; // D-03
        assert_eq!(framer.push(&mut chunk), Ok(Some(Event::Datagram(&[]))));
    }

    #[test]
    fn skips_unknown_and_grease_types_cip_602() {
        let d_04 = hex("1704deadbeef01070004c000020b20");
        assert_eq!(read(&d_04, &[1000]), (vec![a_02()], Ok(())));
        let d_05 = hex("c000290000000017000300");
        assert_eq!(read(&d_05, &[1000]), (vec![Seen::Control(3, vec![])], Ok(())));
        let e_01 = hex(&("a74c0fbc0d600064ff9b0000000000000000".to_owned() + A_02));
        assert_eq!(read(&e_01, &[1000]), (vec![a_02()], Ok(())));
    }

    #[test]
    fn skips_any_announced_length_without_keeping_bytes_cip_603() {
        let mut framer = Framer::default();
        let mut header: &[u8] = &hex("17ffffffffffffffff");
        assert_eq!(framer.push(&mut header), Ok(None));
        let body = vec![0; 64 * 1024];
        for _ in 0..1024 {
            assert_eq!(framer.push(&mut &body[..]), Ok(None));
        }
        assert_eq!(framer.buffer.capacity(), 0);
        assert_eq!(framer.finish(), Err(FramerError::Truncated));
    }

    #[test]
    fn holds_no_more_than_it_received_cip_603() {
        let mut framer = Framer::default();
        assert_eq!(framer.push(&mut &hex("018001000000")[..]), Ok(None)); // ADDRESS_ASSIGN, 65536 bytes
        assert!(framer.buffer.capacity() < 64);
    }

    #[test]
    fn gives_a_large_buffer_back() {
        let mut framer = Framer::default();
        let mut capsule = Vec::new();
        encode(3, &[0; 40_000], &mut capsule);
        let (head, mut tail) = capsule.split_at(100);
        assert_eq!(framer.push(&mut &head[..]), Ok(None));
        assert!(matches!(framer.push(&mut tail), Ok(Some(Event::Control { kind: 3, .. }))));
        assert_eq!(framer.push(&mut tail), Ok(None));
        assert!(framer.buffer.capacity() <= KEPT_CAPACITY);
    }

    #[test]
    fn refuses_fin_inside_a_capsule_and_accepts_it_between_two_cip_605() {
        for cut in ["010a0004c000020b20", "40", "0140", "1704dead", "00"] {
            assert_eq!(read(&hex(cut), &[1000]), (vec![], Err(FramerError::Truncated)), "{cut}");
        }
        assert_eq!(read(&hex(A_02), &[1000]), (vec![a_02()], Ok(())));
        assert_eq!(read(&hex(A_02), &[1]), (vec![a_02()], Ok(())));
        assert_eq!(Framer::default().finish(), Ok(()));

        let mut framer = Framer::default();
        assert_eq!(framer.push(&mut &hex(A_02)[..4]), Ok(None));
        assert!(matches!(framer.push(&mut &hex(A_02)[4..]), Ok(Some(_))));
        assert_eq!(framer.finish(), Ok(()));
    }

    #[test]
    fn waits_on_every_strict_prefix_cip_1607() {
        for stream in [D_01, D_06, "1704deadbeef01070004c000020b20", "0300"] {
            let stream = hex(stream);
            for cut in 0..stream.len() {
                let mut framer = Framer::default();
                let mut chunk = &stream[..cut];
                while framer.push(&mut chunk).expect("no error").is_some() {}
            }
        }
    }

    #[test]
    fn discards_a_datagram_larger_than_any_packet_unread_cip_607() {
        let mut stream = hex("00800186a0"); // DATAGRAM, 100000 bytes
        stream.extend(vec![0; 100_000]);
        stream.extend(hex(A_02));
        assert_eq!(read(&stream, &[1400]), (vec![Seen::Discarded(100_000), a_02()], Ok(())));

        let mut largest = Vec::new();
        encode(DATAGRAM, &vec![7; MAX_DATAGRAM as usize], &mut largest);
        let (seen, _) = read(&largest, &[1400]);
        assert_eq!(seen, [Seen::Datagram(vec![7; MAX_DATAGRAM as usize])]);
    }

    #[test]
    fn refuses_a_control_capsule_above_the_limit_and_keeps_refusing_cip_608() {
        let mut framer = Framer::default();
        let chunk = hex("0380011170"); // ROUTE_ADVERTISEMENT of 70000 bytes
        let error = FramerError::TooLarge { kind: 3, length: 70_000 };
        assert_eq!(framer.push(&mut &chunk[..]), Err(error));
        assert_eq!(framer.push(&mut &hex(A_02)[..]), Err(error));
        assert_eq!(framer.finish(), Err(error));

        let mut allowed = Vec::new();
        encode(3, &vec![0; DEFAULT_MAX_CONTROL], &mut allowed);
        assert_eq!(read(&allowed, &[4096]).1, Ok(()));
    }

    fn any_capsule() -> impl Strategy<Value = Vec<u8>> {
        let kind = prop_oneof![0..=4_u64, 0..=varint::MAX];
        let value = prop_oneof![
            9 => prop::collection::vec(any::<u8>(), 0..80),
            1 => prop::collection::vec(any::<u8>(), 65_500..65_700),
        ];
        (kind, value).prop_map(|(kind, value)| {
            let mut out = Vec::new();
            encode(kind, &value, &mut out);
            out
        })
    }

    proptest! {
        #[test]
        fn chunk_boundaries_carry_no_meaning_cip_601(
            capsules in prop::collection::vec(any_capsule(), 0..6),
            cut in 0..40_usize,
            sizes in prop::collection::vec(1..200_usize, 1..8),
        ) {
            let mut stream = capsules.concat();
            stream.truncate(stream.len() - cut.min(stream.len()));
            let whole = read(&stream, &[usize::MAX]);
            prop_assert_eq!(&read(&stream, &sizes), &whole);
            prop_assert_eq!(&read(&stream, &[1]), &whole);
        }

        #[test]
        fn garbage_never_panics(stream: Vec<u8>, size in 1..9_usize) {
            let whole = read(&stream, &[usize::MAX]);
            prop_assert_eq!(read(&stream, &[size]), whole);
        }
    }
}
