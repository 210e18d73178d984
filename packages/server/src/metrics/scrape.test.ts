import { gunzipSync } from 'node:zlib';
import type { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { sampleOf } from '../testing/exposition.js';
import { StubMetrics } from '../testing/stubMetrics.js';
import { Scraper } from './scrape.js';

function setUp(clients = 0) {
  const stub = new StubMetrics();
  for (let id = 1; id <= clients; id += 1) stub.admit(id, `client-${id}`, id);
  const { clock, metrics, engine } = stub;
  return { stub, clock, metrics, engine, scraper: new Scraper(metrics, clock, 100) };
}

async function bytesOf(body: Readable | Promise<Readable>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of await body) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const textOf = async (body: Readable | Promise<Readable>): Promise<string> => String(await bytesOf(body));

describe('scrapes at the same time', () => {
  const tunErrors = (text: string) => sampleOf(text, 'masque_vpn_errors_total', { error_type: 'tun' });

  test('that come too soon share the next rendering, which is newer than each of them', async () => {
    const { clock, metrics, engine, scraper } = setUp();
    let snapshots = 0;
    const counted = engine.snapshot.bind(engine);
    engine.snapshot = (into) => {
      snapshots += 1;
      counted(into);
    };
    const first = await textOf(scraper.scrape());
    const second = scraper.scrape();
    clock.advance(50);
    metrics.error('tun');
    const third = scraper.scrape();
    clock.advance(50);
    expect(tunErrors(first)).toBe(0);
    const [secondText, thirdText] = await Promise.all([textOf(second), textOf(third)]);
    expect(tunErrors(secondText)).toBe(1);
    expect(thirdText).toBe(secondText);
    expect(snapshots).toBe(2);
  });

  test('get the same text at their own speed, compressed or not', async () => {
    const { scraper, clock } = setUp(2_000);
    await textOf(scraper.scrape());
    const bodies = [scraper.scrape(), scraper.scrape('gzip'), scraper.scrape('gzip'), scraper.scrape()];
    clock.advance(100);
    const [quick, packed, packedToo, slow] = await Promise.all(bodies);
    if (quick === undefined || packed === undefined || packedToo === undefined || slow === undefined) return;
    const text = await textOf(quick);
    expect(gunzipSync(await bytesOf(packed)).toString('utf8')).toBe(text);
    expect(gunzipSync(await bytesOf(packedToo)).toString('utf8')).toBe(text);
    expect(await textOf(slow)).toBe(text);
  });

  test('do not disturb each other when one goes away', async () => {
    const { scraper, clock } = setUp(2_000);
    await textOf(scraper.scrape());
    const bodies = [scraper.scrape(), scraper.scrape()];
    clock.advance(100);
    const [leaves, stays] = await Promise.all(bodies);
    if (leaves === undefined || stays === undefined) return;
    await leaves[Symbol.asyncIterator]().next();
    leaves.destroy();
    expect(await textOf(stays)).toContain('client_id="client-2000"');
  });
});

describe('Prometheus and others at the same time', () => {
  const sent = (text: string) => sampleOf(text, 'masque_vpn_bytes_sent_total', { client_id: 'client-1' });

  test('see a new client each as they have to, all of one moment', async () => {
    const { scraper, clock, stub } = setUp();
    const scrape = async (...who: readonly (string | null)[]): Promise<readonly (number | null)[]> => {
      const bodies = who.map((name) => textOf(scraper.scrape('identity', name)));
      clock.advance(100);
      return (await Promise.all(bodies)).map(sent);
    };
    clock.advance(600_000);
    await textOf(scraper.scrape());
    expect(await scrape('one', 'other')).toEqual([null, null]);
    stub.admit(1, 'client-1');
    stub.engine.sessions.set(1, { open: 1, bytesSent: 700, packetsSent: 1 });
    expect(await scrape('one', null)).toEqual([0, 700]);
    expect(await scrape('one', 'other', null)).toEqual([700, 0, 700]);
    expect(await scrape('one', 'other', null)).toEqual([700, 700, 700]);
  });

  test('whoever goes away before the end has seen nothing', async () => {
    const { scraper, clock, stub } = setUp();
    await textOf(scraper.scrape('identity', 'prometheus'));
    stub.admit(1, 'client-1');
    stub.engine.sessions.set(1, { open: 1, bytesSent: 700, packetsSent: 1 });
    clock.advance(100);
    const body = await scraper.scrape('gzip', 'prometheus');
    await body[Symbol.asyncIterator]().next();
    body.destroy();
    clock.advance(100);
    const again = await bytesOf(scraper.scrape('gzip', 'prometheus'));
    expect(sent(String(gunzipSync(again)))).toBe(0);
    clock.advance(100);
    expect(sent(await textOf(scraper.scrape('identity', 'prometheus')))).toBe(700);
  });
});

test('a scrape after the interval is answered at once', async () => {
  const { clock, scraper } = setUp();
  await textOf(scraper.scrape());
  clock.advance(100);
  const pending = clock.pending;
  await textOf(scraper.scrape());
  expect(clock.pending).toBe(pending);
});

test('a text is of one moment, however slowly it is read', async () => {
  const { scraper, metrics, engine } = setUp(2_000);
  const body = await scraper.scrape();
  const reading = body[Symbol.asyncIterator]();
  const first = String((await reading.next()).value);
  for (let id = 1; id <= 2_000; id += 1) engine.sessions.set(id, { open: 1, bytesSent: 5, packetsSent: 1 });
  metrics.read();
  let text = first;
  for (let next = await reading.next(); next.done !== true; next = await reading.next())
    text += String(next.value);
  expect(sampleOf(text, 'masque_vpn_packets_sent_total', { client_id: 'client-2000' })).toBe(0);
  expect(text.match(/^masque_vpn_bytes_sent_total\{.*\} 0$/gm)).toHaveLength(2_000);
});

test('text is made no faster than it is read', async () => {
  const { scraper, metrics } = setUp(2_000);
  let made = 0;
  const capture = metrics.registry.capture.bind(metrics.registry);
  metrics.registry.capture = () => {
    const rendering = capture();
    const chunks = rendering.chunks.bind(rendering);
    rendering.chunks = function* () {
      for (const chunk of chunks()) {
        made += 1;
        yield chunk;
      }
    };
    return rendering;
  };
  const body = await scraper.scrape();
  await body[Symbol.asyncIterator]().next();
  for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(made).toBeLessThanOrEqual(3);
  body.destroy();
});

test('who reads too slowly is cut off by newer scrapes', async () => {
  const { scraper, clock } = setUp(2_000);
  const stuck: Readable[] = [];
  const errors: string[] = [];
  for (let round = 0; round < 4; round += 1) {
    const body = await scraper.scrape();
    body.on('error', ({ message }) => errors.push(message));
    stuck.push(body);
    clock.advance(100);
  }
  await new Promise((resolve) => setImmediate(resolve));
  expect(stuck.map(({ destroyed }) => destroyed)).toEqual([true, false, false, false]);
  expect(errors).toEqual(['newer scrapes have overtaken this one']);
  for (const body of stuck) body.destroy();
});
