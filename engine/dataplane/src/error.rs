//! Failures as data: a stable code and words for people.

use std::fmt;
use std::io;

/// What went wrong; the names cross the border and never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The engine was closed.
    Closed,
    /// An argument makes no sense; a bug of the caller.
    InvalidArgument,
    /// PEM that does not parse, or a key that does not fit.
    InvalidCertificate,
    /// The UDP port is taken.
    AddressInUse,
    /// The address is not one of this host's.
    AddressUnavailable,
    /// A capability is missing.
    PermissionDenied,
    /// There is no /dev/net/tun.
    TunMissing,
    /// The interface exists and is in use.
    TunBusy,
    /// Out of descriptors or memory.
    ResourceExhausted,
    /// Any other failure of the operating system.
    Io,
}

impl Code {
    /// The code as TypeScript knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Closed => "ENGINE_CLOSED",
            Self::InvalidArgument => "ENGINE_INVALID_ARGUMENT",
            Self::InvalidCertificate => "ENGINE_INVALID_CERTIFICATE",
            Self::AddressInUse => "ENGINE_ADDRESS_IN_USE",
            Self::AddressUnavailable => "ENGINE_ADDRESS_UNAVAILABLE",
            Self::PermissionDenied => "ENGINE_PERMISSION_DENIED",
            Self::TunMissing => "ENGINE_TUN_MISSING",
            Self::TunBusy => "ENGINE_TUN_BUSY",
            Self::ResourceExhausted => "ENGINE_RESOURCE_EXHAUSTED",
            Self::Io => "ENGINE_IO",
        }
    }
}

/// An expected failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Stable.
    pub code: Code,
    /// For people; never matched.
    pub message: String,
}

/// Success or an expected failure.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A failure with a code of its own.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// A failed system call; `what` names it.
    pub fn io(what: &str, error: &io::Error) -> Self {
        let code = match error.raw_os_error() {
            Some(libc::EADDRINUSE) => Code::AddressInUse,
            Some(libc::EADDRNOTAVAIL | libc::EAFNOSUPPORT) => Code::AddressUnavailable,
            Some(libc::EPERM | libc::EACCES) => Code::PermissionDenied,
            Some(libc::EMFILE | libc::ENFILE | libc::ENOMEM | libc::ENOBUFS) => Code::ResourceExhausted,
            _ => Code::Io,
        };
        Self::new(code, format!("{what}: {error}"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.message)
    }
}

impl std::error::Error for Error {}
