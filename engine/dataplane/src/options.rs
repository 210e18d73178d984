//! What the embedder asks for, as plain data.

use std::net::SocketAddr;
use std::time::Duration;

/// A certificate chain, leaf first, and its key, as PEM text.
#[derive(Clone)]
pub struct Certificate {
    /// PEM certificates.
    pub chain_pem: String,
    /// PEM private key.
    pub key_pem: String,
}

/// Which peer certificates TLS lets in.
#[derive(Clone, Default)]
pub struct PeerTrust {
    /// PEM certificates; may be empty.
    pub anchors_pem: String,
    /// SHA-256 of leaf certificates that pass whatever their issuer, lower-case hex.
    pub leaf_sha256: Vec<String>,
}

/// What limits the sending rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CongestionControl {
    /// Our own: a model of the path that shares fairly (`congestion`).
    Adaptive,
    /// The library's model of the path: bears random loss, starves others.
    Bbr,
    /// Loss based.
    Cubic,
}

/// QUIC settings.
#[derive(Clone, Debug)]
pub struct Transport {
    /// RFC 9000 §10.1.
    pub idle_timeout: Duration,
    /// PING interval.
    pub keep_alive: Option<Duration>,
    /// See [`CongestionControl`].
    pub congestion_control: CongestionControl,
}

/// Bounds on what one peer can make us hold.
#[derive(Clone, Debug)]
pub struct PeerLimits {
    /// Concurrent request streams of one connection.
    pub requests_per_connection: u32,
    /// Value bytes of the largest control capsule.
    pub capsule_bytes: usize,
    /// Control capsules a second, each stream.
    pub capsules_per_second: u32,
    /// Control capsules at once, each stream.
    pub capsule_burst: u32,
}

/// Accepting connections.
#[derive(Clone)]
pub struct Listener {
    /// UDP address to bind.
    pub address: SocketAddr,
    /// Shown to peers.
    pub certificate: Certificate,
    /// Whom to let in.
    pub trust: PeerTrust,
    /// QUIC settings.
    pub transport: Transport,
    /// Bounds for each peer.
    pub limits: PeerLimits,
    /// Connections at once.
    pub max_connections: usize,
    /// Half-open handshakes above which Retry is demanded.
    pub retry_above_handshakes: usize,
    /// How long a connection may live without an accepted session.
    pub unauthenticated: Duration,
}

/// Opening one connection.
#[derive(Clone)]
pub struct Connector {
    /// UDP address of the peer.
    pub remote: SocketAddr,
    /// Name its certificate must carry.
    pub peer_name: String,
    /// PEM trust anchors for it.
    pub anchors_pem: String,
    /// Shown to the peer, if it asks.
    pub certificate: Option<Certificate>,
    /// QUIC settings.
    pub transport: Transport,
    /// Bounds for the peer.
    pub limits: PeerLimits,
    /// SO_MARK.
    pub mark: Option<u32>,
}

/// Offloads to do without although the host has them: for tests, and for hosts where they are broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Without {
    /// Many UDP datagrams in one send call (UDP_SEGMENT).
    pub udp_segmentation: bool,
    /// Many UDP datagrams in one receive call (UDP_GRO).
    pub udp_coalescing: bool,
    /// TCP super-packets, and with them the virtio-net header and the next.
    pub tun_tcp: bool,
    /// UDP super-packets.
    pub tun_udp: bool,
    /// The kernel's giving each datagram to the worker that it belongs to (SO_ATTACH_REUSEPORT_CBPF).
    pub udp_steering: bool,
    /// A queue of the TUN for each worker (IFF_MULTI_QUEUE).
    pub tun_queues: bool,
    /// The kernel's putting each packet in the queue of the worker that it belongs to (TUNSETSTEERINGEBPF).
    pub tun_steering: bool,
}

/// The most workers that an engine may have.
pub const MOST_WORKERS: usize = 64;

/// Opening the TUN.
#[derive(Clone, Debug)]
pub struct Tun {
    /// Interface name.
    pub name: String,
    /// Largest inner packet, bytes.
    pub mtu: u16,
    /// Ask for TSO and USO.
    pub offload: bool,
    /// Stop reading while a session's queue is full, instead of dropping.
    pub backpressure: bool,
}

/// Which end of a tunnel we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The peer sends from the assigned addresses to the routes.
    Proxy,
    /// We asked for the tunnel and send from the assigned addresses to the routes.
    Requester,
}

/// An inclusive address range for one IP protocol; 0 is every protocol.
#[derive(Clone, Copy, Debug)]
pub struct RouteRange {
    /// First address.
    pub start: std::net::IpAddr,
    /// Last address, same family.
    pub end: std::net::IpAddr,
    /// IP protocol number.
    pub protocol: u8,
}

/// Forwarding state of one session, uncompiled.
#[derive(Clone, Debug)]
pub struct Forwarding {
    /// Which end we are.
    pub end: End,
    /// Addresses and prefix lengths.
    pub assigned: Vec<(std::net::IpAddr, u8)>,
    /// Advertised routes.
    pub routes: Vec<RouteRange>,
    /// Where other peers live: nothing is reachable there but our own addresses (CIP-1016).
    pub peers: Vec<(std::net::IpAddr, u8)>,
    /// As `assigned`, for the networks behind the end that asked for the tunnel.
    pub behind: Vec<(std::net::IpAddr, u8)>,
    /// What flows are judged by, at the proxy's end; `None` judges none.
    pub access: Option<Access>,
    /// Source of ICMP errors, IPv4.
    pub own_ipv4: Option<std::net::Ipv4Addr>,
    /// Source of ICMP errors, IPv6.
    pub own_ipv6: Option<std::net::Ipv6Addr>,
}

/// How a session's flows are judged and limited, by numbers that the embedder chose.
#[derive(Clone, Debug)]
pub struct Access {
    /// Rule set.
    pub rules: u32,
    /// What the rules of other sessions know it by.
    pub labels: Vec<u32>,
    /// Meters for packets from the peer.
    pub from_peer: Vec<u32>,
    /// Meters for packets to the peer.
    pub to_peer: Vec<u32>,
}
