//! The data plane: moves packets between QUIC connections and a TUN, and decides nothing.
//!
//! ```text
//! UDP ── quinn-proto ── http3 ── sessions ── TUN      each worker thread owns its own, and hands over
//!            commands ↓   ↑ events                    engine::Engine is the handle
//! ```
//! Inside a turn everything is sans-IO; `udp`, `tun` and `poll` are the thin shell with the system calls.

mod access;
mod black_hole;
mod claims;
mod command;
mod congestion;
mod connection;
pub mod counters;
pub mod engine;
pub mod error;
pub mod event;
mod forwarding;
mod handover;
mod http3;
mod meter;
pub mod options;
mod poll;
mod queue;
mod session;
mod silence;
mod slabs;
pub mod snapshot;
mod steering;
mod timers;
pub mod tls;
mod tun;
mod tun_steering;
mod udp;
mod worker;

pub use engine::Engine;
pub use tun::Info as TunInfo;
