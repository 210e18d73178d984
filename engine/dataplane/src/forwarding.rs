//! Compiled forwarding state of one session: who may send what where.

use crate::counters::DropReason;
use crate::error::{Code, Error, Result};
use crate::options::{self, End};
use masque_packet::{
    Address, ErrorKind, Packet, Prefix, RouteRange, RouteSet, RouteVerdict, SourceSet, classify,
};
use std::net::IpAddr;

/// A packet that must not pass, and what its sender hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is counted.
    pub reason: DropReason,
    /// What is answered, if anything.
    pub answer: Option<ErrorKind>,
}

impl Refusal {
    /// A refusal nobody hears of.
    pub const fn silent(reason: DropReason) -> Self {
        Self { reason, answer: None }
    }

    /// A refusal with an ICMP answer.
    pub const fn answered(reason: DropReason, answer: ErrorKind) -> Self {
        Self { reason, answer: Some(answer) }
    }
}

/// See [`options::Forwarding`].
#[derive(Debug)]
pub struct Forwarding {
    /// Which end we are.
    pub end: End,
    /// The assigned prefixes, and those behind the tunnel.
    pub assigned: SourceSet,
    /// There are prefixes behind the tunnel, and others may have a part of them.
    pub is_shared: bool,
    /// How flows are judged.
    pub access: Option<options::Access>,
    routes: RouteSet,
    peers: SourceSet,
    /// Source of ICMP errors, IPv4.
    pub own_v4: Option<Address>,
    /// Source of ICMP errors, IPv6.
    pub own_v6: Option<Address>,
    /// IPv6 is assigned, so the path must carry 1280 bytes.
    pub has_v6: bool,
}

impl Forwarding {
    /// Compiles; refuses prefixes with host bits and ranges that are none.
    pub fn compile(plain: &options::Forwarding) -> Result<Self> {
        let invalid = |what: String| Error::new(Code::InvalidArgument, what);
        let compile = |plain: &[(IpAddr, u8)]| {
            let prefix = |&(address, length): &(IpAddr, u8)| {
                Prefix::new(address.into(), length)
                    .ok_or_else(|| invalid(format!("{address}/{length} is no prefix")))
            };
            plain.iter().map(prefix).collect::<Result<Vec<_>>>()
        };
        let mut prefixes = compile(&plain.assigned)?;
        prefixes.extend(compile(&plain.behind)?);
        let mut ranges = Vec::with_capacity(plain.routes.len());
        for range in &plain.routes {
            let compiled = RouteRange::new(range.start.into(), range.end.into(), range.protocol)
                .ok_or_else(|| invalid(format!("{}-{} is no range", range.start, range.end)))?;
            ranges.push(compiled);
        }
        Ok(Self {
            end: plain.end,
            has_v6: prefixes.iter().any(|p| p.address().is_v6()),
            assigned: SourceSet::new(prefixes),
            is_shared: plain.end == End::Proxy && !plain.behind.is_empty(),
            access: plain.access.clone(),
            routes: RouteSet::new(ranges),
            peers: SourceSet::new(compile(&plain.peers)?),
            own_v4: plain.own_ipv4.map(|ip| Address::V4(ip.to_bits())),
            own_v6: plain.own_ipv6.map(|ip| Address::V6(ip.to_bits())),
        })
    }

    /// Whether other peers live there; our own addresses are nobody else's.
    #[inline]
    pub fn is_of_peers(&self, address: Address) -> bool {
        self.peers.contains(address) && !self.is_own(address)
    }

    /// Whether it is an own tunnel address.
    #[inline]
    pub fn is_own(&self, address: Address) -> bool {
        self.own_v4 == Some(address) || self.own_v6 == Some(address)
    }

    /// Judges a packet that came out of the tunnel and is [`forwardable`].
    #[inline]
    pub fn judge_inbound(&self, packet: &Packet<'_>) -> std::result::Result<(), Refusal> {
        match self.end {
            End::Proxy => {
                if !self.assigned.contains(packet.source) {
                    return Err(Refusal::answered(DropReason::SpoofedSource, ErrorKind::SourceNotAssigned));
                }
                // Where flows are judged, the rules decide whether sessions reach each other.
                if self.access.is_none() && self.is_of_peers(packet.destination) {
                    return Err(Refusal::answered(DropReason::PeerToPeer, ErrorKind::Refused));
                }
                routed(self.routes.check(packet))
            }
            // ICMP comes from anywhere on the way (CIP-1107), so the source is not ours to judge.
            End::Requester => {
                if self.assigned.contains(packet.destination) {
                    Ok(())
                } else {
                    Err(Refusal::silent(DropReason::NoRoute))
                }
            }
        }
    }

    /// Judges a packet that is about to enter the tunnel and is [`forwardable`].
    #[inline]
    pub fn judge_outbound(&self, packet: &Packet<'_>) -> std::result::Result<(), Refusal> {
        match self.end {
            // The destination is assigned: that is how this session was found. What comes back
            // stays within what was asked for, errors on the way excepted (CIP-810, CIP-1107).
            End::Proxy if packet.is_icmp() => Ok(()),
            End::Proxy => match self.routes.check_address(packet.source, packet) {
                RouteVerdict::Allowed => Ok(()),
                RouteVerdict::NoRoute => Err(Refusal::answered(DropReason::NoRoute, ErrorKind::Refused)),
                RouteVerdict::ProtocolRefused => {
                    Err(Refusal::answered(DropReason::ProtocolRefused, ErrorKind::Refused))
                }
            },
            End::Requester => {
                if !self.assigned.contains(packet.source) {
                    return Err(Refusal::answered(DropReason::SpoofedSource, ErrorKind::SourceNotAssigned));
                }
                routed(self.routes.check(packet))
            }
        }
    }
}

fn routed(verdict: RouteVerdict) -> std::result::Result<(), Refusal> {
    match verdict {
        RouteVerdict::Allowed => Ok(()),
        RouteVerdict::NoRoute => Err(Refusal::answered(DropReason::NoRoute, ErrorKind::NoRoute)),
        RouteVerdict::ProtocolRefused => {
            Err(Refusal::answered(DropReason::ProtocolRefused, ErrorKind::Refused))
        }
    }
}

/// Judges addresses alone: some never cross the tunnel, in either direction (CIP-1012, CIP-1014).
#[inline]
pub fn forwardable(packet: &Packet<'_>) -> std::result::Result<(), Refusal> {
    let (source, destination) = (classify(packet.source), classify(packet.destination));
    if source.is_forwardable() && destination.is_forwardable() {
        return Ok(());
    }
    let reason = if source.is_link_local() || destination.is_link_local() {
        DropReason::LinkLocal
    } else {
        DropReason::ForbiddenAddress
    };
    // Row E: only a link-local source that wants to leave its link is told so, and only by ICMPv6.
    if source.is_link_local() && destination.is_forwardable() {
        return Err(Refusal::answered(reason, ErrorKind::SourceScope));
    }
    Err(Refusal::silent(reason))
}

#[cfg(test)]
mod tests;
