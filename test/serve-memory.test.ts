import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { startProgram, type ListeningProgram } from './fixtures/start-program.js';

let server: ListeningProgram;
const serve = async (...args: string[]) => {
  const all = ['bin/dyno.js', 'serve', '--exit-with-stdin', '--no-sessions', ...args];
  return (server = await startProgram(process.execPath, all));
};
afterEach(() => server.stop());

const call = async () => {
  const answer = await fetch(server.url, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'get_inventory', arguments: { item_id: 'ITEM001' } },
    }),
  });
  await answer.text();
};

/** Resident memory that holds what was written, without the program's own pages (proc_pid_status(5)). */
const held = () => {
  const status = readFileSync(`/proc/${server.pid}/status`, 'utf8');
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
};

const watch = async (until: () => boolean) => {
  const seen: number[] = [];
  while (!until()) {
    seen.push(held());
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return seen;
};

/** A server's own heap moves by less than this while little is asked of it. */
const heapMoves = 30e6;

describe('a server holds', () => {
  it('its ballast from the start', async () => {
    await serve();
    const without = held();
    await server.stop();
    await serve('--ballast', '200MB');
    expect(Math.abs(held() - without - 200e6)).toBeLessThan(heapMoves);
  });

  it('a swing of memory half of the time, and gives it back', async () => {
    await serve('--memory-swing', '200MB/400ms');
    let [least, most] = [Infinity, 0];
    let returns = 0;
    let up = false;
    await watch(() => {
      const now = held();
      least = Math.min(least, now);
      most = Math.max(most, now);
      if (up && now < least + heapMoves) returns++;
      if (now > least + 150e6) up = true;
      else if (now < least + heapMoves) up = false;
      return returns >= 3;
    });
    expect(Math.abs(most - least - 200e6)).toBeLessThan(2 * heapMoves);
  });

  it('memory while calls are under way', async () => {
    await serve('--service-time', '500ms', '--hold-bytes', '10MB');
    await call();
    const before = held();
    let ended = false;
    const calls = Promise.all(Array.from({ length: 10 }, call)).then(() => (ended = true));
    const seen = await watch(() => ended);
    await calls;
    expect(Math.max(...seen) - before).toBeGreaterThan(100e6 - heapMoves);
  });

  it('what it keeps per call, and not what it drops', async () => {
    await serve('--keep-bytes', '1MB', '--churn-bytes', '2MB');
    await call();
    const before = held();
    for (let i = 0; i < 100; i++) await call();
    const grown = held() - before;
    expect(grown).toBeGreaterThan(100e6 - heapMoves);
    // Twice as much again was dropped, and some of that waits to be collected.
    expect(grown).toBeLessThan(200e6);
  });
});
