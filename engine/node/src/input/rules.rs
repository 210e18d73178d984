//! `RuleSet`, `MeterOptions` and their conversion.

use super::{id, ids, invalid, number};
use masque_dataplane::error::Result;
use masque_packet::{Direction, RemoteMatch};
use napi_derive::napi;

/// `RuleSet`
#[napi(object)]
pub struct Rules {
    /// In order.
    pub rules: Vec<Rule>,
}

/// `AccessRule`
#[napi(object)]
pub struct Rule {
    /// For samples.
    pub id: f64,
    /// `allow` or `deny`.
    pub action: String,
    /// `byPeer` or `towardsPeer`.
    pub opened: String,
    /// The other side.
    pub remote: Remote,
    /// IP protocol.
    pub protocol: f64,
    /// First and last of each range.
    pub ports: Vec<Vec<f64>>,
}

/// `RemoteMatch`
#[napi(object)]
pub struct Remote {
    /// `any`, `prefixes` or `labels`.
    pub kind: String,
    /// With `prefixes`.
    pub prefixes: Option<Vec<String>>,
    /// With `labels`.
    pub labels: Option<Vec<f64>>,
}

impl Rules {
    /// The engine's rules.
    pub fn parse(self) -> Result<Vec<masque_packet::Rule>> {
        self.rules.into_iter().map(Rule::parse).collect()
    }
}

impl Rule {
    fn parse(self) -> Result<masque_packet::Rule> {
        let allows = match self.action.as_str() {
            "allow" => true,
            "deny" => false,
            other => return Err(invalid("action", other)),
        };
        let opened = match self.opened.as_str() {
            "byPeer" => Direction::FromPeer,
            "towardsPeer" => Direction::ToPeer,
            other => return Err(invalid("opener", other)),
        };
        let remote = match self.remote.kind.as_str() {
            "any" => RemoteMatch::Any,
            "prefixes" => {
                let texts = self.remote.prefixes.unwrap_or_default();
                let prefix = |text: &String| text.parse().map_err(|_| invalid("prefix", text));
                RemoteMatch::Prefixes(texts.iter().map(prefix).collect::<Result<_>>()?)
            }
            "labels" => RemoteMatch::Labels(ids(&self.remote.labels.unwrap_or_default())?),
            other => return Err(invalid("kind of remote", other)),
        };
        let range = |range: &Vec<f64>| match range[..] {
            [first, last] if first <= last => Ok((number("port", first)?, number("port", last)?)),
            _ => Err(invalid("range of ports", &format!("{range:?}"))),
        };
        Ok(masque_packet::Rule {
            id: id(self.id)?,
            allows,
            opened,
            remote,
            protocol: number("IP protocol", self.protocol)?,
            ports: self.ports.iter().map(range).collect::<Result<_>>()?,
        })
    }
}

/// `MeterOptions`: bytes a second and at once.
#[napi(object)]
pub struct Meter {
    /// A second.
    pub bytes_per_second: f64,
    /// At once.
    pub burst_bytes: f64,
}
