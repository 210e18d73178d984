//! TLS for QUIC: post-quantum key agreement first, peer certificates optional, trust that is replaceable.

mod session;

use crate::congestion::{AdaptiveFactory, WatchedFactory};
use crate::error::{Code, Error, Result};
use crate::options::{Certificate, CongestionControl, Connector, Listener, PeerLimits, PeerTrust, Transport};
use aws_lc_rs::{digest, hmac, rand};
use quic::crypto::rustls::QuicClientConfig;
use quinn_proto as quic;
use quinn_proto::congestion::ControllerFactory;
use rustls::DigitallySignedStruct;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, aws_lc_rs as provider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DistinguishedName, RootCertStore, SignatureScheme};
use std::collections::HashSet;
use std::fmt;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

/// SHA-256 of a certificate's DER.
pub fn fingerprint(der: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, der).as_ref());
    out
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn invalid(what: &str, error: impl fmt::Display) -> Error {
    Error::new(Code::InvalidCertificate, format!("{what}: {error}"))
}

fn crypto() -> Arc<CryptoProvider> {
    let mut crypto = provider::default_provider();
    // AES-128-GCM is the fastest where the processor has AES, which is everywhere that matters.
    crypto.cipher_suites = vec![
        provider::cipher_suite::TLS13_AES_128_GCM_SHA256,
        provider::cipher_suite::TLS13_AES_256_GCM_SHA384,
        provider::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256,
    ];
    crypto.kx_groups =
        vec![provider::kx_group::X25519MLKEM768, provider::kx_group::X25519, provider::kx_group::SECP256R1];
    Arc::new(crypto)
}

fn certificates(what: &str, pem: &str) -> Result<Vec<CertificateDer<'static>>> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<std::result::Result<_, _>>()
        .map_err(|e| invalid(what, e))
}

fn identity(certificate: &Certificate) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)> {
    let chain = certificates("certificate chain", &certificate.chain_pem)?;
    if chain.is_empty() {
        return Err(invalid("certificate chain", "no certificate found"));
    }
    for certificate in &chain {
        rustls::server::ParsedCertificate::try_from(certificate)
            .map_err(|e| invalid("certificate chain", e))?;
    }
    let key = PrivateKeyDer::from_pem_slice(certificate.key_pem.as_bytes())
        .map_err(|e| invalid("private key", e))?;
    Ok((chain, key))
}

fn anchors(pem: &str) -> Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    let parsed = certificates("trust anchors", pem)?;
    if parsed.is_empty() && !pem.trim().is_empty() {
        return Err(invalid("trust anchors", "no certificate found"));
    }
    for anchor in parsed {
        roots.add(anchor).map_err(|e| invalid("trust anchor", e))?;
    }
    Ok(roots)
}

/// Lets in nobody's certificate, chains to the anchors, and listed leaves; everything else is a TLS alert.
struct PeerVerifier {
    chains: Option<Arc<dyn ClientCertVerifier>>,
    leaves: HashSet<[u8; 32]>,
    crypto: Arc<CryptoProvider>,
}

impl fmt::Debug for PeerVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeerVerifier").finish_non_exhaustive()
    }
}

impl PeerVerifier {
    fn new(trust: &PeerTrust, crypto: Arc<CryptoProvider>) -> Result<Self> {
        let roots = anchors(&trust.anchors_pem)?;
        let chains = if roots.is_empty() {
            None
        } else {
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), crypto.clone())
                .build()
                .map_err(|e| invalid("trust anchors", e))?;
            Some(verifier)
        };
        let leaves = trust
            .leaf_sha256
            .iter()
            .map(|text| unhex(text).ok_or_else(|| invalid("leaf fingerprint", text)))
            .collect::<Result<_>>()?;
        Ok(Self { chains, leaves, crypto })
    }
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, digits) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(out)
}

