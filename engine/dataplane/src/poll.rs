//! Waiting for sockets, the TUN and commands: epoll with nanosecond time-outs, and an eventfd to be woken by.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::time::Duration;

/// What a descriptor is ready for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// Ready to be read.
    pub readable: bool,
    /// Ready to be written.
    pub writable: bool,
}

/// A level-triggered epoll set that remembers what its last wait found.
pub struct Poll {
    epoll: OwnedFd,
    registered: Vec<(RawFd, Interest)>,
    found: [libc::epoll_event; EVENTS],
    /// How many of `found` are of the last wait.
    count: usize,
}

/// What one wait can find: a socket, the TUN and the waker are all there is.
const EVENTS: usize = 8;

impl Poll {
    /// An empty set.
    pub fn new() -> io::Result<Self> {
        // SAFETY: no pointers are passed; the result is checked before it is owned.
        let fd = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: `fd` was just returned by epoll_create1 and nobody else owns it.
        let epoll = unsafe { OwnedFd::from_raw_fd(fd) };
        let nothing = libc::epoll_event { events: 0, u64: 0 };
        Ok(Self { epoll, registered: Vec::new(), found: [nothing; EVENTS], count: 0 })
    }

    /// Adds `fd` or changes what it is watched for; calls the kernel only on a change.
    pub fn watch(&mut self, fd: RawFd, interest: Interest) -> io::Result<()> {
        let known = self.registered.iter_mut().find(|(f, _)| *f == fd);
        let operation = match &known {
            Some((_, now)) if *now == interest => return Ok(()),
            Some(_) => libc::EPOLL_CTL_MOD,
            None => libc::EPOLL_CTL_ADD,
        };
        let mut events = 0;
        if interest.readable {
            events |= libc::EPOLLIN;
        }
        if interest.writable {
            events |= libc::EPOLLOUT;
        }
        let mut event = libc::epoll_event { events: events as u32, u64: fd as u64 };
        // SAFETY: `event` is a valid epoll_event for the length of the call.
        let result = unsafe { libc::epoll_ctl(self.epoll.as_raw_fd(), operation, fd, &mut event) };
        if result < 0 {
            return Err(io::Error::last_os_error());
        }
        match known {
            Some(entry) => entry.1 = interest,
            None => self.registered.push((fd, interest)),
        }
        Ok(())
    }

    /// Stops watching `fd`, which may be closed already.
    pub fn forget(&mut self, fd: RawFd) {
        self.registered.retain(|(f, _)| *f != fd);
        // SAFETY: a null event is allowed for EPOLL_CTL_DEL; failure means it is gone already.
        unsafe { libc::epoll_ctl(self.epoll.as_raw_fd(), libc::EPOLL_CTL_DEL, fd, std::ptr::null_mut()) };
    }

    /// Waits until something is ready or the time is over. Returns early on a signal, having found nothing.
    pub fn wait(&mut self, timeout: Duration) {
        let timeout = libc::timespec {
            tv_sec: timeout.as_secs().min(3600) as libc::time_t,
            tv_nsec: libc::c_long::from(timeout.subsec_nanos()),
        };
        // SAFETY: the events and `timeout` live through the call, and the length passed is theirs;
        // a null signal mask changes no mask.
        let count = unsafe {
            libc::syscall(
                libc::SYS_epoll_pwait2,
                self.epoll.as_raw_fd(),
                self.found.as_mut_ptr(),
                self.found.len() as libc::c_int,
                &timeout,
                std::ptr::null::<libc::sigset_t>(),
                0usize,
            )
        };
        self.count = usize::try_from(count).unwrap_or(0);
    }

    /// Whether the last wait found `fd` ready, or broken. What is not watched may be ready.
    pub fn is_ready(&self, fd: RawFd) -> bool {
        self.found[..self.count].iter().any(|event| event.u64 == fd as u64)
            || !self.registered.iter().any(|(watched, _)| *watched == fd)
    }
}

/// Wakes a [`Poll`] from another thread.
#[derive(Debug)]
pub struct Waker(OwnedFd);

impl Waker {
    /// A waker that nobody has used yet.
    pub fn new() -> io::Result<Self> {
        // SAFETY: no pointers are passed; the result is checked before it is owned.
        let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: `fd` was just returned by eventfd and nobody else owns it.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Makes the descriptor readable. Cannot fail in a way that matters: a full counter is readable too.
    pub fn wake(&self) {
        let one = 1u64.to_ne_bytes();
        // SAFETY: eight valid bytes are written to a descriptor we own.
        unsafe { libc::write(self.0.as_raw_fd(), one.as_ptr().cast(), one.len()) };
    }

    /// Makes the descriptor unreadable again.
    pub fn clear(&self) {
        let mut count = [0u8; 8];
        // SAFETY: eight bytes of room, as eventfd wants, on a descriptor we own.
        unsafe { libc::read(self.0.as_raw_fd(), count.as_mut_ptr().cast(), count.len()) };
    }
}

impl AsRawFd for Waker {
    fn as_raw_fd(&self) -> RawFd {
        self.0.as_raw_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_ready_and_forgets_it_with_the_next_wait() {
        let [first, second, unwatched] = [(); 3].map(|()| Waker::new().expect("waker"));
        let mut poll = Poll::new().expect("epoll");
        for waker in [&first, &second] {
            poll.watch(waker.as_raw_fd(), Interest { readable: true, writable: false }).expect("watch");
        }
        let mut ready = || {
            poll.wait(Duration::ZERO);
            [&first, &second, &unwatched].map(|waker| poll.is_ready(waker.as_raw_fd()))
        };
        assert_eq!(ready(), [false, false, true]);
        second.wake();
        assert_eq!(ready(), [false, true, true]);
        first.wake();
        second.clear();
        assert_eq!(ready(), [true, false, true]);
    }
}
