import { afterEach, describe, expect, it } from 'vitest';
import { Summary } from '../../src/load/index.js';
import { StreamHolder } from '../../src/load/streams/stream-holder.js';
import { startEverything } from '../fixtures/real-servers.js';
import { defaultKnobs, serveReference, type ReferenceKnobs } from '../../src/reference/index.js';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function reference(knobs: Partial<ReferenceKnobs> = {}) {
  const serving = await serveReference({ ...defaultKnobs, ...knobs });
  ends.push(() => serving.close());
  return { url: serving.url!, stats: () => serving.truth.publish(), stop: () => serving.close() };
}

function holderOf(url: string, era: 'session' | 'stateless', resources: string[] = []) {
  const holder = new StreamHolder({
    target: {
      kind: 'http',
      url,
      headers: {},
      era,
      protocolVersion: era === 'session' ? '2025-11-25' : '2026-07-28',
    },
    resources,
    openTimeoutMs: 10_000,
  });
  ends.push(() => holder.close());
  return holder;
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves when it holds. */
async function until(what: string, holds: () => boolean): Promise<void> {
  const began = performance.now();
  while (!holds()) {
    if (performance.now() - began > 20_000) throw new Error(`not within 20 s: ${what}`);
    await wait(20);
  }
}

const tick = ['dyno://tick'];

describe.each(['session', 'stateless'] as const)('streams of the %s era', (era) => {
  it('are opened, held, and get every event once, with its latency', async () => {
    const server = await reference({ tickMs: 50, tickDelayMs: 30 });
    const holder = holderOf(server.url, era, tick);
    await holder.raise(20);
    expect(holder.report()).toMatchObject({ opened: 20, held: 20, refused: 0, dropped: 0 });
    await until('five events on each', () => holder.report().leastEvents >= 5);
    expect(server.stats()).toMatchObject({ streams: { open: 20 } });
    const report = await holder.close();
    expect(report).toMatchObject({
      gaps: 0,
      duplicates: 0,
      disordered: 0,
      malformed: 0,
      unacknowledged: 0,
      fromTheFuture: 0,
      unsubscribed: [],
    });
    expect(report.stamped).toBe(report.events);
    expect(report.open!.count).toBe(20);
    expect(report.firstEvent!.count).toBe(20);
    // Never sooner than the server sends them.
    expect(report.latency!.minMs).toBeGreaterThanOrEqual(29);
    expect(report.spread!.count).toBeGreaterThan(3);
    const { streams, sessions } = server.stats();
    expect(sessions.open).toBe(0);
    expect(streams.opened).toBe(20);
    // The server's own count: no stream was forgotten, and none was told sooner.
    expect(streams.delivery.count).toBeGreaterThanOrEqual(report.events);
    expect(streams.delivery.minMs).toBeGreaterThanOrEqual(29);
  });

  it('tell lost and repeated events', async () => {
    const server = await reference({ tickMs: 20, loseTicks: 0.25, repeatTicks: 0.2 });
    const holder = holderOf(server.url, era, tick);
    await holder.raise(3);
    await until('some events', () => holder.report().leastEvents >= 40);
    const { gaps, duplicates, events } = await holder.close();
    // Of four ticks one is lost; of the other three a fifth is sent twice.
    expect(gaps / (events - duplicates + gaps)).toBeCloseTo(0.25, 1);
    expect(duplicates / (events - duplicates)).toBeCloseTo(0.2, 1);
  });

  it('are refused beyond a limit, and the reason is told', async () => {
    const server = await reference({ streamLimit: 5 });
    const holder = holderOf(server.url, era);
    await holder.raise(30);
    const report = holder.report();
    expect(report).toMatchObject({ opened: 5, held: 5 });
    expect(report.limit).toContain('HTTP 503');
    expect(report.notOffered).toBeUndefined();
    expect(report.refusals[0]!.why).toContain('HTTP 503');
    expect(server.stats()).toMatchObject({ streams: { open: 5 } });
  });

  it('that are ended by an idle time-out show how long it is', async () => {
    const server = await reference({ streamIdleMs: 700 });
    const holder = holderOf(server.url, era);
    await holder.raise(6);
    await until('the end of all', () => holder.report().dropped === 6);
    const { pattern, drops, held } = holder.report();
    expect(held).toBe(0);
    expect(drops).toEqual([{ kind: 'ended', why: 'the server ended it', count: 6 }]);
    expect(['eventless', 'moment']).toContain(pattern?.kind);
    if (pattern?.kind === 'eventless') expect(pattern.ms).toBeGreaterThanOrEqual(690);
  });
});

it('says when a target has no streams', async () => {
  const server = await reference({ sessions: false });
  const holder = holderOf(server.url, 'session');
  await holder.raise(50);
  const report = holder.report();
  expect(report).toMatchObject({ opened: 0, refused: 1 });
  expect(report.notOffered).toContain('HTTP 405');
});

it('counts streams that are cut when the server dies', async () => {
  const server = await reference();
  const holder = holderOf(server.url, 'session');
  await holder.raise(4);
  await server.stop();
  await until('the end of all', () => holder.report().dropped === 4);
  await holder.raise(8);
  expect(holder.report()).toMatchObject({ opened: 4, held: 0 });
  expect(holder.report().limit).toContain('connection refused');
});

it('holds streams of server-everything', async () => {
  const server = await startEverything('streamableHttp');
  ends.push(() => server.stop());
  const holder = holderOf(server.url, 'session');
  await holder.raise(10);
  expect(holder.report()).toMatchObject({ opened: 10, held: 10, refused: 0 });
  const report = await holder.close();
  expect(report.open!.count).toBe(10);
  const open = new Summary();
  open.addDelta(report.open!);
  expect(open.maxMs).toBeGreaterThan(0);
});
