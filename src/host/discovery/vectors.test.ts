import { describe, expect, it } from 'vitest';

import { FakeClock } from '../../core/clock.js';
import { ToolDiscovery } from './discovery.js';
import { fuseRankings } from './fusion.js';
import { aTool } from './source.fixture.js';
import { adapterSource } from './sources/adapter-source.js';
import type { Embed } from './vectors.js';

/** A stand-in for a model that knows that cars and automobiles are alike. */
const embed: Embed = (texts) =>
  Promise.resolve(
    texts.map((text) => [
      /car|automobile|vehicle/i.test(text) ? 1 : 0,
      /mail|letter/i.test(text) ? 1 : 0,
      0.1,
    ]),
  );

async function discoveryWith(made: Embed, clock = new FakeClock()) {
  const discovery = new ToolDiscovery({ clock, vectors: { embed: made, queryTimeoutMs: 100 } });
  await discovery.addSource(
    adapterSource('a', [
      aTool('rent_automobile', 'Rent one'),
      aTool('send_letter', 'Send one'),
      aTool('zzz', 'car-free'),
    ]),
  );
  await discovery.vectorsSettled();
  return { discovery, clock };
}

describe('fuseRankings', () => {
  it('sums 1 / (60 + rank), as Cormack and others define it', () => {
    expect(
      fuseRankings([
        ['a', 'b'],
        ['b', 'c'],
      ]),
    ).toEqual([
      { id: 'b', score: 1 / 62 + 1 / 61 },
      { id: 'a', score: 1 / 61 },
      { id: 'c', score: 1 / 62 },
    ]);
  });
});

describe('dense vectors', () => {
  it('find what shares no word with the query', async () => {
    const { discovery } = await discoveryWith(embed);
    expect(discovery.vectorStatus()).toEqual({ ready: 3, waiting: 0, error: undefined });
    expect(discovery.search('vehicle', { limit: 1 })[0]?.record.name).not.toBe('send_letter');
    const hits = await discovery.searchTools('postal mail');
    expect(hits[0]?.record.name).toBe('send_letter');
  });

  it('respect filters and go with their tools', async () => {
    const { discovery } = await discoveryWith(embed);
    expect(await discovery.searchTools('vehicle', { server: 'b' })).toEqual([]);
    discovery.removeSource('a');
    expect(discovery.vectorStatus()).toMatchObject({ ready: 0, waiting: 0 });
    expect(await discovery.searchTools('vehicle')).toEqual([]);
  });

  it.each<[string, Embed, RegExp]>([
    ['throws', () => Promise.reject(new Error('no model')), /no model/],
    ['gives too few vectors', () => Promise.resolve([]), /no list of 3 vectors/],
    ['gives vectors of zeros', (texts) => Promise.resolve(texts.map(() => [0, 0])), /without a direction/],
    [
      'gives vectors of different lengths',
      (texts) => Promise.resolve(texts.map((_, i) => Array.from({ length: i + 1 }, () => 1))),
      /gave 2 numbers after vectors of 1/,
    ],
  ])('fall back to words when the function %s', async (_, broken, message) => {
    const { discovery } = await discoveryWith(broken);
    expect(discovery.vectorStatus()?.error).toMatch(message);
    expect((await discovery.searchTools('letter'))[0]?.record.name).toBe('send_letter');
  });

  it('do not hold a search up longer than their time-out', async () => {
    let hang = false;
    const { discovery, clock } = await discoveryWith((texts, signal) =>
      hang ? new Promise(() => undefined) : embed(texts, signal),
    );
    hang = true;
    const search = discovery.searchTools('letter');
    await clock.advance(100);
    expect((await search)[0]?.record.name).toBe('send_letter');
    expect(discovery.vectorStatus()?.error).toMatch(/within 100 ms/);
  });
});
