import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DynoError } from '../../core/index.js';
import { checkKnobs } from './check-knobs.js';
import { knobTable } from './knob-table.js';
import { defaultKnobs, type ReferenceKnobs } from './knobs.js';

function set(flag: string, text = ''): ReferenceKnobs {
  const knobs = { ...defaultKnobs };
  knobTable.find(({ flags }) => flags.split(' ')[0] === flag)!.set(knobs, text);
  return knobs;
}

describe('the knobs', () => {
  it('read what people write', () => {
    expect(set('--service-time', '2.3ms').serviceTimeMs).toBe(2.3);
    expect(set('--stall', '0.5s/2s').stall).toEqual({ forMs: 500, everyMs: 2000 });
    expect(set('--slow-share', '2%').slowShare).toBe(0.02);
    expect(set('--keep-bytes', '2kB').keepBytes).toBe(2000);
    expect(set('--fail', 'tool=5%,wrong-id=0.01').fail).toEqual(
      new Map([
        ['tool', 0.05],
        ['wrong-id', 0.01],
      ]),
    );
    expect(set('--service-distribution', 'lognormal:0.8').distribution).toEqual({
      kind: 'lognormal',
      sigma: 0.8,
    });
    expect(set('--service-distribution', 'bimodal:10%@50ms').distribution).toEqual({
      kind: 'bimodal',
      share: 0.1,
      ms: 50,
    });
    expect(set('--protocol', '2025-06-18')).toMatchObject({ era: 'session', protocol: '2025-06-18' });
    expect(set('--protocol', 'stateless')).toMatchObject({ era: 'stateless', protocol: undefined });
    expect(set('--path', 'rpc').path).toBe('/rpc');
  });

  it.each([
    ['--port', '70000', 'a whole number from 0 to 65535'],
    ['--slots', '0', 'a whole number from 1'],
    ['--slots', '1.5', 'a whole number'],
    ['--service-time', 'fast', 'a duration such as'],
    ['--service-time', '-2ms', 'a duration such as'],
    ['--service-time', '48h', 'at most a day'],
    ['--stall', '2s', 'such as 500ms/2s'],
    ['--stall', '2s/1s', 'less than the whole time'],
    ['--slow-share', '120%', 'a share such as'],
    ['--slow-share', '', 'a share such as'],
    ['--keep-bytes', '2 apples', 'a size such as'],
    ['--keep-bytes', '9gb', 'at most 1 GB'],
    ['--fail', 'tool', 'shares such as'],
    ['--fail', 'tol=1%', 'one of tool, rpc'],
    ['--fail', 'tool=1%,tool=2%', "name 'tool' once"],
    ['--fail', 'tool=60%,rpc=41%', 'add up to at most 100%'],
    ['--service-distribution', 'normal', 'one of constant'],
    ['--service-distribution', 'exponential:2', 'no parameter'],
    ['--service-distribution', 'lognormal:0', 'a sigma above 0'],
    ['--service-distribution', 'bimodal:3', 'such as bimodal:10%@50ms'],
    ['--protocol', '2024', 'one of both'],
    ['--answer', 'xml', 'one of json'],
    ['--drift', '1ms', 'such as 1ms/10s'],
    ['--drift', '1ms/0s', 'grow over some time'],
    ['--memory-swing', '1MB/1ms', 'at least 20ms'],
    ['--tls', 'cert.pem', 'two files such as'],
  ])('refuse %s %s in one sentence that names the option', (flag, text, expected) => {
    const refusal = () => set(flag, text);
    expect(refusal).toThrow(expected);
    expect(refusal).toThrow(flag);
    expect(refusal).toThrow(expect.objectContaining({ exitCode: 104 }));
  });

  it('never throw anything but a usage error, whatever is written', () => {
    fc.assert(
      fc.property(fc.constantFrom(...knobTable), fc.string(), (knob, text) => {
        try {
          knob.set({ ...defaultKnobs }, text);
        } catch (error) {
          expect(error).toBeInstanceOf(DynoError);
          expect(error).toMatchObject({ exitCode: 104 });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it.each<[Partial<ReferenceKnobs>, string]>([
    [{ slowShare: 0.1 }, '--slow-share and --slow-time'],
    [{ slowTimeMs: 10 }, '--slow-share and --slow-time'],
    [{ spin: true, slots: 4 }, '--spin and --slots'],
    [{ distribution: { kind: 'exponential' } }, 'needs a --service-time'],
    [{ transport: 'stdio', fail: new Map([['throttle', 0.1]]) }, '--fail throttle needs HTTP'],
    [{ transport: 'stdio', answer: 'sse' }, '--answer sse needs HTTP'],
    [{ transport: 'stdio', ssePath: '/sse' }, '--sse-path and --stdio'],
    [{ transport: 'stdio', port: 80 }, '--port and --stdio'],
    [{ transport: 'stdio', leakSessions: true }, '--leak-sessions needs sessions'],
    [{ sessions: false, bytesPerSession: 10 }, '--bytes-per-session needs sessions'],
    [{ era: 'stateless', leakBytesPerSession: 10 }, '--leak-bytes-per-session needs sessions'],
  ])('refuse what cannot go together: %o', (knobs, sentence) => {
    expect(() => {
      checkKnobs({ ...defaultKnobs, ...knobs });
    }).toThrow(sentence);
    expect(() => {
      checkKnobs(defaultKnobs);
    }).not.toThrow();
  });
});
