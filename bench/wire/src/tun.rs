use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// A TUN device that lives as long as this value.
pub struct Tun(OwnedFd);

impl Tun {
    /// Makes the device in a namespace of `ip netns`; addresses and state are the caller's business.
    /// Needs CAP_NET_ADMIN and CAP_SYS_ADMIN.
    pub fn open(namespace: &str, name: &str) -> io::Result<Self> {
        let home = File::open("/proc/thread-self/ns/net")?;
        enter(&File::open(format!("/run/netns/{namespace}"))?)?;
        let device = create(name);
        enter(&home)?;
        device.map(Self)
    }

    /// The next packet; `None` when there is none now.
    pub fn read(&self, buffer: &mut [u8]) -> Option<usize> {
        // SAFETY: the buffer is valid and writable for its whole length.
        let count = unsafe { libc::read(self.0.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len()) };
        usize::try_from(count).ok().filter(|count| *count > 0)
    }

    /// Hands a packet to the kernel; what it does not take is lost, as on a wire.
    pub fn write(&self, packet: &[u8]) {
        // SAFETY: the packet is valid for its whole length.
        unsafe { libc::write(self.0.as_raw_fd(), packet.as_ptr().cast(), packet.len()) };
    }

    pub fn poll_entry(&self) -> libc::pollfd {
        libc::pollfd { fd: self.0.as_raw_fd(), events: libc::POLLIN, revents: 0 }
    }
}

fn enter(namespace: &File) -> io::Result<()> {
    // SAFETY: the descriptor is open for as long as `namespace` is borrowed.
    match unsafe { libc::setns(namespace.as_raw_fd(), libc::CLONE_NEWNET) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

fn create(name: &str) -> io::Result<OwnedFd> {
    // SAFETY: the path is NUL-terminated.
    let fd =
        unsafe { libc::open(c"/dev/net/tun".as_ptr(), libc::O_RDWR | libc::O_NONBLOCK | libc::O_CLOEXEC) };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the descriptor is open and nobody else has it.
    let device = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: zeroes are a valid value of this C structure.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    if name.is_empty() || name.len() >= libc::IFNAMSIZ {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *to = from as libc::c_char;
    }
    request.ifr_ifru.ifru_flags = (libc::IFF_TUN | libc::IFF_NO_PI) as libc::c_short;
    // SAFETY: the request is valid and outlives the call.
    match unsafe { libc::ioctl(device.as_raw_fd(), libc::TUNSETIFF, &request) } {
        0 => Ok(device),
        _ => Err(io::Error::last_os_error()),
    }
}
