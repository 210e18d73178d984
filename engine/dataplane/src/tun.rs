//! The TUN device: super-packets in and out through a virtio-net header where the kernel offers them.

use crate::error::{Code, Error, Result};
use crate::options::{self, Without};
use std::io::{self, IoSlice};
use std::os::fd::{AsRawFd, RawFd};
use std::path::Path;
use tun_rs::{DeviceBuilder, SyncDevice};

/// Packets the kernel may hold for us.
const TRANSMIT_QUEUE: u32 = 1000;
/// A virtio-net header and the largest IP packet.
pub const LARGEST_FRAME: usize = masque_packet::vnet::LENGTH + 65536;

/// An open TUN interface, non-blocking.
pub struct Tun {
    device: SyncDevice,
    info: Info,
}

/// What the kernel gave us.
#[derive(Clone, Debug)]
pub struct Info {
    /// Interface name.
    pub name: String,
    /// Interface index.
    pub index: u32,
    /// Frames begin with a virtio-net header.
    pub vnet_header: bool,
    /// TCP super-packets.
    pub tcp: bool,
    /// UDP super-packets.
    pub udp: bool,
}

impl Tun {
    /// Creates the interface; addresses and state are for others to set.
    pub fn open(options: &options::Tun, without: Without) -> Result<Self> {
        if options.name.is_empty() || options.name.len() >= libc::IFNAMSIZ {
            return Err(Error::new(
                Code::InvalidArgument,
                format!("{:?} is no interface name of 1 to 15 bytes", options.name),
            ));
        }
        if !Path::new("/dev/net/tun").exists() {
            return Err(Error::new(
                Code::TunMissing,
                "/dev/net/tun does not exist; load the module with `modprobe tun`",
            ));
        }
        let offload = options.offload && !without.tun_tcp;
        let device = match Self::build(options, offload) {
            Err(e) if offload && e.raw_os_error() == Some(libc::EINVAL) => Self::build(options, false),
            built => built,
        };
        let device = device.map_err(|e| match e.raw_os_error() {
            Some(libc::EBUSY | libc::EEXIST) => {
                Error::new(Code::TunBusy, format!("the interface {} is in use", options.name))
            }
            _ => Error::io(&format!("cannot open TUN {}", options.name), &e),
        })?;
        let fail = |e: io::Error| Error::io("TUN", &e);
        device.set_nonblocking(true).map_err(fail)?;
        // The ioctl wants CAP_NET_ADMIN in the first user namespace; the kernel's own length does as well.
        let _ = device.set_tx_queue_len(TRANSMIT_QUEUE);
        let info = Info {
            name: device.name().map_err(fail)?,
            index: device.if_index().map_err(fail)?,
            vnet_header: device.tcp_gso(),
            tcp: device.tcp_gso(),
            udp: device.udp_gso() && !without.tun_udp,
        };
        let tun = Self { device, info };
        if without.tun_udp && tun.info.tcp {
            tun.refuse_udp().map_err(fail)?;
        }
        Ok(tun)
    }

    /// No UDP super-packets from the kernel.
    fn refuse_udp(&self) -> io::Result<()> {
        let offloads = libc::TUN_F_CSUM | libc::TUN_F_TSO4 | libc::TUN_F_TSO6;
        // SAFETY: TUNSETOFFLOAD takes its flags by value.
        let result = unsafe { libc::ioctl(self.as_raw_fd(), libc::TUNSETOFFLOAD as _, offloads) };
        if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    fn build(options: &options::Tun, offload: bool) -> io::Result<SyncDevice> {
        DeviceBuilder::new()
            .name(options.name.as_str())
            .mtu(options.mtu)
            .enable(false)
            .with(|linux| {
                linux.offload(offload);
            })
            .build_sync()
    }

    /// What the kernel gave us.
    pub fn info(&self) -> &Info {
        &self.info
    }

    /// Reads one frame into `buffer`; `None` when there is nothing.
    pub fn read(&self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        // SAFETY: the kernel writes at most `buffer.len()` bytes to valid memory.
        let n = unsafe { libc::read(self.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len()) };
        match usize::try_from(n) {
            Ok(n) => Ok(Some(n)),
            Err(_) => match io::Error::last_os_error() {
                e if e.kind() == io::ErrorKind::WouldBlock => Ok(None),
                e => Err(e),
            },
        }
    }

    /// Writes one frame, header and payload pieces together.
    pub fn write(&self, pieces: &[IoSlice<'_>]) -> io::Result<()> {
        // SAFETY: IoSlice is guaranteed to be an iovec, and the memory it points to is borrowed.
        let n =
            unsafe { libc::writev(self.as_raw_fd(), pieces.as_ptr().cast(), pieces.len() as libc::c_int) };
        if n < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }
}

impl AsRawFd for Tun {
    fn as_raw_fd(&self) -> RawFd {
        self.device.as_raw_fd()
    }
}
