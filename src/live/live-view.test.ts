// The escape sequences of terminals are the subject here.
/* eslint-disable no-control-regex */
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../core/index.js';
import { LiveView, type ViewMode } from './live-view.js';
import { liveSnapshot } from './snapshot.fixture.js';

function shown(mode: ViewMode) {
  const clock = new FakeClock();
  const written: string[] = [];
  const times: number[] = [];
  const write = (text: string) => {
    written.push(text);
    times.push(clock.now());
  };
  const surface = { write, columns: 80, rows: 24, colours: false };
  return { clock, written, times, view: new LiveView(surface, mode, clock) };
}

describe('the live view', () => {
  it('draws at most four times a second, always the newest snapshot', async () => {
    const { clock, written, view } = shown('live');
    for (let i = 0; i < 100; i++) {
      view.update(() => liveSnapshot({ achieved: i }));
      await clock.advance(10);
    }
    // One second: at 0, 250, 500, 750 and 1,000 ms.
    expect(written).toHaveLength(5);
    expect(written[3]).toContain('achieved 74/s');
    expect(written[4]).toContain('achieved 99/s');
    view.stop();
  });

  it('hides the cursor while it draws and gives it back', () => {
    const before = process.listenerCount('exit');
    const { written, view } = shown('live');
    expect(process.listenerCount('exit')).toBe(before + 1);
    view.update(() => liveSnapshot());
    view.stop();
    const all = written.join('');
    expect(all.match(/\u001b\[\?25l/g)).toHaveLength(1);
    expect(all.match(/\u001b\[\?25h/g)).toHaveLength(1);
    expect(all.indexOf('\u001b[?25h')).toBeGreaterThan(all.indexOf('\u001b[?25l'));
    expect(process.listenerCount('exit')).toBe(before);
  });

  it('keeps lines that stay above the frame', () => {
    const { written, view } = shown('live');
    view.update(() => liveSnapshot());
    view.line('✓ single-tool-latency');
    expect(written[1]).toMatch(/^\r\u001b\[\d+A✓ single-tool-latency\u001b\[K\n\u001b\[J$/);
    expect(written[2]).toContain('▸ throughput-under-load');
    view.stop();
  });

  it('writes a line every 10 s where there is no terminal, every 60 s after ten minutes', async () => {
    const { clock, times, written, view } = shown('plain');
    for (let second = 0; second < 1200; second++) {
      view.update(() => liveSnapshot({ elapsedMs: second * 1000 }));
      await clock.advance(1000);
    }
    const gaps = times.slice(1).map((time, index) => time - times[index]!);
    expect(gaps.slice(0, 59)).toEqual(Array(59).fill(10_000));
    expect(gaps.slice(-8)).toEqual(Array(8).fill(60_000));
    expect(written.join('')).not.toContain('\u001b');
    view.stop();
  });

  it('says nothing of its own accord when it is off', async () => {
    const { clock, written, view } = shown('off');
    view.update(() => liveSnapshot());
    await clock.advance(60_000);
    expect(written).toEqual([]);
    expect(clock.pending).toBe(0);
    view.stop();
  });
});
