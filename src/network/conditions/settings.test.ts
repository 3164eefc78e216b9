import { describe, expect, it } from 'vitest';
import { clearConditions, roundTripMs } from './conditions.js';
import { networkProfile, networkProfiles } from './profiles.js';
import { applySettings, networkSettings, settingFlag } from './settings.js';

const set = (values: Record<string, string>) => applySettings(clearConditions(), values, settingFlag);

describe('the settings of a network', () => {
  it('halve a round trip over both directions', () => {
    const { up, down } = set({ latency: '50ms', jitter: '10ms' });
    expect([up.latencyMs, down.latencyMs, up.jitterMs, down.jitterMs]).toEqual([25, 25, 5, 5]);
  });

  it('let a direction’s own value win, whatever the order', () => {
    const { up, down } = set({ latencyUp: '40ms', latency: '10ms', bandwidthDown: '10mbit' });
    expect([up.latencyMs, down.latencyMs]).toEqual([40, 5]);
    expect([up.bandwidth, down.bandwidth]).toEqual([0, 1_250_000]);
  });

  it('read rates in bits and bytes, shares, slices, stalls and cuts', () => {
    expect(set({ bandwidth: '1MB' }).up.bandwidth).toBe(1e6);
    expect(set({ bandwidth: '256kbit/s' }).up.bandwidth).toBe(32_000);
    expect(set({ stall: '2%:200ms' }).down).toMatchObject({ stallShare: 0.02, stallMs: 200 });
    expect(set({ slice: '100:5ms' }).up).toMatchObject({ sliceBytes: 100, sliceGapMs: 5 });
    expect(set({ cut: '3s@10s,hold:500ms@1m/2m' }).cuts).toEqual([
      { kind: 'reset', forMs: 3000, atMs: 10_000, everyMs: 0 },
      { kind: 'hold', forMs: 500, atMs: 60_000, everyMs: 120_000 },
    ]);
  });

  it.each([
    [{ latency: '-5ms' }, /--latency .*duration.*'-5ms'/],
    [{ latency: '2h' }, /--latency .*at most 60s.*'2h'/],
    [{ latency: '50' }, /--latency .*duration.*'50'/],
    [{ jitter: '60ms', latency: '20ms' }, /jitter .*at most the latency, got 30 ms on 10 ms up/],
    [{ bandwidth: '-1mbit' }, /--bandwidth .*rate.*'-1mbit'/],
    [{ bandwidth: '10Tbit' }, /--bandwidth .*rate/],
    [{ bandwidth: '1bit' }, /--bandwidth .*1kbit to 100gbit/],
    [{ stall: '120%:1s' }, /share of --stall .*share.*'120%'/],
    [{ stall: '5%' }, /--stall .*SHARE:TIME/],
    [{ resetShare: '2' }, /--reset-share .*share/],
    [{ limit: '-1' }, /--limit .*size/],
    [{ slice: '10:5ms:3' }, /--slice .*BYTES/],
    [{ cut: '3s' }, /--cut .*FOR@AT/],
    [{ cut: '3s@1s/2s' }, /--cut .*over before it comes again/],
    [{ cut: '0s@1s' }, /--cut .*longer than nothing/],
    [{ distribution: 'gauss' }, /--distribution .*uniform, normal, exponential/],
    [{ handshake: 'perhaps' }, /--handshake .*yes or no/],
    [{ latencie: '5ms' }, /no 'latencie'/],
  ])('refuse %o in one sentence', (values, sentence) => {
    expect(() => set(values)).toThrow(sentence);
  });

  it('have flags in kebab case, no two alike', () => {
    const flags = networkSettings.map(settingFlag);
    expect(new Set(flags).size).toBe(flags.length);
    expect(flags).toContain('--slow-close-up');
  });
});

describe('the named networks', () => {
  it.each([
    ['lan', 0.5],
    ['wifi', 4],
    ['dsl', 50],
    ['3g', 300],
    ['transatlantic', 80],
    ['satellite', 600],
    ['lossy', 40],
  ])('%s has a round trip of %d ms and names its source', (name, ms) => {
    const profile = networkProfile(name);
    expect(roundTripMs(profile.conditions)).toBe(ms);
    expect(profile.source).not.toBe('');
    expect(() => applySettings(profile.conditions, {})).not.toThrow();
  });

  it('are all of them', () => {
    expect(networkProfiles).toHaveLength(7);
  });

  it('answer a slip with the nearest', () => {
    expect(() => networkProfile('transatlantik')).toThrow(
      expect.objectContaining({ exitCode: 104, hint: expect.stringMatching(/transatlantic/) as string }),
    );
  });
});
