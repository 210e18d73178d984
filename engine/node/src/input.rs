//! What JavaScript passes, as objects with its names, and its conversion.

mod endpoint;
mod forwarding;
mod rules;

use masque_dataplane::error::{Code, Error, Result};
use masque_dataplane::event::Fields;
use masque_dataplane::options;
use napi::Either;
use napi::bindgen_prelude::Null;
use napi_derive::napi;

pub use endpoint::{Connector, Listener};
pub use forwarding::Forwarding;
pub use rules::{Meter, Rules};

/// A field that may be null but must be there; `Option` would mean that it may be missing.
type Nullable<T> = Either<T, Null>;

fn option<T>(field: Nullable<T>) -> Option<T> {
    match field {
        Either::A(value) => Some(value),
        Either::B(Null) => None,
    }
}

fn invalid(what: &str, value: &str) -> Error {
    Error::new(Code::InvalidArgument, format!("{value} is no {what}"))
}

/// Header text holds one byte in each code unit; others cannot be sent and become `?`.
pub fn bytes_of_latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
}

/// `[name, value, name, value, …]`
pub fn fields_of(flat: &[String]) -> Fields {
    flat.chunks_exact(2).map(|pair| (bytes_of_latin1(&pair[0]), bytes_of_latin1(&pair[1]))).collect()
}

/// `Offload`s to do without.
pub fn without(names: &[String]) -> options::Without {
    let has = |name: &str| names.iter().any(|given| given == name);
    options::Without {
        udp_segmentation: has("udpSegmentation"),
        udp_coalescing: has("udpCoalescing"),
        tun_tcp: has("tunTcp"),
        tun_udp: has("tunTcp") || has("tunUdp"),
        udp_steering: has("udpSteering"),
        tun_queues: has("tunQueues"),
        tun_steering: has("tunSteering"),
    }
}

/// `TunOptions`
#[napi(object)]
pub struct Tun {
    /// Interface name.
    pub name: String,
    /// Bytes.
    pub mtu: u16,
    /// Super-packets.
    pub offload: bool,
    /// Stop reading instead of dropping.
    pub backpressure: bool,
}

impl From<Tun> for options::Tun {
    fn from(tun: Tun) -> Self {
        Self { name: tun.name, mtu: tun.mtu, offload: tun.offload, backpressure: tun.backpressure }
    }
}

/// An integer within the type's range.
pub fn number<T: TryFrom<u64>>(what: &str, value: f64) -> Result<T> {
    let integer = (value.fract() == 0.0 && (0.0..9.1e15).contains(&value)).then_some(value as u64);
    integer.and_then(|integer| T::try_from(integer).ok()).ok_or_else(|| invalid(what, &value.to_string()))
}

/// A number that the embedder chose.
pub fn id(value: f64) -> Result<u32> {
    number("id", value)
}

fn ids(values: &[f64]) -> Result<Vec<u32>> {
    values.iter().copied().map(id).collect()
}
