//! Which destinations and protocols were advertised (RFC 9484 §4.7.3, CIP-807, 810, 811, 904, 1005).

use crate::address::Address;
use crate::parse::Packet;

/// An inclusive range of one family and the IP protocol it is for; 0 is all protocols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteRange {
    start: Address,
    end: Address,
    protocol: u8,
}

impl RouteRange {
    /// `None` when the families differ or `start` is above `end` (CIP-801).
    pub fn new(start: Address, end: Address, protocol: u8) -> Option<Self> {
        let ordered = start.is_v6() == end.is_v6() && start <= end;
        ordered.then_some(Self {
            start,
            end,
            protocol,
        })
    }
}

/// The answer to a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouteVerdict {
    /// Some range matches address and protocol, or address and ICMP.
    Allowed,
    /// No range contains the address: row B.
    NoRoute,
    /// Ranges contain the address, none the protocol: row C.
    ProtocolRefused,
}

/// The union of a session's ranges, in any order, overlapping or not.
#[derive(Debug, Clone, Default)]
pub struct RouteSet {}

impl RouteSet {
    /// Compiles the ranges. O(n log n).
    pub fn new(_ranges: impl IntoIterator<Item = RouteRange>) -> Self {
        todo!()
    }

    /// Whether `packet` may go to its destination.
    #[inline]
    pub fn check(&self, packet: &Packet<'_>) -> RouteVerdict {
        self.check_address(packet.destination, packet)
    }

    /// Whether `packet` may pass for `address`: its destination, or its source on the way back.
    #[inline]
    pub fn check_address(&self, _address: Address, _packet: &Packet<'_>) -> RouteVerdict {
        todo!()
    }
}
