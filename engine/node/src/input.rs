//! What JavaScript passes, as objects with its names, and its conversion.

use masque_dataplane::error::{Code, Error, Result};
use masque_dataplane::event::Fields;
use masque_dataplane::options;
use masque_packet::{Direction, RemoteMatch};
use napi::Either;
use napi::bindgen_prelude::Null;
use napi_derive::napi;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// A field that may be null but must be there; `Option` would mean that it may be missing.
type Nullable<T> = Either<T, Null>;

fn option<T>(field: Nullable<T>) -> Option<T> {
    match field {
        Either::A(value) => Some(value),
        Either::B(Null) => None,
    }
}

fn invalid(what: &str, value: &str) -> Error {
    Error::new(Code::InvalidArgument, format!("{value} is no {what}"))
}

fn milliseconds(value: f64) -> Duration {
    Duration::from_millis(value.max(0.0) as u64)
}

fn socket_address(text: &str) -> Result<SocketAddr> {
    text.parse().map_err(|_| invalid("UDP address", text))
}

fn ip(text: &str) -> Result<IpAddr> {
    text.parse().map_err(|_| invalid("IP address", text))
}

/// Header text holds one byte in each code unit; others cannot be sent and become `?`.
pub fn bytes_of_latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

/// `[name, value, name, value, …]`
pub fn fields_of(flat: &[String]) -> Fields {
    flat.chunks_exact(2).map(|pair| (bytes_of_latin1(&pair[0]), bytes_of_latin1(&pair[1]))).collect()
}

/// `TunOptions`
#[napi(object)]
pub struct Tun {
    /// Interface name.
    pub name: String,
    /// Bytes.
    pub mtu: u16,
    /// Super-packets.
    pub offload: bool,
    /// Stop reading instead of dropping.
    pub backpressure: bool,
}

impl From<Tun> for options::Tun {
    fn from(tun: Tun) -> Self {
        Self { name: tun.name, mtu: tun.mtu, offload: tun.offload, backpressure: tun.backpressure }
    }
}

/// `Certificate`
#[napi(object)]
pub struct Certificate {
    /// PEM.
    pub chain_pem: String,
    /// PEM.
    pub key_pem: String,
}

impl From<Certificate> for options::Certificate {
    fn from(certificate: Certificate) -> Self {
        Self { chain_pem: certificate.chain_pem, key_pem: certificate.key_pem }
    }
}

/// `ClientTrust`
#[napi(object)]
pub struct PeerTrust {
    /// PEM.
    pub anchors_pem: String,
    /// Hex.
    pub leaf_sha256: Vec<String>,
}

/// `TransportOptions`
#[napi(object)]
pub struct Transport {
    /// Milliseconds.
    pub idle_timeout_ms: f64,
    /// Milliseconds.
    pub keep_alive_ms: Nullable<f64>,
    /// `adaptive`, `bbr` or `cubic`.
    pub congestion_control: String,
}

impl Transport {
    fn parse(self) -> Result<options::Transport> {
        let congestion_control = match self.congestion_control.as_str() {
            "adaptive" => options::CongestionControl::Adaptive,
            "bbr" => options::CongestionControl::Bbr,
            "cubic" => options::CongestionControl::Cubic,
            other => return Err(invalid("congestion control", other)),
        };
        Ok(options::Transport {
            idle_timeout: milliseconds(self.idle_timeout_ms),
            keep_alive: option(self.keep_alive_ms).map(milliseconds),
            congestion_control,
        })
    }
}

/// `PeerLimits`
#[napi(object)]
pub struct PeerLimits {
    /// Streams.
    pub requests_per_connection: u32,
    /// Bytes.
    pub capsule_bytes: u32,
    /// A second.
    pub capsules_per_second: u32,
    /// At once.
    pub capsule_burst: u32,
}

impl From<PeerLimits> for options::PeerLimits {
    fn from(limits: PeerLimits) -> Self {
        Self {
            requests_per_connection: limits.requests_per_connection,
            capsule_bytes: limits.capsule_bytes as usize,
            capsules_per_second: limits.capsules_per_second,
            capsule_burst: limits.capsule_burst,
        }
    }
}

/// `ListenerOptions`
#[napi(object)]
pub struct Listener {
    /// UDP address.
    pub address: String,
    /// Ours.
    pub certificate: Certificate,
    /// Theirs.
    #[napi(js_name = "clientTrust")]
    pub peer_trust: PeerTrust,
    /// QUIC.
    pub transport: Transport,
    /// Bounds.
    pub peer_limits: PeerLimits,
    /// At once.
    pub max_connections: u32,
    /// Half-open.
    pub retry_above_handshakes: u32,
    /// Milliseconds.
    pub unauthenticated_ms: f64,
}

impl Listener {
    /// The engine's options.
    pub fn parse(self) -> Result<options::Listener> {
        Ok(options::Listener {
            address: socket_address(&self.address)?,
            certificate: self.certificate.into(),
            trust: options::PeerTrust {
                anchors_pem: self.peer_trust.anchors_pem,
                leaf_sha256: self.peer_trust.leaf_sha256,
            },
            transport: self.transport.parse()?,
            limits: self.peer_limits.into(),
            max_connections: self.max_connections as usize,
            retry_above_handshakes: self.retry_above_handshakes as usize,
            unauthenticated: milliseconds(self.unauthenticated_ms),
        })
    }
}

/// `ConnectorOptions`
#[napi(object)]
pub struct Connector {
    /// UDP address.
    pub remote_address: String,
    /// In its certificate.
    pub server_name: String,
    /// PEM.
    pub anchors_pem: String,
    /// Ours.
    pub certificate: Nullable<Certificate>,
    /// QUIC.
    pub transport: Transport,
    /// Bounds.
    pub peer_limits: PeerLimits,
    /// SO_MARK.
    pub mark: Nullable<u32>,
}

impl Connector {
    /// The engine's options.
    pub fn parse(self) -> Result<options::Connector> {
        Ok(options::Connector {
            remote: socket_address(&self.remote_address)?,
            peer_name: self.server_name,
            anchors_pem: self.anchors_pem,
            certificate: option(self.certificate).map(Into::into),
            transport: self.transport.parse()?,
            limits: self.peer_limits.into(),
            mark: option(self.mark),
        })
    }
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

/// An integer within the type's range.
pub fn number<T: TryFrom<u64>>(what: &str, value: f64) -> Result<T> {
    let integer = (value.fract() == 0.0 && (0.0..9.1e15).contains(&value)).then_some(value as u64);
    integer.and_then(|integer| T::try_from(integer).ok()).ok_or_else(|| invalid(what, &value.to_string()))
}

/// A number that the embedder chose.
pub fn id(value: f64) -> Result<u32> {
    number("id", value)
}

fn ids(values: &[f64]) -> Result<Vec<u32>> {
    values.iter().copied().map(id).collect()
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
