import { printableLine, type TestResult } from '../../core/index.js';
import { factLines } from './facts-section.js';
import { count, number, percent, quantity } from './numbers.js';

/** What turns of several calls came to, a line for each test that made some. */
export function turns(tests: readonly TestResult[], width: number): string[] {
  return tests.flatMap((test) => {
    const value = (name: string) => test.metrics[name]?.value ?? null;
    const total = value('turns.total');
    if (total === null) return [];
    const times = ['p50', 'p95', 'p99'].flatMap((suffix) => {
      const ms = value(`turn_time.${suffix}`);
      return ms === null ? [] : [`${suffix} ${number(ms)} ms`];
    });
    const cut = value('turns.cut') ?? 0;
    const missing = value('turns.missing_field') ?? 0;
    const parts = [
      `${count(total)} turns`,
      ...(total > 0 ? [`${percent(value('turns.success_rate'))} ok`] : []),
      quantity(value('turns.throughput'), 'ops/s'),
      ...times,
      ...(missing > 0 ? [`${count(missing)} lacked a field`] : []),
      ...(cut > 0 ? [`${count(cut)} cut`] : []),
    ];
    const where = tests.length > 1 ? ` (${printableLine(test.id, 60)})` : '';
    return factLines('turns', parts.join(' · ') + where, width);
  });
}
