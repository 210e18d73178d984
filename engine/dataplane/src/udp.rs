//! The UDP socket of a worker: big buffers, GSO and GRO, no fragmentation, one family or both.

use crate::error::{Code, Error, Result};
use crate::options::Without;
use crate::slabs::InitializedSlabs;
use crate::steering;
use bytes::BytesMut;
use quinn_udp as udp;
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6, UdpSocket};
use std::os::fd::{AsRawFd, RawFd};

/// Room for several milliseconds of traffic at full speed.
const SOCKET_BUFFER: usize = 4 << 20;
/// The largest UDP payload, and so the largest result of GRO.
const LARGEST_RECEIVE: usize = 65536;

/// A bound, non-blocking UDP socket.
pub struct Udp {
    socket: UdpSocket,
    state: udp::UdpSocketState,
    dual_stack: bool,
    without: Without,
    /// The kernel hands over many datagrams at once.
    coalesces: bool,
    /// The kernel knows which datagrams belong to this worker.
    steered: bool,
    slabs: InitializedSlabs,
}

/// Datagrams of equal size from one peer, as one receive call returned them.
pub struct Received {
    /// All datagrams back to back.
    pub data: BytesMut,
    /// Size of each but the last.
    pub stride: usize,
    /// Who sent them.
    pub remote: SocketAddr,
    /// Which of our addresses they were sent to.
    pub local: Option<IpAddr>,
    /// Outer ECN bits.
    pub ecn: Option<quinn_proto::EcnCodepoint>,
}

/// What became of a transmission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The kernel has it, or it is lost the way packets get lost.
    Done,
    /// The socket's buffer is full: offer it again when writable.
    Blocked,
    /// The kernel refused it for another reason.
    Failed,
}

impl Udp {
    /// Binds `address`; an IPv6 wildcard takes IPv4 too. `mark` needs CAP_NET_ADMIN.
    pub fn bind(address: SocketAddr, mark: Option<u32>, without: Without) -> Result<Self> {
        Self::bind_beside(address, mark, without, false)
    }

