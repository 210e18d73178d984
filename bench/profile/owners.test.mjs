import { expect, it } from 'vitest';
import { hottest, ownerOf, sharesOf } from './owners.mjs';
import { readable } from './record.mjs';

const worker = ['masque_dataplane::worker::Worker::run', 'masque_dataplane::worker::Worker::turn'];

it('gives a system call to itself, whoever makes it', () => {
  expect(ownerOf([...worker, 'sendmsg', 'entry_SYSCALL_64_after_hwframe', 'udp_sendmsg', 'memcpy'])).toBe(
    'kernel: UDP send',
  );
});

it('gives a library’s function to whoever called it', () => {
  expect(
    ownerOf([...worker, 'quinn_proto::connection::Connection::poll_transmit', 'core::slice::sort']),
  ).toBe('QUIC and TLS');
  expect(ownerOf([...worker, 'core::slice::sort'])).toBe('ours: packets, sessions, worker');
});

it('adds shares up to one', () => {
  const shares = sharesOf([
    { frames: [...worker, 'aes_gcm_encrypt'], count: 1 },
    { frames: worker, count: 3 },
  ]);
  expect(shares).toEqual({ 'AES-GCM': 0.25, 'ours: packets, sessions, worker': 0.75 });
});

it('finds the functions that take most themselves', () => {
  const stacks = [
    { frames: ['a', 'b'], count: 2 },
    { frames: ['a', 'c', 'b'], count: 2 },
    { frames: ['a'], count: 1 },
  ];
  expect(hottest(stacks, 1)).toEqual({ b: 0.8 });
});

it('leaves names that can be read', () => {
  expect(
    readable('<quinn_proto::congestion::bbr::Bbr as quinn_proto::congestion::Controller>::on_ack+0x1f'),
  ).toBe('quinn_proto::congestion::bbr::Bbr::on_ack');
  expect(
    readable('masque_dataplane::worker::inbound::<impl masque_dataplane::worker::Worker>::forward'),
  ).toBe('masque_dataplane::worker::inbound::forward');
  expect(readable('masque_packet::segment::segment::h0123456789abcdef')).toBe(
    'masque_packet::segment::segment',
  );
});
