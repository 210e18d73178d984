//! Sessions beside the library's connector, without packets.

use super::*;
use quic::crypto::rustls::QuicClientConfig;
use quic::crypto::{ClientConfig, Session as _};
use rustls::RootCertStore;
use rustls::pki_types::PrivateKeyDer;

const VERSION: u32 = 1;

/// Both ends after a handshake; the connector shows its certificate.
struct Ends {
    connector: Box<dyn crypto::Session>,
    server: Session,
    /// Of the last packets' keys.
    keys: Option<(Keys, Keys)>,
}

fn identity() -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("certificate");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    (made.cert.der().clone(), key)
}

fn begin(leaf: &CertificateDer<'static>, key: PrivateKeyDer<'static>) -> Ends {
    let mut roots = RootCertStore::empty();
    roots.add(leaf.clone()).expect("an anchor");
    let verifier = rustls::server::WebPkiClientVerifier::builder_with_provider(
        Arc::new(roots.clone()),
        super::super::crypto(),
    );
    let mut server = rustls::ServerConfig::builder_with_provider(super::super::crypto())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_client_cert_verifier(verifier.build().expect("a verifier"))
        .with_single_cert(vec![leaf.clone()], key.clone_key())
        .expect("a server");
    server.send_tls13_tickets = 0;
    server.alpn_protocols = vec![b"h3".to_vec()];
    let mut connector = rustls::ClientConfig::builder_with_provider(super::super::crypto())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .with_root_certificates(roots)
        .with_client_auth_cert(vec![leaf.clone()], key)
        .expect("a connector");
    connector.alpn_protocols = vec![b"h3".to_vec()];
    let connector = Arc::new(QuicClientConfig::try_from(connector).expect("a suite"));
    let parameters = TransportParameters::read(Side::Server, &mut [].as_slice()).expect("none is fine");
    Ends {
        connector: connector.start_session(VERSION, "localhost", &parameters).expect("a connector"),
        server: Arc::new(Tls::new(server).expect("a suite")).begin(VERSION, &parameters),
        keys: None,
    }
}

/// What one end says up to its next keys; the keys.
fn speak(from: &mut dyn crypto::Session) -> (Vec<u8>, Option<Keys>) {
    let mut said = Vec::new();
    let keys = from.write_handshake(&mut said);
    (said, keys)
}

fn shaken() -> (Ends, CertificateDer<'static>) {
    let (leaf, key) = identity();
    let mut ends = begin(&leaf, key);
    let mut last = (None, None);
    while ends.connector.is_handshaking() || ends.server.is_handshaking() {
        for round in [true, false] {
            let (connector, server): (&mut dyn crypto::Session, &mut dyn crypto::Session) =
                (&mut *ends.connector, &mut ends.server);
            let (from, to, kept) = match round {
                true => (connector, server, &mut last.0),
                false => (server, connector, &mut last.1),
            };
            loop {
                let (said, keys) = speak(from);
                let more = !said.is_empty() || keys.is_some();
                if let Some(keys) = keys {
                    *kept = Some(keys);
                }
                if !said.is_empty() {
                    to.read_handshake(&said).expect("understood");
                }
                if !more {
                    break;
                }
            }
        }
    }
    // As QUIC does after each packet.
    assert!(speak(&mut ends.server).1.is_none());
    ends.keys = last.0.zip(last.1);
    (ends, leaf)
}

fn carries(from: &dyn PacketKey, to: &dyn PacketKey) -> bool {
    let mut packet = [b"head".as_slice(), b"words", &[0; 16]].concat();
    from.encrypt(7, &mut packet, 4);
    let mut payload = bytes::BytesMut::from(&packet[4..]);
    to.decrypt(7, &packet[..4], &mut payload).is_ok() && payload == b"words"[..]
}

#[test]
fn a_handshake_agrees_on_keys_with_the_librarys_connector() {
    let (ends, _) = shaken();
    let (connector, server) = ends.keys.expect("keys of both ends");
    assert!(carries(&*connector.packet.local, &*server.packet.remote));
    assert!(carries(&*server.packet.local, &*connector.packet.remote));
}

#[test]
fn keys_can_be_updated_again_and_again_after_the_handshake_was_let_go() {
    let (mut ends, _) = shaken();
    for _ in 0..3 {
        let connector = ends.connector.next_1rtt_keys().expect("keys");
        let server = ends.server.next_1rtt_keys().expect("keys");
        assert!(carries(&*connector.local, &*server.remote));
        assert!(carries(&*server.local, &*connector.remote));
    }
}

#[test]
fn who_the_peer_is_and_what_it_asked_for_outlive_the_handshake() {
    let (ends, leaf) = shaken();
    let identity = ends.server.peer_identity().expect("an identity");
    let chain = identity.downcast::<Vec<CertificateDer<'static>>>().expect("certificates");
    assert_eq!(*chain, [leaf]);
    assert!(ends.server.transport_parameters().expect("well-formed").is_some());
}

#[test]
fn words_of_tls_after_the_handshake_are_refused_as_unexpected() {
    let (mut ends, _) = shaken();
    // A KeyUpdate, which QUIC does not know (RFC 9001 §6).
    let error = ends.server.read_handshake(&[24, 0, 0, 1, 0]).expect_err("refused");
    assert_eq!(error.code, TransportErrorCode::crypto(UNEXPECTED_MESSAGE));
}

#[test]
fn a_handshake_that_is_over_is_let_go() {
    let (ends, _) = shaken();
    assert!(matches!(ends.server.phase, Phase::Settled(_)));
}
