//! What a peer can do in HTTP/3, and which requests are none.

use crate::event::Fields;
use bytes::Bytes;

/// What the peer did.
#[derive(Debug)]
pub enum Event {
    /// Its SETTINGS arrived.
    Settings {
        /// ENABLE_CONNECT_PROTOCOL.
        extended_connect: bool,
        /// H3_DATAGRAM, with the transport parameter that it needs.
        datagrams: bool,
    },
    /// A well-formed request; reading its stream waits for [`Http3::resume`].
    Request {
        /// Stream.
        stream: u64,
        /// All fields, in order.
        fields: Fields,
    },
    /// A final response.
    Response {
        /// Stream.
        stream: u64,
        /// `:status`.
        status: u16,
        /// All fields but `:status`.
        fields: Fields,
    },
    /// Bytes of DATA frames.
    Data {
        /// Stream.
        stream: u64,
        /// Some of them, in order.
        bytes: Bytes,
    },
    /// FIN.
    Finished {
        /// Stream.
        stream: u64,
    },
    /// The stream was reset by the peer, or by us for breaking HTTP/3's rules.
    Aborted {
        /// Stream.
        stream: u64,
        /// Error code.
        code: u64,
        /// Whether the peer did it.
        by_peer: bool,
    },
    /// The peer reads no more; we send no more.
    Stopped {
        /// Stream.
        stream: u64,
        /// Error code.
        code: u64,
    },
    /// HTTP/3 was broken beyond a stream; the QUIC connection is being closed with this code.
    Broken {
        /// Error code.
        code: u64,
        /// For people.
        reason: &'static str,
    },
}

/// What h3wire lets pass: a CONNECT that announces a body (CIP-313), pseudo-headers that say nothing
/// (CIP-302), and bytes that no URI has (CIP-303).
pub(super) fn is_malformed(fields: &Fields) -> bool {
    let is_connect = fields.iter().any(|(name, value)| name == b":method" && value == b"CONNECT");
    fields.iter().any(|(name, value)| match name.as_slice() {
        b"content-length" | b"content-type" | b"transfer-encoding" => is_connect,
        b":scheme" | b":authority" | b":path" => value.is_empty() || !value.iter().all(u8::is_ascii_graphic),
        _ => false,
    })
}
