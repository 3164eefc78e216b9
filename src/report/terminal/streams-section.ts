import { printableLine, type TestResult } from '../../core/index.js';
import { factLines } from './facts-section.js';
import { count, number, quantity } from './numbers.js';

/** Event streams that were held, test by test: how many, what became of them, and how fast events came. */
export function streamLines(tests: readonly TestResult[], width: number): string[] {
  return tests.flatMap((test) => {
    const value = (name: string) => test.metrics[name]?.value ?? null;
    const opened = value('streams.opened');
    if (opened === null) return [];
    const parts = [`${count(opened)} opened`];
    const some = (name: string, what: string) => {
      const times = value(`streams.${name}`) ?? 0;
      if (times > 0) parts.push(`${count(times)} ${what}`);
    };
    some('refused', 'refused');
    parts.push(
      `${count(value('streams.dropped') ?? 0)} dropped`,
      `${count(value('streams.events') ?? 0)} events`,
    );
    some('gaps', 'lost');
    some('duplicates', 'twice');
    const times = (family: string, what: string) => {
      const [p50, p99, max] = ['p50', 'p99', 'max'].map((suffix) => value(`${family}.${suffix}`));
      if (p50 == null) return;
      const high = p99 == null ? `max ${number(max ?? p50)}` : `p99 ${number(p99)}`;
      parts.push(`${what} p50 ${number(p50)} ${high} ms`);
    };
    times('stream_open', 'open');
    times('first_event', 'first event');
    times('event_latency', 'event latency');
    times('event_spread', 'first to last stream');
    const memory = value('streams.bytes_per_stream');
    if (memory !== null) parts.push(`${quantity(memory, 'B')} of the target each`);
    const where = tests.length > 1 ? ` (${printableLine(test.id, 60)})` : '';
    return factLines('streams', parts.join(' · ') + where, width);
  });
}
