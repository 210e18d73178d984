//! TLS of the server's connections, which lets go of most of itself once the handshake is over.
//!
//! What a connection still needs then are the secrets of key updates, who the peer is and its transport
//! parameters: a few hundred bytes. The library would keep the whole handshake, about five kilobytes for each
//! connection.

use quic::crypto::rustls::QuicServerConfig;
use quic::crypto::{
    self, ExportKeyingMaterialError, HeaderKey, KeyPair, Keys, PacketKey, ServerConfig, UnsupportedVersion,
};
use quic::transport_parameters::TransportParameters;
use quic::{ConnectionId, Side, TransportError, TransportErrorCode};
use quinn_proto as quic;
use rustls::pki_types::CertificateDer;
use rustls::quic::{KeyChange, Secrets, ServerConnection, Version};
use std::any::Any;
use std::sync::Arc;

/// TLS alert: a message that is not allowed there (RFC 8446 §6.2).
const UNEXPECTED_MESSAGE: u8 = 10;
/// TLS alert: something failed that has nothing to do with the peer (RFC 8446 §6.2).
const INTERNAL_ERROR: u8 = 80;

/// What sessions begin with.
pub struct Tls {
    config: Arc<rustls::ServerConfig>,
    /// Keys that depend on nothing that TLS agrees on.
    initial: QuicServerConfig,
}

impl Tls {
    /// Sessions of `config`; fails without the cipher suite of Initial packets (RFC 9001 §5.2).
    pub fn new(config: rustls::ServerConfig) -> Result<Self, quic::crypto::rustls::NoInitialCipherSuite> {
        let config = Arc::new(config);
        Ok(Self { initial: QuicServerConfig::try_from(config.clone())?, config })
    }

    fn begin(self: Arc<Self>, version: u32, params: &TransportParameters) -> Session {
        let mut own = Vec::new();
        params.write(&mut own);
        let handshake = ServerConnection::new(self.config.clone(), version_of(version), own);
        let phase = match handshake {
            Ok(tls) => Phase::Handshake(Box::new(Handshake { tls, told: false, next: None })),
            // The configuration is no good for QUIC: every handshake fails.
            Err(_) => Phase::Unusable,
        };
        Session { tls: self, version, phase }
    }
}

impl ServerConfig for Tls {
    fn initial_keys(&self, version: u32, dst_cid: &ConnectionId) -> Result<Keys, UnsupportedVersion> {
        self.initial.initial_keys(version, dst_cid)
    }

    fn retry_tag(&self, version: u32, orig_dst_cid: &ConnectionId, packet: &[u8]) -> [u8; 16] {
        self.initial.retry_tag(version, orig_dst_cid, packet)
    }

    fn start_session(
        self: Arc<Self>,
        version: u32,
        params: &TransportParameters,
    ) -> Box<dyn crypto::Session> {
        Box::new(self.begin(version, params))
    }
}

/// Numbers of drafts have other labels (RFC 9001 §5.2); others than these were refused with their first packet.
fn version_of(number: u32) -> Version {
    match number {
        0xff00_001d..=0xff00_0020 => Version::V1Draft,
        _ => Version::V1,
    }
}

struct Handshake {
    tls: ServerConnection,
    /// QUIC was told that name and protocol are known.
    told: bool,
    next: Option<Secrets>,
}

/// What is left of a handshake.
struct Settled {
    next: Secrets,
    leaf: Option<CertificateDer<'static>>,
    /// As they came.
    parameters: Box<[u8]>,
}

enum Phase {
    Handshake(Box<Handshake>),
    Settled(Box<Settled>),
    Unusable,
}

struct Session {
    tls: Arc<Tls>,
    version: u32,
    phase: Phase,
}

impl Session {
    /// Lets go of a handshake that is over.
    fn settle(&mut self) {
        let Phase::Handshake(handshake) = &mut self.phase else { return };
        if handshake.tls.is_handshaking() {
            return;
        }
        let Some(next) = handshake.next.take() else { return };
        let leaf = handshake.tls.peer_certificates().and_then(<[_]>::first);
        let settled = Settled {
            next,
            leaf: leaf.map(|leaf| leaf.clone().into_owned()),
            parameters: handshake.tls.quic_transport_parameters().unwrap_or_default().into(),
        };
        self.phase = Phase::Settled(Box::new(settled));
    }
}

impl crypto::Session for Session {
    fn initial_keys(&self, dst_cid: &ConnectionId, _: Side) -> Keys {
        match self.tls.initial.initial_keys(self.version, dst_cid) {
            Ok(keys) => keys,
            Err(UnsupportedVersion { .. }) => unreachable!("there is no session of an unknown version"),
        }
    }

