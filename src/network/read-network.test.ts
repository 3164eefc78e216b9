import { describe, expect, it } from 'vitest';
import { roundTripMs } from './conditions/conditions.js';
import { readNetwork } from './read-network.js';

describe('a network in one word or a few', () => {
  it('is a profile, settings, or a profile with settings', () => {
    expect(roundTripMs(readNetwork('transatlantic'))).toBe(80);
    expect(readNetwork('latency=50ms; slow-close=2s')).toMatchObject({
      up: { latencyMs: 25, slowCloseMs: 2000 },
      handshake: false,
    });
    expect(readNetwork('dsl;stall=1%:200ms')).toMatchObject({
      up: { latencyMs: 25, stallShare: 0.01, stallMs: 200 },
      handshake: true,
    });
  });

  it.each([
    ['transatlantik', /--network to be one of lan, wifi/],
    ['', /--network to be one of/],
    ['latency=-1ms', /'latency' of --network to be a duration/],
    ['dsl;latncy=1ms', /no 'latncy'/],
    ['dsl;latency', /'latency' of --network to be a duration/],
  ])('refuses %j in one sentence', (text, sentence) => {
    expect(() => readNetwork(text)).toThrow(sentence);
  });
});
