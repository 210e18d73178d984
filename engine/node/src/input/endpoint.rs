//! `ListenerOptions`, `ConnectorOptions` and their conversion.

use super::{Nullable, invalid, option};
use masque_dataplane::error::Result;
use masque_dataplane::options;
use napi_derive::napi;
use std::net::SocketAddr;
use std::time::Duration;

fn milliseconds(value: f64) -> Duration {
    Duration::from_millis(value.max(0.0) as u64)
}

fn socket_address(text: &str) -> Result<SocketAddr> {
    text.parse().map_err(|_| invalid("UDP address", text))
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
