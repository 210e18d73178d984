//! Gives other workers what belongs to them, and takes what they give. With one worker nothing here is done.

use super::Worker;
use super::owners::Owner;
use crate::counters::DropReason;
use crate::handover::{Crossing, Parcel};
use crate::steering;
use crate::udp::Received;
use bytes::Bytes;
use masque_packet::vnet;
use std::time::Instant;

impl Worker {
    /// Keeps the datagrams that belong here and posts the others.
    pub(super) fn sort(&mut self, mut received: Received, now: Instant) {
        let workers = self.crew.len();
        if workers == 1 {
            return self.handle_received(received, now);
        }
        while !received.data.is_empty() {
            let mut run = 0;
            let mut owner = None;
            // One call returns what one peer sent, so usually all of it is of one connection.
            for datagram in received.data.chunks(received.stride) {
                let owned_by = steering::owner_of(datagram, workers);
                if *owner.get_or_insert(owned_by) != owned_by {
                    break;
                }
                run += datagram.len();
            }
            let rest = received.data.split_off(run);
            let next = Received { data: rest, ..received };
            let owner = owner.unwrap_or_default();
            if owner == self.shared.index {
                self.handle_received(received, now);
            } else {
                let datagrams = received.data.len().div_ceil(received.stride);
                self.shared.registry.totals.datagrams_handed_over.add(datagrams as u64);
                self.post(owner, Parcel::Datagrams(received));
            }
            received = next;
        }
    }

    /// Posts a frame of the TUN, virtio-net header first, that is for a session of another worker; false if it
    /// is not.
    pub(super) fn hand_frame_over(&mut self, frame: &[u8]) -> bool {
        if self.crew.len() == 1 {
            return false;
        }
        self.heed_claims();
        let Ok(packet) = masque_packet::parse(frame.get(vnet::LENGTH..).unwrap_or_default()) else {
            return false;
        };
        let Some(Owner::There(session)) = self.owners.lookup(packet.destination) else {
            return false;
        };
        let packets = super::outbound::packets_in(frame);
        let frame = Bytes::copy_from_slice(frame);
        self.shared.registry.totals.frames_handed_over.add(1);
        self.post(self.shared.worker_of(session), Parcel::Frame { frame, packets });
        true
    }

    /// Whether somebody is behind with what was handed over.
    pub(super) fn is_anybody_behind(&self) -> bool {
        let me = self.shared.index;
        self.crew.iter().any(|worker| worker.index != me && worker.inbox.is_behind())
    }

    /// Puts a parcel where the end of the turn finds it.
    pub(super) fn post(&mut self, worker: usize, parcel: Parcel) {
        if let Some(outbox) = self.outboxes.get_mut(worker) {
            self.shared.registry.totals.inbound.given.add(parcel.unsettled());
            outbox.push(parcel);
        }
    }

    /// Hands over what was posted in this turn; what the others have no room for is lost.
    pub(super) fn hand_over(&mut self) {
        for worker in 0..self.crew.len() {
            if self.outboxes[worker].is_empty() {
                continue;
            }
            let mut outbox = std::mem::take(&mut self.outboxes[worker]);
            let receiver = &self.crew[worker];
            if receiver.inbox.put(&mut outbox) {
                receiver.commands.waker.wake();
            }
            for parcel in outbox.drain(..) {
                self.lose(parcel);
            }
            self.outboxes[worker] = outbox;
        }
    }

    fn lose(&mut self, parcel: Parcel) {
        let totals = &self.shared.registry.totals;
        totals.inbound.taken.add(parcel.unsettled());
        match parcel {
            Parcel::Datagrams(received) => {
                let datagrams = received.data.len().div_ceil(received.stride);
                totals.datagrams_handover_lost.add(datagrams as u64);
            }
            Parcel::Frame { packets, .. } => {
                totals.outbound.received.add(packets);
                totals.outbound.drops.add(DropReason::HandoverFull, packets);
            }
            Parcel::Packet(Crossing { from, .. }) => match self.session_keys.get(&from) {
                Some(key) => self.drop_inbound_of(*key, DropReason::HandoverFull),
                None => self.drop_inbound(DropReason::HandoverFull),
            },
            // The packet was refused; only its sender does not hear why.
            Parcel::Judged(_, Err(refusal)) => self.drop_inbound(refusal.reason),
            Parcel::Judged(_, Ok(())) => totals.flow_samples_lost.add(1),
        }
    }

    /// Takes all that others handed over; whether there was anything.
    pub(super) fn take_parcels(&mut self) -> bool {
        if self.crew.len() == 1 {
            return false;
        }
        let mut parcels = std::mem::take(&mut self.parcels);
        if self.shared.inbox.take(&mut parcels) {
            let others = self.crew.iter().filter(|worker| worker.index != self.shared.index);
            others.for_each(|worker| worker.commands.waker.wake());
        }
        let any = !parcels.is_empty();
        if any {
            // What they were sent for has been claimed by now.
            self.heed_claims();
        }
        let now = Instant::now();
        for parcel in parcels.drain(..) {
            self.shared.registry.totals.inbound.taken.add(parcel.unsettled());
            match parcel {
                Parcel::Datagrams(received) => self.handle_received(received, now),
                Parcel::Frame { frame, packets } => self.take_frame(&frame, packets, now),
                Parcel::Packet(crossing) => self.take_crossing(crossing, now),
                Parcel::Judged(crossing, outcome) => self.take_judged(&crossing, outcome, now),
            }
        }
        self.parcels = parcels;
        any
    }

