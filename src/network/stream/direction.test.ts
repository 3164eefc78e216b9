import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock, seededRandom } from '../../core/index.js';
import { clearConditions, type DirectionConditions } from '../conditions/conditions.js';
import { Direction } from './direction.js';
import { Link } from './link.js';
import { ReleaseTimer } from './release-timer.js';

interface Arrival {
  at: number;
  text: string;
}

/** A direction on fake time, and what came out of it when. */
function network(part: Partial<DirectionConditions>, link = new Link({ ...clearConditions().up, ...part })) {
  const clock = new FakeClock();
  const out: Arrival[] = [];
  const log: string[] = [];
  let takes = true;
  const direction = new Direction(
    link,
    {
      write: (chunk) => {
        out.push({ at: clock.now(), text: chunk.toString() });
        return takes;
      },
      end: () => out.push({ at: clock.now(), text: '<end>' }),
      limitReached: () => out.push({ at: clock.now(), text: '<limit>' }),
      pause: () => log.push('pause'),
      resume: () => log.push('resume'),
    },
    new ReleaseTimer(clock, false),
    seededRandom(7),
  );
  const setTakes = (value: boolean) => {
    takes = value;
  };
  return { clock, link, direction, out, log, setTakes };
}

describe('a direction of a network', () => {
  it('passes bytes on at once where nothing is switched on', () => {
    const { direction, out } = network({});
    direction.push(Buffer.from('a'));
    direction.end();
    expect(out).toEqual([
      { at: 0, text: 'a' },
      { at: 0, text: '<end>' },
    ]);
  });

  it('delays everything by its latency, the end too', async () => {
    const { clock, direction, out } = network({ latencyMs: 25 });
    direction.push(Buffer.from('a'));
    await clock.advance(10);
    direction.push(Buffer.from('b'));
    direction.end();
    await clock.advance(100);
    expect(out).toEqual([
      { at: 25, text: 'a' },
      { at: 35, text: 'b' },
      { at: 35, text: '<end>' },
    ]);
  });

  it('spreads uniform jitter over latency ± jitter', async () => {
    const { clock, direction, out } = network({ latencyMs: 50, jitterMs: 10 });
    const delays: number[] = [];
    for (let index = 0; index < 400; index++) {
      const sent = clock.now();
      direction.push(Buffer.from('x'));
      await clock.advance(100);
      delays.push(out.at(-1)!.at - sent);
    }
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(40);
    expect(Math.max(...delays)).toBeLessThanOrEqual(60);
    // The mean of 400 uniform values has a standard deviation of 20/√12/√400 = 0.29 ms.
    expect(delays.reduce((sum, delay) => sum + delay, 0) / 400).toBeCloseTo(50, 0);
  });

  it('carries the bytes per second that its bandwidth says, in pieces', async () => {
    const { clock, direction, out } = network({ bandwidth: 100_000 });
    direction.push(Buffer.alloc(50_000, 'x'));
    await clock.advance(1000);
    expect(out.at(-1)!.at).toBeCloseTo(500, 6);
    expect(out.length).toBe(Math.ceil(50_000 / 1460));
    expect(out[0]!.at).toBeCloseTo(14.6, 6);
  });

  it('shares the bandwidth among connections', async () => {
    const one = network({ bandwidth: 100_000 });
    const other = network({}, one.link);
    one.direction.push(Buffer.alloc(10_000));
    other.direction.push(Buffer.alloc(10_000));
    await Promise.all([one.clock.advance(1000), other.clock.advance(1000)]);
    expect(one.out.at(-1)!.at).toBeCloseTo(100, 6);
    expect(other.out.at(-1)!.at).toBeCloseTo(200, 6);
  });

  it('holds up what follows a stalled segment', async () => {
    const { clock, direction, out, link } = network({ latencyMs: 5, stallShare: 1, stallMs: 200 });
    direction.push(Buffer.from('late'));
    link.conditions = { ...link.conditions, stallShare: 0 };
    direction.push(Buffer.from('behind'));
    await clock.advance(1000);
    expect(out.map(({ at }) => at)).toEqual([205, 205]);
  });

  it('closes after its limit of bytes, and passes on no more', async () => {
    const { clock, direction, out } = network({ limitBytes: 5 });
    direction.push(Buffer.from('abc'));
    direction.push(Buffer.from('defg'));
    direction.push(Buffer.from('h'));
    await clock.advance(1);
    expect(out.map(({ text }) => text)).toEqual(['abc', 'de', '<limit>']);
  });

  it('cuts bytes into slices with a gap between them', async () => {
    const { clock, direction, out } = network({ sliceBytes: 2, sliceGapMs: 10 });
    direction.push(Buffer.from('abcde'));
    await clock.advance(100);
    expect(out).toEqual([
      { at: 0, text: 'ab' },
      { at: 10, text: 'cd' },
      { at: 20, text: 'e' },
    ]);
  });

  it('passes a close on later where closes are slow', async () => {
    const { clock, direction, out } = network({ slowCloseMs: 300 });
    direction.push(Buffer.from('a'));
    direction.end();
    await clock.advance(1000);
    expect(out).toEqual([
      { at: 0, text: 'a' },
      { at: 300, text: '<end>' },
    ]);
  });

  it('passes nothing on while the link is held, and all of it afterwards', async () => {
    const { clock, direction, out, link } = network({ latencyMs: 5 });
    direction.push(Buffer.from('a'));
    link.held = true;
    await clock.advance(50);
    direction.push(Buffer.from('b'));
    await clock.advance(50);
    expect(out).toEqual([]);
    link.held = false;
    direction.released();
    await clock.advance(50);
    expect(out.map(({ text }) => text)).toEqual(['a', 'b']);
    expect(out[0]!.at).toBe(100);
  });

  it('tells the sender to wait while the receiver does not read', () => {
    const { direction, log, setTakes } = network({});
    setTakes(false);
    direction.push(Buffer.from('a'));
    expect(log).toEqual(['pause']);
    setTakes(true);
    direction.drained();
    expect(log).toEqual(['pause', 'resume']);
  });

  it('tells the sender to wait once the link has half a second of work', async () => {
    const { clock, direction, log, out } = network({ bandwidth: 100_000 });
    direction.push(Buffer.alloc(50_000));
    expect(log).toEqual([]);
    direction.push(Buffer.alloc(50_000));
    expect(log).toEqual(['pause']);
    await clock.advance(2000);
    expect(log).toEqual(['pause', 'resume']);
    expect(out.at(-1)!.at).toBeCloseTo(1000, 6);
  });

  it('leaves the link to others when its connection is gone', async () => {
    const one = network({ bandwidth: 100_000 });
    const other = network({}, one.link);
    one.direction.push(Buffer.alloc(50_000));
    one.direction.silence();
    other.direction.push(Buffer.alloc(10_000));
    await other.clock.advance(1000);
    expect(other.out.at(-1)!.at).toBeCloseTo(100, 6);
  });

  it('never carries more than its bandwidth for those who waited behind a connection that is gone', async () => {
    const one = network({ bandwidth: 100_000 });
    const other = network({}, one.link);
    one.direction.push(Buffer.alloc(50_000));
    other.direction.push(Buffer.alloc(10_000));
    one.direction.silence();
    other.direction.push(Buffer.alloc(50_000));
    await other.clock.advance(2000);
    expect(other.out.at(-1)!.at).toBeCloseTo(1100, 6);
  });

  it('keeps every byte and their order, whatever is switched on', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          latencyMs: fc.integer({ min: 0, max: 50 }),
          jitterMs: fc.integer({ min: 0, max: 50 }),
          distribution: fc.constantFrom('uniform' as const, 'normal' as const, 'exponential' as const),
          bandwidth: fc.constantFrom(0, 1000, 1_000_000),
          stallShare: fc.constantFrom(0, 0.3),
          stallMs: fc.constant(40),
          sliceBytes: fc.constantFrom(0, 1, 3),
          sliceGapMs: fc.constantFrom(0, 1),
        }),
        fc.array(fc.tuple(fc.string({ minLength: 1, maxLength: 40 }), fc.integer({ min: 0, max: 20 })), {
          maxLength: 12,
        }),
        async (conditions, pushes) => {
          const { clock, direction, out } = network(conditions);
          for (const [text, wait] of pushes) {
            direction.push(Buffer.from(text, 'latin1'));
            if (wait > 0) await clock.advance(wait);
          }
          direction.end();
          await clock.advance(60_000);
          const sent = pushes.map(([text]) => Buffer.from(text, 'latin1').toString()).join('');
          const got = out.map(({ text }) => text);
          expect(got.pop()).toBe('<end>');
          expect(got.join('')).toBe(sent);
          expect(out.map(({ at }) => at)).toEqual(out.map(({ at }) => at).sort((a, b) => a - b));
        },
      ),
      { numRuns: 60 },
    );
  });
});
