//! Inner packets: parsing, checks, answers, segmentation and coalescing. Pure: no I/O, no clock,
//! no allocation per packet.
//!
//! | question | module |
//! |---|---|
//! | is this an IP packet, and what kind? | [`parse`](mod@parse), [`packet`] |
//! | may this address be forwarded? | [`address`] |
//! | who owns a destination? | [`prefix_table`] |
//! | is the source assigned, the destination routed? | [`source_set`], [`route_set`] |
//! | may a flow be, by which rule? | [`rules`] |
//! | which flow is it, and was it allowed? | [`flow`], [`flow_table`] |
//! | what does the sender hear about a refusal? | [`icmp`], [`token_bucket`] |
//! | how do super-packets of the TUN become packets, and back? | [`vnet`], [`segment`](mod@segment), [`coalesce`] |
//! | a packet that is too big and may be fragmented | [`fragment`](mod@fragment) |
//! | how large may the segments of a new TCP connection be? | [`mss`] |
#![forbid(unsafe_code)]

pub mod address;
pub mod checksum;
pub mod coalesce;
mod extension;
pub mod flow;
pub mod flow_table;
pub mod fragment;
pub mod icmp;
pub mod mss;
mod options;
pub mod packet;
pub mod parse;
pub mod prefix_table;
pub mod route_set;
pub mod rules;
#[cfg(test)]
mod samples;
pub mod segment;
pub mod source_set;
pub mod token_bucket;
pub mod ttl;
#[cfg(test)]
mod vectors;
pub mod vnet;

pub use address::{Address, AddressClass, Prefix, classify};
pub use coalesce::{CoalesceOptions, Coalescer, Frame};
pub use flow::{Direction, FlowKey, Trace};
pub use flow_table::{Admission, FlowTable, Question};
pub use fragment::{FragmentError, fragment};
pub use icmp::ErrorKind;
pub use packet::{Fragment, Malformed, Packet};
pub use parse::parse;
pub use prefix_table::{IdMap, PrefixTable};
pub use route_set::{RouteRange, RouteSet, RouteVerdict};
pub use rules::{Remote, RemoteMatch, Rule, RuleSet, Verdict};
pub use segment::{SegmentError, segment};
pub use source_set::SourceSet;
pub use token_bucket::TokenBucket;
pub use vnet::VnetHeader;

/// IP protocol numbers used here (IANA protocol numbers).
pub mod protocol {
    /// IPv6 Hop-by-Hop Options; in ROUTE_ADVERTISEMENT "all protocols" (CIP-902).
    pub const HOP_BY_HOP: u8 = 0;
    /// ICMP for IPv4.
    pub const ICMP: u8 = 1;
    /// TCP.
    pub const TCP: u8 = 6;
    /// UDP.
    pub const UDP: u8 = 17;
    /// IPv6 Routing header.
    pub const ROUTING: u8 = 43;
    /// IPv6 Fragment header.
    pub const FRAGMENT: u8 = 44;
    /// Encapsulating Security Payload.
    pub const ESP: u8 = 50;
    /// Authentication Header.
    pub const AH: u8 = 51;
    /// ICMP for IPv6.
    pub const ICMPV6: u8 = 58;
}