    fn take_frame(&mut self, frame: &[u8], packets: u64, now: Instant) {
        let Some(mut port) = self.tun.take() else {
            let totals = &self.shared.registry.totals;
            totals.outbound.received.add(packets);
            return totals.outbound.drops.add(DropReason::NoTun, packets);
        };
        self.outbound_from(&mut port, frame, now);
        self.tun = Some(port);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventQueue;
    use crate::poll::{Interest, Poll};
    use crate::tun::{Info, Tun};
    use crate::worker::Shared;
    use std::io::Write;
    use std::os::fd::AsRawFd;
    use std::sync::Arc;
    use std::time::Duration;

    fn two_workers() -> [Worker; 2] {
        let crew = Shared::crew(2, EventQueue::new(|| {})).expect("crew");
        [0, 1].map(|index| Worker::new(crew.clone(), index).expect("worker"))
    }

    #[test]
    fn what_the_other_worker_has_no_room_for_is_counted_once() {
        let [mut sender, mut receiver] = two_workers();
        for _ in 0..100 {
            let frame = Bytes::from(vec![0; 60_000]);
            sender.post(1, Parcel::Frame { frame, packets: 40 });
        }
        sender.hand_over();
        let lost = sender.shared.registry.totals.outbound.drops.sum();
        assert!((40..4000).contains(&lost) && lost.is_multiple_of(40), "{lost}");
        assert_eq!(sender.shared.registry.totals.outbound.received.get(), lost);
        // The receiver counts the others: without a TUN all of them are dropped there.
        assert!(receiver.take_parcels());
        assert_eq!(receiver.shared.registry.totals.outbound.received.get(), 4000 - lost);
        assert!(!receiver.take_parcels());
        sender.post(1, Parcel::Frame { frame: Bytes::new(), packets: 1 });
        sender.hand_over();
        assert!(receiver.take_parcels());
    }

    #[test]
    fn a_packet_on_its_way_to_another_worker_is_somewhere() {
        let [mut sender, mut receiver] = two_workers();
        let audited = |worker: &Worker| {
            worker.audit();
            worker.shared.registry.totals.inbound.unaccounted.get()
        };
        let crossing = |size| {
            let packet = Bytes::from(vec![0; size]);
            Parcel::Packet(Crossing { from: 2, to: 3, packet, promised_mtu: 1280, first: None })
        };
        sender.shared.registry.totals.inbound.received.add(1);
        assert_eq!(audited(&sender), 1);
        sender.post(1, crossing(20));
        sender.hand_over();
        assert_eq!(audited(&sender), 0);
        // The receiver knows nothing of it and says so, and the sender counts it as dropped.
        assert!(receiver.take_parcels());
        receiver.hand_over();
        assert_eq!(audited(&receiver), 0);
        assert!(sender.take_parcels());
        assert_eq!(audited(&sender), 0);
        assert_eq!(sender.shared.registry.totals.inbound.drops.sum(), 1);
        // One that there is no room for.
        sender.shared.registry.totals.inbound.received.add(1);
        sender.post(1, crossing(4 << 20));
        sender.hand_over();
        assert_eq!(audited(&sender), 0);
        assert_eq!(sender.shared.registry.totals.inbound.drops.sum(), 2);
    }

    #[test]
    fn the_only_reader_waits_for_who_is_behind() {
        let [mut reader, mut receiver] = two_workers();
        let (ours, mut host) = std::os::unix::net::UnixStream::pair().expect("pair");
        ours.set_nonblocking(true).expect("non-blocking");
        let only = Info {
            name: "t".into(),
            index: 1,
            vnet_header: false,
            tcp: false,
            udp: false,
            queues: false,
            steering: false,
        };
        for queues in [false, true] {
            let device = ours.try_clone().expect("clone").into();
            let info = Info { queues, ..only.clone() };
            reader.use_tun(Tun::adopt(device, info), false, Arc::default());
            for _ in 0..20 {
                reader.post(1, Parcel::Frame { frame: vec![0; 60_000].into(), packets: 1 });
            }
            reader.hand_over();
            host.write_all(&[0x45; 20]).expect("a packet");
            reader.shared.commands.waker.clear();
            assert_eq!(reader.read_tun(), queues);
            assert!(receiver.take_parcels());
            // It was woken, and what was left is still there.
            let mut poll = Poll::new().expect("epoll");
            let woken = Interest { readable: true, writable: false };
            poll.watch(reader.shared.commands.waker.as_raw_fd(), woken).expect("watch");
            poll.wait(Duration::from_secs(3600));
            assert_eq!(reader.read_tun(), !queues);
        }
    }

    #[test]
    fn a_batch_is_cut_where_another_workers_datagrams_begin() {
        let [mut worker, mut other] = two_workers();
        // Short headers whose ids begin with 0, 1, 1, 2 and 3.
        let data = [0, 1, 1, 2, 3].iter().flat_map(|id| [0x40, *id, 0, 0]).collect::<Vec<u8>>();
        let (remote, local, ecn) = (([127, 0, 0, 1], 1).into(), None, None);
        let received = Received { data: data.as_slice().into(), stride: 4, remote, local, ecn };
        worker.sort(received, Instant::now());
        assert_eq!(worker.shared.registry.totals.datagrams_handed_over.get(), 3);
        worker.hand_over();
        let mut parcels = Vec::new();
        other.shared.inbox.take(&mut parcels);
        let sizes = parcels.iter().map(|parcel| match parcel {
            Parcel::Datagrams(received) => received.data.len(),
            _ => 0,
        });
        assert_eq!(sizes.collect::<Vec<_>>(), [8, 4]);
        assert!(!other.take_parcels());
    }
}