impl ClientCertVerifier for PeerVerifier {
    fn offer_client_auth(&self) -> bool {
        true
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> std::result::Result<ClientCertVerified, rustls::Error> {
        if self.leaves.contains(&fingerprint(leaf)) {
            return Ok(ClientCertVerified::assertion());
        }
        match &self.chains {
            Some(chains) => chains.verify_client_cert(leaf, intermediates, now),
            None => Err(CertificateError::UnknownIssuer.into()),
        }
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("QUIC has no TLS 1.2".into()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> std::result::Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(
            message,
            certificate,
            signature,
            &self.crypto.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.crypto.signature_verification_algorithms.supported_schemes()
    }
}

/// A path that shrank is searched again at once: a tunnel cannot stay at 1200 bytes (CIP-1202, CIP-1205).
/// Later there may be nothing left to send, and QUIC has no timer of its own for it.
const BLACK_HOLE_COOLDOWN: Duration = Duration::ZERO;
/// How exactly the path's MTU is found out, bytes: an Ethernet takes three probes, not five as with 20.
/// Their padding, which is read byte by byte, is a good part of what a new connection costs.
const MTU_STEP: u16 = 32;
const ALPN: &[u8] = b"h3";
/// Room for what one batch of UDP packets can carry; it is drained after each batch.
const DATAGRAM_RECEIVE_BUFFER: usize = 8 << 20;
/// Never filled: the worker keeps far less inside QUIC than this.
pub const DATAGRAM_SEND_BUFFER: usize = 4 << 20;
/// Request streams carry capsules only.
const STREAM_WINDOW: u32 = 64 << 10;
/// The three critical streams of HTTP/3, and some that we do not know.
const UNIDIRECTIONAL_STREAMS: u32 = 8;

/// Shorter ones end connections for a moment's silence, longer ones keep the dead.
const IDLE_TIMEOUTS: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(600);

fn transport(options: &Transport, requests: u32) -> Result<Arc<quic::TransportConfig>> {
    let out_of_range = || Error::new(Code::InvalidArgument, "the idle timeout is out of range");
    if !IDLE_TIMEOUTS.contains(&options.idle_timeout) {
        return Err(out_of_range());
    }
    let idle = options.idle_timeout.try_into().map_err(|_| out_of_range())?;
    let mut config = quic::TransportConfig::default();
    config
        .max_idle_timeout(Some(idle))
        .keep_alive_interval(options.keep_alive)
        .max_concurrent_bidi_streams(requests.into())
        .max_concurrent_uni_streams(UNIDIRECTIONAL_STREAMS.into())
        .stream_receive_window(STREAM_WINDOW.into())
        .receive_window((STREAM_WINDOW * 4).into())
        .send_window(u64::from(STREAM_WINDOW) * 4)
        .datagram_receive_buffer_size(Some(DATAGRAM_RECEIVE_BUFFER))
        .datagram_send_buffer_size(DATAGRAM_SEND_BUFFER);
    let mut discovery = quic::MtuDiscoveryConfig::default();
    discovery.black_hole_cooldown(BLACK_HOLE_COOLDOWN).minimum_change(MTU_STEP);
    config.mtu_discovery_config(Some(discovery));
    let controllers: Arc<dyn ControllerFactory + Send + Sync> = match options.congestion_control {
        CongestionControl::Adaptive => Arc::new(AdaptiveFactory),
        CongestionControl::Bbr => Arc::new(quic::congestion::BbrConfig::default()),
        CongestionControl::Cubic => Arc::new(quic::congestion::CubicConfig::default()),
    };
    config.congestion_controller_factory(Arc::new(WatchedFactory(controllers)));
    Ok(Arc::new(config))
}

/// The server's QUIC configuration. Handshakes under way keep the one they began with.
pub fn server_config(listener: &Listener) -> Result<Arc<quic::ServerConfig>> {
    let crypto = crypto();
    let verifier = Arc::new(PeerVerifier::new(&listener.trust, crypto.clone())?);
    let (chain, key) = identity(&listener.certificate)?;
    let mut tls = rustls::ServerConfig::builder_with_provider(crypto)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|e| invalid("TLS 1.3", e))?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .map_err(|e| invalid("certificate", e))?;
    tls.alpn_protocols = vec![ALPN.to_vec()];
    // Without tickets there is no 0-RTT to replay (CIP-116) and no resumption that outlives a revocation.
    tls.send_tls13_tickets = 0;
    let quic_crypto = session::Tls::new(tls).map_err(|e| invalid("TLS for QUIC", e))?;
    let mut config = quic::ServerConfig::with_crypto(Arc::new(quic_crypto));
    config
        .transport_config(transport(&listener.transport, listener.limits.requests_per_connection)?)
        .retry_token_lifetime(Duration::from_secs(15));
    Ok(Arc::new(config))
}

/// The client's QUIC configuration for one connection.
pub fn client_config(connector: &Connector) -> Result<quic::ClientConfig> {
    let roots = anchors(&connector.anchors_pem)?;
    if roots.is_empty() {
        return Err(invalid("trust anchors", "no certificate found"));
    }
    let builder = rustls::ClientConfig::builder_with_provider(crypto())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(|e| invalid("TLS 1.3", e))?
        .with_root_certificates(roots);
    let mut tls = match &connector.certificate {
        Some(certificate) => {
            let (chain, key) = identity(certificate)?;
            builder.with_client_auth_cert(chain, key).map_err(|e| invalid("certificate", e))?
        }
        None => builder.with_no_client_auth(),
    };
    tls.alpn_protocols = vec![ALPN.to_vec()];
    tls.resumption = rustls::client::Resumption::disabled();
    let quic_crypto = QuicClientConfig::try_from(tls).map_err(|e| invalid("TLS for QUIC", e))?;
    let mut config = quic::ClientConfig::new(Arc::new(quic_crypto));
    config.transport_config(transport(&connector.transport, 0)?);
    Ok(config)
}

/// Whether limits are usable at all.
pub fn check_limits(limits: &PeerLimits) -> Result<()> {
    if limits.requests_per_connection == 0 || limits.capsule_bytes < 64 {
        return Err(Error::new(Code::InvalidArgument, "peer limits leave no room for a single request"));
    }
    Ok(())
}

/// A key for stateless resets (RFC 9000 §10.3). Derived from the certificate's key if there is one, so
/// that a restarted server can tell its peers at once that it has forgotten them (§10.3.2 of the same).
pub fn reset_key(identity: Option<&Certificate>) -> Arc<dyn quic::crypto::HmacKey> {
    let mut key = [0; 64];
    match identity {
        Some(certificate) => {
            let secret = hmac::Key::new(hmac::HMAC_SHA512, certificate.key_pem.as_bytes());
            key.copy_from_slice(hmac::sign(&secret, b"masque-vpn stateless reset").as_ref());
        }
        // Without randomness there is no TLS either; the zero key only weakens resets.
        None => drop(rand::fill(&mut key)),
    }
    Arc::new(hmac::Key::new(hmac::HMAC_SHA256, &key))
}