    /// `beside` others of this process that are bound to the same address.
    fn bind_beside(address: SocketAddr, mark: Option<u32>, without: Without, beside: bool) -> Result<Self> {
        let fail = |what: &str| {
            let what = format!("{what} {address}");
            move |e: io::Error| Error::io(&what, &e)
        };
        let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))
            .map_err(fail("UDP socket for"))?;
        let dual_stack = matches!(address.ip(), IpAddr::V6(ip) if ip.is_unspecified());
        if address.is_ipv6() {
            socket.set_only_v6(!dual_stack).map_err(fail("IPV6_V6ONLY on"))?;
        }
        if beside {
            socket.set_reuse_port(true).map_err(fail("SO_REUSEPORT on"))?;
        }
        socket.bind(&address.into()).map_err(fail("cannot bind UDP"))?;
        grow_buffers(&socket);
        let state = udp::UdpSocketState::new((&socket).into()).map_err(fail("UDP options on"))?;
        // On already where the kernel knows it; older ones refuse.
        let wanted = libc::c_int::from(!without.udp_coalescing);
        let coalesces = set_option(&socket, libc::SOL_UDP, libc::UDP_GRO, wanted).is_ok() && wanted == 1;
        let (socket, slabs) = (socket.into(), InitializedSlabs::default());
        let udp = Self { state, socket, dual_stack, without, coalesces, steered: false, slabs };
        udp.set_mark(mark)?;
        Ok(udp)
    }

    /// Sockets of several workers for peers to find, all with one address. The kernel chooses by connection id
    /// if it can, else by anything; see [`steering`].
    pub fn bind_listeners(address: SocketAddr, without: Without, workers: usize) -> Result<Vec<Self>> {
        let first = Self::bind_listener(address, without)?;
        if workers <= 1 {
            return Ok(vec![first]);
        }
        // Shared only now: the address of another process would have been refused, as with one socket.
        let socket = socket2::SockRef::from(&first.socket);
        socket.set_reuse_port(true).map_err(|e| Error::io("SO_REUSEPORT", &e))?;
        let bound = first.socket.local_addr().map_err(|e| Error::io("getsockname", &e))?;
        let mut all = vec![first];
        for _ in 1..workers {
            all.push(Self::bind_beside(bound, None, without, true)?);
        }
        let steered = !without.udp_steering && attach_steering(&all[0].socket, workers).is_ok();
        all.iter_mut().for_each(|udp| udp.steered = steered);
        Ok(all)
    }

    /// Whether the kernel gives this socket the datagrams that belong to it.
    pub fn steered(&self) -> bool {
        self.steered
    }

    /// A socket for peers to find; the IPv6 wildcard means all addresses, also on a host without IPv6.
    pub fn bind_listener(address: SocketAddr, without: Without) -> Result<Self> {
        let any = address.is_ipv6() && address.ip().is_unspecified();
        match Self::bind(address, None, without) {
            Err(e) if any && e.code == Code::AddressUnavailable => {
                Self::bind((Ipv4Addr::UNSPECIFIED, address.port()).into(), None, without)
            }
            bound => bound,
        }
    }

    /// A socket that can reach `remote`, both families if the host has IPv6.
    pub fn bind_for(remote: SocketAddr, mark: Option<u32>, without: Without) -> Result<Self> {
        match Self::bind((Ipv6Addr::UNSPECIFIED, 0).into(), mark, without) {
            Err(e) if remote.is_ipv4() && e.code == Code::AddressUnavailable => {
                Self::bind((Ipv4Addr::UNSPECIFIED, 0).into(), mark, without)
            }
            bound => bound,
        }
    }

    /// Marks what is sent from now on.
    pub fn set_mark(&self, mark: Option<u32>) -> Result<()> {
        match mark {
            Some(mark) => {
                socket2::SockRef::from(&self.socket).set_mark(mark).map_err(|e| Error::io("SO_MARK", &e))
            }
            None => Ok(()),
        }
    }

    /// The address bound.
    pub fn local_address(&self) -> Result<SocketAddr> {
        self.socket.local_addr().map(unmapped).map_err(|e| Error::io("getsockname", &e))
    }

    /// `address` as this socket wants it: IPv4 mapped into IPv6 on a dual-stack socket.
    pub fn mapped(&self, address: SocketAddr) -> SocketAddr {
        match address {
            SocketAddr::V4(v4) if self.dual_stack => {
                SocketAddr::V6(SocketAddrV6::new(v4.ip().to_ipv6_mapped(), v4.port(), 0, 0))
            }
            other => other,
        }
    }

    /// Whether the kernel might fragment what we send, which rules MTU discovery out.
    pub fn may_fragment(&self) -> bool {
        self.state.may_fragment()
    }

    /// Datagrams that one send call takes; 1 without segmentation.
    pub fn max_segments(&self) -> usize {
        if self.without.udp_segmentation { 1 } else { self.state.max_gso_segments() }
    }

    /// Whether one receive call may return many datagrams.
    pub fn coalesces(&self) -> bool {
        self.coalesces
    }

    /// Receives once; `None` when there is nothing.
    pub fn receive(&mut self) -> io::Result<Option<Received>> {
        let room = self.slabs.room(LARGEST_RECEIVE);
        let mut meta = [udp::RecvMeta::default()];
        match self.state.recv((&self.socket).into(), &mut [IoSliceMut::new(room)], &mut meta) {
            Ok(_) => {}
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(e) => return Err(e),
        }
        let [meta] = meta;
        Ok(Some(Received {
            data: self.slabs.take(meta.len),
            stride: meta.stride.max(1),
            remote: meta.addr,
            local: meta.dst_ip,
            ecn: meta.ecn.and_then(|ecn| quinn_proto::EcnCodepoint::from_bits(ecn as u8)),
        }))
    }

    /// Sends what `poll_transmit` produced.
    pub fn send(&mut self, transmit: &quinn_proto::Transmit, contents: &[u8]) -> Sent {
        let transmit = udp::Transmit {
            destination: transmit.destination,
            ecn: transmit.ecn.and_then(|ecn| udp::EcnCodepoint::from_bits(ecn as u8)),
            contents,
            segment_size: transmit.segment_size,
            src_ip: transmit.src_ip,
        };
        match (self.try_send(&transmit), transmit.segment_size) {
            (Err(libc::EMSGSIZE | libc::EINVAL | libc::EIO), Some(size)) => self.send_singly(&transmit, size),
            (result, _) => outcome(result),
        }
    }

    fn try_send(&self, transmit: &udp::Transmit<'_>) -> std::result::Result<(), libc::c_int> {
        let result = self.state.try_send((&self.socket).into(), transmit);
        result.map_err(|e| e.raw_os_error().unwrap_or_default())
    }

    /// One by one what the kernel would not cut. The device may not be able to, which QUIC's socket takes
    /// for final; or its MTU has become too small, for which old kernels have the same error.
    fn send_singly(&mut self, transmit: &udp::Transmit<'_>, size: usize) -> Sent {
        let datagrams = transmit.contents.chunks(size);
        let results = datagrams.map(|contents| {
            self.try_send(&udp::Transmit { contents, segment_size: None, ..transmit.clone() })
        });
        let results: Vec<_> = results.collect();
        let segments = self.state.max_gso_segments();
        if segments == 1 && results.contains(&Err(libc::EMSGSIZE)) {
            // It was the size: a fresh state tries segmentation again.
            if let Ok(state) = udp::UdpSocketState::new((&self.socket).into()) {
                self.state = state;
            }
        }
        // What did not fit into the socket's buffer is lost, as packets may be.
        let lost = |result: &std::result::Result<(), libc::c_int>| outcome(*result) == Sent::Failed;
        if results.iter().any(lost) { Sent::Failed } else { Sent::Done }
    }
}

