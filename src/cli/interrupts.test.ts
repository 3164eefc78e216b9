import { describe, expect, it, vi } from 'vitest';
import { Interrupts } from './interrupts.js';

describe('Ctrl-C', () => {
  it('drains once, aborts twice, and ends the process the third time', () => {
    vi.useFakeTimers();
    const said: string[] = [];
    const exits: number[] = [];
    const interrupts = new Interrupts(
      (sentence) => said.push(sentence),
      (code) => exits.push(code),
    );
    expect(interrupts.stopped).toBe(false);
    interrupts.hear();
    expect([interrupts.stopped, interrupts.drain.aborted, interrupts.abort.aborted]).toEqual([
      true,
      true,
      false,
    ]);
    expect(said).toHaveLength(1);
    interrupts.hear();
    expect(interrupts.abort.aborted).toBe(true);
    expect(exits).toEqual([]);
    interrupts.hear();
    expect(exits).toEqual([105]);
    // The second also sets a limit to how long stopping may take.
    vi.advanceTimersByTime(5000);
    expect(exits).toEqual([105, 105]);
    vi.useRealTimers();
  });

  it('is listened to only while a command runs', () => {
    const before = process.listenerCount('SIGINT');
    const uninstall = new Interrupts(() => undefined).install();
    expect(process.listenerCount('SIGINT')).toBe(before + 1);
    uninstall();
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
