import { describe, expect, it } from 'vitest';
import { DynoError } from '../../core/index.js';
import { resolveContradictions } from './contradictions.js';
import { flagHint, mergeSettings, strangeVariables, type GivenFlag } from './merge.js';
import { environmentName } from './option.js';
import { printedSettings } from './print.js';
import { flagNames, optionEntries, type OptionKey } from './table.js';

const flags = (given: Partial<Record<OptionKey, GivenFlag>>) =>
  new Map(Object.entries(given) as [OptionKey, GivenFlag][]);
const config = (values: Partial<Record<OptionKey, unknown>>) => ({
  values,
  placeOf: (key: string) => `dyno.config.json:${key.length}`,
});
const merge = (layers: Partial<Parameters<typeof mergeSettings>[1]>) =>
  mergeSettings('load', { environment: {}, flags: new Map(), ...layers });

/** The message and hint of what a function throws. */
function fault(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (!(error instanceof DynoError)) throw error;
    expect(error.exitCode).toBe(104);
    return `${error.message} | ${error.hint ?? ''}`;
  }
  throw new Error('Expected it to throw');
}

describe('the precedence of settings', () => {
  const file = config({ connections: 2 });
  const environment = { DYNO_CONNECTIONS: '3' };
  const typed = flags({ connections: { as: '--vus', value: ['4'] } });

  it.each([
    [{}, 10, { kind: 'default' }],
    [{ config: file }, 2, { kind: 'config', place: 'dyno.config.json:11' }],
    [{ config: file, environment }, 3, { kind: 'environment', name: 'DYNO_CONNECTIONS' }],
    [{ config: file, environment, flags: typed }, 4, { kind: 'flag', name: '--vus' }],
    [{ flags: typed }, 4, { kind: 'flag', name: '--vus' }],
  ])('is default < config < environment < flag: %o', (layers, value, origin) => {
    const merged = merge(layers);
    expect(merged.settings.connections).toBe(value);
    expect(merged.origins.connections).toEqual(origin);
  });

  it('replaces lists whole', () => {
    const merged = merge({
      config: config({ tool: ['a', 'b'] }),
      flags: flags({ tool: { as: '--tool', value: ['c=2'] } }),
    });
    expect(merged.settings.tool).toEqual(['c=2']);
  });

  it('takes lists from the environment by commas, or as JSON where values hold commas', () => {
    expect(merge({ environment: { DYNO_ALLOW: 'a, b' } }).settings.allow).toEqual(['a', 'b']);
    const header = '["Accept: a, b","X: y"]';
    expect(merge({ environment: { DYNO_HEADER: header } }).settings.header).toEqual(['Accept: a, b', 'X: y']);
  });

  it('ignores options of other commands, but checks them in the config file', () => {
    expect(merge({ config: config({ profile: 'smoke' }) }).origins.profile).toEqual({ kind: 'default' });
    expect(fault(() => merge({ config: config({ profile: 'smok' }) }))).toMatch(/profile in .*smoke/);
  });

  it('shows every value with its origin and no secret', () => {
    const merged = merge({ environment: { DYNO_BEARER: 'tok_very_secret', DYNO_DURATION: '90s' } });
    const printed = printedSettings('load', merged);
    expect(printed).toContainEqual({ key: 'bearer', value: '[redacted]', origin: 'DYNO_BEARER' });
    expect(printed).toContainEqual({ key: 'duration', value: '90s', origin: 'DYNO_DURATION' });
    expect(printed).toContainEqual({ key: 'connections', value: '10', origin: 'default' });
    expect(JSON.stringify(printed)).not.toContain('tok_very_secret');
  });
});