impl AsRawFd for Udp {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

/// What an error of a single send means.
fn outcome(result: std::result::Result<(), libc::c_int>) -> Sent {
    match result {
        Ok(()) => Sent::Done,
        Err(libc::EWOULDBLOCK) => Sent::Blocked,
        // A probe for a larger path MTU met the interface's own: lost, as probes may be.
        Err(libc::EMSGSIZE) => Sent::Done,
        Err(_) => Sent::Failed,
    }
}

/// IPv4 addresses as such, not mapped into IPv6: the form that people know.
pub fn unmapped(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// The FORCE variants pass the host's limit but need CAP_NET_ADMIN in the first user namespace;
/// the plain ones take what the limit allows.
fn grow_buffers(socket: &Socket) {
    let size = SOCKET_BUFFER as libc::c_int;
    for (force, plain) in [
        (libc::SO_RCVBUFFORCE, Socket::set_recv_buffer_size as fn(&Socket, usize) -> io::Result<()>),
        (libc::SO_SNDBUFFORCE, Socket::set_send_buffer_size),
    ] {
        if set_option(socket, libc::SOL_SOCKET, force, size).is_err() {
            // Clamped by the kernel, or refused: a smaller buffer works, only slower.
            let _smaller = plain(socket, SOCKET_BUFFER);
        }
    }
}

/// Gives the program to all sockets that share their address with `socket`.
fn attach_steering(socket: &UdpSocket, workers: usize) -> io::Result<()> {
    let mut program = steering::program(workers);
    let filter = libc::sock_fprog { len: program.len() as libc::c_ushort, filter: program.as_mut_ptr() };
    // SAFETY: `filter` and the program that it points to live through the call, which copies them.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_ATTACH_REUSEPORT_CBPF,
            (&raw const filter).cast(),
            size_of::<libc::sock_fprog>() as libc::socklen_t,
        )
    };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn set_option(socket: &Socket, level: libc::c_int, name: libc::c_int, value: libc::c_int) -> io::Result<()> {
    let length = size_of::<libc::c_int>() as libc::socklen_t;
    // SAFETY: `value` is a valid int for the length of the call.
    let result =
        unsafe { libc::setsockopt(socket.as_raw_fd(), level, name, (&raw const value).cast(), length) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
