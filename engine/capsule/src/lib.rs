//! Framing of HTTP Datagrams and capsules (RFC 9297): pure, no I/O, no clock.
//!
//! - [`varint`]: QUIC variable-length integers (RFC 9000 §16),
//! - [`datagram`]: the quarter stream id and context id in front of a packet,
//! - [`framer`]: type/length/value capsules out of a byte stream, in constant memory.
//!
//! What a control capsule says is nobody's business here; values travel as bytes.
#![forbid(unsafe_code)]

pub mod datagram;
pub mod framer;
pub mod varint;

pub use framer::{Event, Framer, FramerError, encode};

/// Capsule type DATAGRAM (RFC 9297 §3.5).
pub const DATAGRAM: u64 = 0x00;
/// Capsule type ADDRESS_ASSIGN (RFC 9484 §4.7.1).
pub const ADDRESS_ASSIGN: u64 = 0x01;
/// Capsule type ADDRESS_REQUEST (RFC 9484 §4.7.2).
pub const ADDRESS_REQUEST: u64 = 0x02;
/// Capsule type ROUTE_ADVERTISEMENT (RFC 9484 §4.7.3).
pub const ROUTE_ADVERTISEMENT: u64 = 0x03;
/// Capsule type DNS_ASSIGN (draft-ietf-masque-connect-ip-dns-06 §6, provisional).
pub const DNS_ASSIGN: u64 = 0x1ace_79ec;
