//! `Forwarding` and its conversion.

use super::{Nullable, id, ids, invalid, option};
use masque_dataplane::error::Result;
use masque_dataplane::options;
use napi_derive::napi;
use std::net::IpAddr;

fn ip(text: &str) -> Result<IpAddr> {
    text.parse().map_err(|_| invalid("IP address", text))
}

/// `RouteRange`
#[napi(object)]
pub struct RouteRange {
    /// First address.
    pub start: String,
    /// Last address.
    pub end: String,
    /// IP protocol.
    pub protocol: u8,
}

/// `Forwarding`
#[napi(object)]
pub struct Forwarding {
    /// `proxy` or `client`.
    pub role: String,
    /// Prefixes.
    pub assigned: Vec<String>,
    /// Ranges.
    pub routes: Vec<RouteRange>,
    /// Prefixes.
    pub peers: Vec<String>,
    /// Prefixes.
    pub behind: Option<Vec<String>>,
    /// Rules and meters.
    pub access: Option<Nullable<Access>>,
    /// Address.
    pub own_ipv4: Nullable<String>,
    /// Address.
    pub own_ipv6: Nullable<String>,
}

impl Forwarding {
    /// The engine's options.
    pub fn parse(self) -> Result<options::Forwarding> {
        let end = match self.role.as_str() {
            "proxy" => options::End::Proxy,
            "client" => options::End::Requester,
            other => return Err(invalid("role", other)),
        };
        let assigned = prefixes(&self.assigned)?;
        let routes = self
            .routes
            .iter()
            .map(|range| {
                Ok(options::RouteRange {
                    start: ip(&range.start)?,
                    end: ip(&range.end)?,
                    protocol: range.protocol,
                })
            })
            .collect::<Result<_>>()?;
        Ok(options::Forwarding {
            end,
            assigned,
            routes,
            peers: prefixes(&self.peers)?,
            behind: prefixes(&self.behind.unwrap_or_default())?,
            access: self.access.and_then(option).map(Access::parse).transpose()?,
            own_ipv4: own(option(self.own_ipv4), "IPv4 address")?,
            own_ipv6: own(option(self.own_ipv6), "IPv6 address")?,
        })
    }
}

/// `Access`
#[napi(object)]
pub struct Access {
    /// Rule set.
    pub rules: f64,
    /// Labels.
    pub labels: Vec<f64>,
    /// Meters.
    pub meters: Meters,
}

/// `Access.meters`
#[napi(object)]
pub struct Meters {
    /// For packets from the peer.
    pub from_peer: Vec<f64>,
    /// For packets to the peer.
    pub to_peer: Vec<f64>,
}

impl Access {
    fn parse(self) -> Result<options::Access> {
        Ok(options::Access {
            rules: id(self.rules)?,
            labels: ids(&self.labels)?,
            from_peer: ids(&self.meters.from_peer)?,
            to_peer: ids(&self.meters.to_peer)?,
        })
    }
}

fn own<T: std::str::FromStr>(text: Option<String>, what: &str) -> Result<Option<T>> {
    text.map(|text| text.parse().map_err(|_| invalid(what, &text))).transpose()
}

fn prefixes(texts: &[String]) -> Result<Vec<(IpAddr, u8)>> {
    texts
        .iter()
        .map(|text| {
            let (address, length) = text.split_once('/').ok_or_else(|| invalid("prefix", text))?;
            Ok((ip(address)?, length.parse().map_err(|_| invalid("prefix", text))?))
        })
        .collect()
}
