//! A worker's part of the TUN: opened, read and lost.

use super::Worker;
use super::outbound::LARGEST_CUT;
use crate::event::Event;
use crate::slabs::Slabs;
use crate::tun::{LARGEST_FRAME, Tun};
use masque_packet::{CoalesceOptions, Coalescer, vnet};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Instant;

/// Bytes read from the TUN in one turn: 64 kB cost a third of the speed, 256 kB gain nothing.
const READ_PER_TURN: usize = 128 << 10;

/// The TUN with its reusable memory.
pub(super) struct TunPort {
    pub(super) tun: Tun,
    backpressure: bool,
    /// A worker has told of its loss.
    lost: Arc<AtomicBool>,
    pub(super) coalescer: Coalescer,
    frame: Box<[u8]>,
    pub(super) slabs: Slabs,
    pub(super) lengths: Vec<usize>,
}

impl Worker {
    pub(super) fn use_tun(&mut self, tun: Tun, backpressure: bool, lost: Arc<AtomicBool>) {
        let options = CoalesceOptions { tcp: tun.info().tcp, udp: tun.info().udp };
        let (queues, steering) = (tun.info().queues, tun.info().steering);
        self.close_tun();
        self.tun = Some(Box::new(TunPort {
            tun,
            backpressure,
            lost,
            coalescer: Coalescer::new(options),
            frame: vec![0; LARGEST_FRAME].into_boxed_slice(),
            slabs: Slabs::default(),
            lengths: Vec::with_capacity(64),
        }));
        let totals = &self.shared.registry.totals;
        totals.tun_open.set(1);
        totals.tun_tcp.set(options.tcp.into());
        totals.tun_udp.set(options.udp.into());
        totals.tun_queues.set(queues.into());
        totals.tun_steering.set(steering.into());
    }

    pub(super) fn close_tun(&mut self) {
        if let Some(port) = self.tun.take() {
            self.poll.forget(port.tun.as_raw_fd());
            let totals = &self.shared.registry.totals;
            let offloads = [&totals.tun_tcp, &totals.tun_udp, &totals.tun_queues, &totals.tun_steering];
            offloads.into_iter().chain([&totals.tun_open]).for_each(|gauge| gauge.set(0));
        }
    }

    /// Each worker finds its part broken; one of them says so.
    fn lose_tun(&mut self, error: &std::io::Error) {
        let told = self.tun.as_ref().is_some_and(|port| port.lost.swap(true, Relaxed));
        self.close_tun();
        if told {
            return;
        }
        self.shared.events.push(Event::TunLost { error: crate::error::Error::io("TUN", error) });
    }

    /// Reads the TUN up to the turn's budget. Returns whether anything came.
    pub(super) fn read_tun(&mut self) -> bool {
        let Some(mut port) = self.tun.take_if(|port| port.tun.reads()) else {
            return false;
        };
        let mut budget = READ_PER_TURN;
        let mut read = false;
        let now = Instant::now();
        let failed = loop {
            if budget == 0 || !self.wants_packets(&port) {
                break None;
            }
            let at = if port.tun.info().vnet_header { 0 } else { vnet::LENGTH };
            match port.tun.read(&mut port.frame[at..]) {
                Ok(Some(n)) => {
                    read = true;
                    budget = budget.saturating_sub(n);
                    self.shared.registry.totals.tun_reads.add(1);
                    if self.hand_frame_over(&port.frame[..at + n]) {
                        continue;
                    }
                    let TunPort { tun, frame, slabs, lengths, .. } = &mut *port;
                    let slab = slabs.with_room(LARGEST_CUT);
                    self.outbound(tun, &frame[..at + n], slab, lengths, now);
                }
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        self.tun = Some(port);
        if let Some(error) = failed {
            self.shared.registry.totals.tun_errors.add(1);
            self.lose_tun(&error);
        }
        read
    }

    /// Whether packets are better here than in the kernel: not for a full queue that holds its sender back, and
    /// whoever reads for all leaves the kernel what it could only lose.
    pub(super) fn wants_packets(&self, port: &TunPort) -> bool {
        (port.tun.info().queues || !self.is_anybody_behind())
            && !(port.backpressure && self.is_requester_full())
    }

    fn is_requester_full(&self) -> bool {
        self.requested_sessions
            .iter()
            .filter_map(|key| self.sessions.get(*key))
            .any(|session| session.queue.asks_to_wait())
    }
}