describe('a wrong value names its place', () => {
  it.each([
    [{ environment: { DYNO_RATE: 'fast' } }, /DYNO_RATE.*number.*'fast'/],
    [{ environment: { DYNO_WORKERS: '0x10' } }, /DYNO_WORKERS.*whole number/],
    [{ environment: { DYNO_INSECURE: 'maybe' } }, /DYNO_INSECURE.*true or false/],
    [{ config: config({ connections: '10' }) }, /connections in dyno.config.json:11.*whole number.*'10'/],
    [{ config: config({ duration: 30 }) }, /duration in .*duration such as '30s'.*30/],
    [{ config: config({ stages: ['30s-50'] }) }, /stages in .*\[0\].*30s:50/],
    [{ flags: flags({ connections: { as: '--connections', value: ['0'] } }) }, /--connections.*from 1/],
    [
      { flags: flags({ connections: { as: '--connections', value: ['1', '2'] } }) },
      /--connections once.*2 times/,
    ],
    [
      { flags: flags({ session: { as: '--session', value: ['per-vuu'] } }) },
      /--session.*Did you mean 'per-vu'/,
    ],
    [{ flags: flags({ out: { as: '--out', value: ['jsn=x'] } }) }, /--out.*Did you mean 'json'/],
    [{ flags: flags({ warmup: { as: '--warmup', value: ['soon'] } }) }, /--warmup.*a time, auto, or 0/],
    [{ flags: flags({ header: { as: '--header', value: ['no colon'] } }) }, /--header.*Name: value/],
  ])('%o', (layers, message) => {
    expect(fault(() => merge(layers))).toMatch(message);
  });
});

describe('contradictions', () => {
  const given = (layers: Parameters<typeof merge>[0]) => resolveContradictions(merge(layers));
  const flag = (key: OptionKey, value: string) => [key, { as: `--${key}`, value: [value] }] as const;
  const typed = (...entries: (readonly [OptionKey, GivenFlag])[]) => ({ flags: new Map(entries) });

  it.each([
    [typed(flag('stages', '1s:5'), flag('duration', '5s')), /stages.*duration.*contradict/],
    [typed(flag('stages', '1s:5'), flag('requests', '5')), /stages.*requests.*contradict/],
    [typed(flag('rate', '5'), flag('thinkTime', '1s')), /rate.*thinkTime.*contradict/],
    [typed(flag('bearer', 'x'), flag('bearerCommand', 'y')), /bearer.*bearerCommand.*contradict/],
    [typed(flag('arrivals', 'poisson')), /arrivals means nothing without --rate/],
    [typed(flag('server', 'a')), /server means nothing without --mcp-config/],
    [{ environment: { DYNO_ARRIVALS: 'poisson' } }, /DYNO_ARRIVALS means nothing without --rate/],
    [typed(flag('warmup', '10s'), flag('duration', '5s')), /warmup is as long as the load/],
    [
      { environment: { DYNO_STAGE: '1s:5', DYNO_DURATION: '1s' } },
      /DYNO_(STAGE|DURATION) and DYNO_(STAGE|DURATION) contradict/,
    ],
  ])('%o', (layers, message) => {
    expect(fault(() => given(layers))).toMatch(message);
  });

  it('are none across layers: the higher one was meant', () => {
    const merged = given({ config: config({ duration: '60s' }), ...typed(flag('stages', '1s:5')) });
    expect(merged.settings.stages).toEqual([{ durationMs: 1000, target: 5 }]);
    expect(merged.origins.duration).toEqual({ kind: 'default' });
  });
});

describe('slips', () => {
  it('in flags get the nearest one of the command, or the command that has it', () => {
    expect(flagHint('load', '--durration')).toBe("Did you mean '--duration'?");
    expect(flagHint('load', '--profile=smoke')).toBe('--profile belongs to: dyno test.');
    expect(flagHint('load', '--xyzzy')).toBe('See dyno load --help.');
  });

  it('in variables get the nearest one', () => {
    expect(
      strangeVariables({ DYNO_CONECTIONS: '3', DYNO_DEBUG: '1', DYNO_INPUT_KEY: 'x', DYNO: 'web.1' }),
    ).toEqual(["DYNO_CONECTIONS is set but is no variable of dyno. Did you mean 'DYNO_CONNECTIONS'?"]);
  });
});

describe('the option table', () => {
  it('names every flag, variable and letter once', () => {
    const names = optionEntries.flatMap(([, spec]) => flagNames(spec));
    const letters = optionEntries.flatMap(([, spec]) => spec.short ?? []);
    const variables = optionEntries.flatMap(([, spec]) => environmentName(spec) ?? []);
    for (const list of [names, letters, variables]) expect(new Set(list).size).toBe(list.length);
  });

  it('reads back what it shows of each default', () => {
    for (const [key, spec] of optionEntries) {
      const value = spec.default as unknown;
      if (value === undefined) continue;
      expect([key, spec.type.parse(spec.type.show(value as never), key)]).toEqual([key, value]);
    }
  });
});
