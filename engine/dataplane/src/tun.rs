//! The TUN device: super-packets in and out through a virtio-net header where the kernel offers them.

use crate::error::{Code, Error, Result};
use crate::options::{self, Without};
use crate::tun_steering::TunSteering;
use std::ffi::CString;
use std::io::{self, IoSlice};
use std::os::fd::{AsRawFd, RawFd};
use std::path::Path;
use std::sync::Arc;
use tun_rs::{DeviceBuilder, SyncDevice};

/// Packets the kernel may hold for us.
const TRANSMIT_QUEUE: u32 = 1000;
/// A virtio-net header and the largest IP packet.
pub const LARGEST_FRAME: usize = masque_packet::vnet::LENGTH + 65536;

/// A worker's part of an open TUN interface, non-blocking: a queue of its own, or the only one.
pub struct Tun {
    device: Arc<dyn AsRawFd + Send + Sync>,
    info: Info,
    /// Packets are read here; without a queue of its own a worker only writes.
    reads: bool,
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
    /// A queue for each worker.
    pub queues: bool,
    /// The kernel can be told which queue a destination belongs in.
    pub steering: bool,
}

impl Tun {
    /// Creates the interface for `workers`, a part for each, in the order of its queues; addresses and state are
    /// for others to set.
    pub fn open(
        options: &options::Tun,
        without: Without,
        workers: usize,
    ) -> Result<(Vec<Self>, Option<TunSteering>)> {
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
        let is_new = !exists(&options.name);
        let built = Self::build_best(options, without, workers > 1 && is_new);
        let device = built.map_err(|e| match e.raw_os_error() {
            Some(libc::EBUSY | libc::EEXIST) => {
                Error::new(Code::TunBusy, format!("the interface {} is in use", options.name))
            }
            // One with several queues, which whoever made it uses.
            Some(libc::EINVAL) if !is_new => Error::new(
                Code::TunBusy,
                format!("the interface {} is in use, or none of this kind", options.name),
            ),
            _ => Error::io(&format!("cannot open TUN {}", options.name), &e),
        })?;
        let fail = |e: io::Error| Error::io("TUN", &e);
        // The ioctl wants CAP_NET_ADMIN in the first user namespace; the kernel's own length does as well.
        let _ = device.set_tx_queue_len(TRANSMIT_QUEUE);
        // Fails where the first is no queue of several, or there are as many as the kernel has.
        let more: io::Result<Vec<_>> = (1..workers).map(|_| device.try_clone()).collect();
        let queues = workers > 1 && more.is_ok();
        let steers = queues && !without.tun_steering;
        let steering = steers.then(|| TunSteering::attach(&device).ok()).flatten();
        let info = Info {
            name: device.name().map_err(fail)?,
            index: device.if_index().map_err(fail)?,
            vnet_header: device.tcp_gso(),
            tcp: device.tcp_gso(),
            udp: device.udp_gso() && !without.tun_udp,
            queues,
            steering: steering.is_some(),
        };
        let mut devices = vec![Arc::new(device)];
        devices.extend(more.unwrap_or_default().into_iter().map(Arc::new));
        for device in &devices {
            device.set_nonblocking(true).map_err(fail)?;
        }
        let only = devices[0].clone();
        devices.resize(workers.max(1), only);
        let part = |(worker, device): (usize, Arc<SyncDevice>)| Self {
            device,
            info: info.clone(),
            reads: queues || worker == 0,
        };
        let tuns: Vec<_> = devices.into_iter().enumerate().map(part).collect();
        if without.tun_udp && info.tcp {
            // After the last queue: each asks for it again, for the whole device.
            tuns[0].refuse_udp().map_err(fail)?;
        }
        Ok((tuns, steering))
    }

    /// Takes something non-blocking that reads and writes frames one by one, as a TUN does.
    #[cfg(test)]
    pub fn adopt(device: std::os::fd::OwnedFd, info: Info) -> Self {
        Self { device: Arc::new(device), info, reads: true }
    }

    /// Whether packets are read here.
    pub fn reads(&self) -> bool {
        self.reads
    }

    /// The device with as much as the kernel gives: super-packets, and `several` queues. Nobody asks for those of
    /// an interface that is there already: they would be added to those of whoever uses it, without an error.
    fn build_best(options: &options::Tun, without: Without, several: bool) -> io::Result<SyncDevice> {
        let offload = options.offload && !without.tun_tcp;
        let queues = several && !without.tun_queues;
        let mut built = Self::build(options, offload, queues);
        for (offload, queues) in [(offload, false), (false, queues), (false, false)] {
            match &built {
                Err(e) if e.raw_os_error() == Some(libc::EINVAL) => {
                    built = Self::build(options, offload, queues);
                }
                _ => break,
            }
        }
        built
    }

    /// No UDP super-packets from the kernel.
    fn refuse_udp(&self) -> io::Result<()> {
        let offloads = libc::c_ulong::from(libc::TUN_F_CSUM | libc::TUN_F_TSO4 | libc::TUN_F_TSO6);
        // SAFETY: TUNSETOFFLOAD takes its flags by value, as wide as a pointer: ioctl reads that much.
        let result = unsafe { libc::ioctl(self.as_raw_fd(), libc::TUNSETOFFLOAD as _, offloads) };
        if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    fn build(options: &options::Tun, offload: bool, queues: bool) -> io::Result<SyncDevice> {
        DeviceBuilder::new()
            .name(options.name.as_str())
            .mtu(options.mtu)
            .enable(false)
            .with(|linux| {
                linux.offload(offload).multi_queue(queues);
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

/// Whether this network namespace has an interface of that name.
fn exists(name: &str) -> bool {
    // SAFETY: the string ends with a zero byte and lives through the call.
    CString::new(name).is_ok_and(|name| unsafe { libc::if_nametoindex(name.as_ptr()) } != 0)
}
