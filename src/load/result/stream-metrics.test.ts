import { describe, expect, it } from 'vitest';
import { Recorder } from '../recording/recorder.js';
import type { StreamReport } from '../streams/stream-report.js';
import { patternSentence, streamMetrics, streamNotes } from './stream-metrics.js';

const quiet: StreamReport = {
  wanted: 10,
  opened: 10,
  held: 10,
  heldMost: 10,
  refused: 0,
  refusals: [],
  dropped: 0,
  drops: [],
  events: 0,
  requests: 0,
  stamped: 0,
  leastEvents: 0,
  mostEvents: 0,
  gaps: 0,
  duplicates: 0,
  disordered: 0,
  malformed: 0,
  unsubscribed: [],
  unacknowledged: 0,
  fromTheFuture: 0,
  loopLagP99Ms: 0,
};

describe('what is told of held streams', () => {
  it('is nothing where nothing happened', () => {
    expect(streamNotes(quiet)).toEqual([]);
    expect(streamMetrics(quiet)['streams.opened']).toEqual({ value: 10, unit: 'count' });
    expect(Object.keys(streamMetrics(quiet)).filter((name) => !name.startsWith('streams.'))).toEqual([]);
  });

  it('has the times that were recorded', () => {
    const recorder = new Recorder();
    for (let ms = 1; ms <= 100; ms++) recorder.record(ms);
    const metrics = streamMetrics({ ...quiet, latency: recorder.drain()! });
    expect(metrics['event_latency.min']).toEqual({ value: 1, unit: 'ms' });
    expect(metrics['event_latency.max']).toEqual({ value: 100, unit: 'ms' });
    expect(metrics['event_latency.p50']!.value).toBeCloseTo(50, 0);
    expect(metrics['event_latency.p999']!.value).toBeNull();
  });

  it('names why there are fewer than wanted, and what came of the others', () => {
    expect(
      streamNotes({
        ...quiet,
        wanted: 20,
        limit: 'refused: HTTP 503',
        refused: 12,
        dropped: 5,
        drops: [{ kind: 'ended', why: 'the server ended it', count: 5 }],
        pattern: { kind: 'eventless', ms: 60_020, drops: 5, either: false },
        events: 30,
        stamped: 10,
        gaps: 2,
      }),
    ).toEqual([
      'Only 10 of 20 streams were opened: refused: HTTP 503.',
      '5 streams were dropped (ended): the server ended it.',
      '5 streams ended after 1 m without an event: an idle time-out.',
      expect.stringContaining('20 of 30 events carry no time') as string,
      '2 numbers are missing between events of a stream: they were lost.',
    ]);
  });

  it('does not claim more than the ends show', () => {
    const drops = 4;
    expect(patternSentence({ kind: 'eventless', ms: 3000, drops, either: true })).toMatch(
      /idle time-out, or a limit on the life/,
    );
    expect(patternSentence({ kind: 'silent', ms: 15_000, drops, either: false })).toContain('without a byte');
    expect(patternSentence({ kind: 'life', ms: 600_000, drops, either: false })).toContain('whatever came');
    expect(patternSentence({ kind: 'moment', ms: 0, drops, either: false })).toBe(
      '4 streams ended at the same moment.',
    );
  });
});
