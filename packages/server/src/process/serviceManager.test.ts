import { pino } from 'pino';
import { expect, test } from 'vitest';
import { serviceManager } from './serviceManager.js';

const silent = pino({ level: 'silent' });

test('without NOTIFY_SOCKET nobody is told', () => {
  const calls: unknown[] = [];
  const manager = serviceManager({}, silent, async (...call) => void calls.push(call));
  manager.ready('up');
  manager.stopping();
  expect(calls).toEqual([]);
});

test('messages arrive one after the other, and a failed one does not keep the next', async () => {
  const calls: (readonly string[])[] = [];
  let finished: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    finished = resolve;
  });
  const manager = serviceManager({ NOTIFY_SOCKET: '/run/x' }, silent, async (program, args) => {
    calls.push([program, ...args]);
    if (calls.length === 1) throw new Error('no systemd-notify here');
    finished();
  });
  manager.ready('serving');
  manager.stopping();
  await all;
  expect(calls).toEqual([
    ['systemd-notify', 'READY=1', 'STATUS=serving'],
    ['systemd-notify', 'STOPPING=1', 'STATUS=ending the open sessions'],
  ]);
});