    fn handshake_data(&self) -> Option<Box<dyn Any>> {
        None
    }

    /// The peer's leaf, a vector of one `CertificateDer`.
    fn peer_identity(&self) -> Option<Box<dyn Any>> {
        let leaf = match &self.phase {
            Phase::Handshake(handshake) => handshake.tls.peer_certificates()?.first()?.clone().into_owned(),
            Phase::Settled(settled) => settled.leaf.clone()?,
            Phase::Unusable => return None,
        };
        Some(Box::new(vec![leaf]))
    }

    fn early_crypto(&self) -> Option<(Box<dyn HeaderKey>, Box<dyn PacketKey>)> {
        // There is no 0-RTT without tickets.
        None
    }

    fn early_data_accepted(&self) -> Option<bool> {
        None
    }

    fn is_handshaking(&self) -> bool {
        match &self.phase {
            Phase::Handshake(handshake) => handshake.tls.is_handshaking(),
            Phase::Settled(_) => false,
            Phase::Unusable => true,
        }
    }

    fn read_handshake(&mut self, buf: &[u8]) -> Result<bool, TransportError> {
        let refusal = |alert: u8, reason: String| TransportError {
            code: TransportErrorCode::crypto(alert),
            frame: None,
            reason,
        };
        let handshake = match &mut self.phase {
            Phase::Handshake(handshake) => handshake,
            // A connector has nothing to say after its Finished: QUIC updates keys without TLS, and nobody asks for
            // another certificate (RFC 9001 §4.4, §6).
            Phase::Settled(_) => return Err(refusal(UNEXPECTED_MESSAGE, "TLS after the handshake".into())),
            Phase::Unusable => return Err(refusal(INTERNAL_ERROR, "TLS is not configured".into())),
        };
        if let Err(error) = handshake.tls.read_hs(buf) {
            return Err(match handshake.tls.alert() {
                Some(alert) => refusal(alert.into(), error.to_string()),
                None => TransportError {
                    code: TransportErrorCode::PROTOCOL_VIOLATION,
                    frame: None,
                    reason: format!("TLS error: {error}"),
                },
            });
        }
        let tls = &handshake.tls;
        let known = tls.alpn_protocol().is_some() || tls.server_name().is_some() || !tls.is_handshaking();
        Ok(known && !std::mem::replace(&mut handshake.told, known))
    }

    fn transport_parameters(&self) -> Result<Option<TransportParameters>, TransportError> {
        let parameters = match &self.phase {
            Phase::Handshake(handshake) => handshake.tls.quic_transport_parameters(),
            Phase::Settled(settled) => Some(&*settled.parameters),
            Phase::Unusable => None,
        };
        let Some(mut parameters) = parameters else { return Ok(None) };
        Ok(Some(TransportParameters::read(Side::Server, &mut parameters)?))
    }

    fn write_handshake(&mut self, buf: &mut Vec<u8>) -> Option<Keys> {
        let Phase::Handshake(handshake) = &mut self.phase else { return None };
        let before = buf.len();
        let Some(change) = handshake.tls.write_hs(buf) else {
            if buf.len() == before {
                self.settle();
            }
            return None;
        };
        let keys = match change {
            KeyChange::Handshake { keys } => keys,
            KeyChange::OneRtt { keys, next } => {
                handshake.next = Some(next);
                keys
            }
        };
        Some(Keys {
            header: KeyPair { local: Box::new(keys.local.header), remote: Box::new(keys.remote.header) },
            packet: KeyPair { local: Box::new(keys.local.packet), remote: Box::new(keys.remote.packet) },
        })
    }

    fn next_1rtt_keys(&mut self) -> Option<KeyPair<Box<dyn PacketKey>>> {
        let secrets = match &mut self.phase {
            Phase::Handshake(handshake) => handshake.next.as_mut()?,
            Phase::Settled(settled) => &mut settled.next,
            Phase::Unusable => return None,
        };
        let keys = secrets.next_packet_keys();
        Some(KeyPair { local: Box::new(keys.local), remote: Box::new(keys.remote) })
    }

    fn is_valid_retry(&self, _: &ConnectionId, _: &[u8], _: &[u8]) -> bool {
        // Servers send Retry packets and receive none.
        false
    }

    fn export_keying_material(
        &self,
        _: &mut [u8],
        _: &[u8],
        _: &[u8],
    ) -> Result<(), ExportKeyingMaterialError> {
        // Nothing here is bound to TLS's secrets.
        Err(ExportKeyingMaterialError)
    }
}

#[cfg(test)]
mod tests;
