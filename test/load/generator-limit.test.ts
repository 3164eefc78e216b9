import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { resultOf, scratch, startDyno, type Ended } from '../fixtures/run-dyno.js';
import { startTruthServer, type TruthServer } from '../fixtures/truth-servers.js';

const folder = scratch();
let server: TruthServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});
afterAll(() => {
  folder.remove();
});

/** Runs dyno with its process stopped for half of the time, in turns of 60 ms: a generator slowed on purpose. */
async function slowed(args: readonly string[]): Promise<Ended> {
  const dyno = startDyno(args, { cwd: folder.path });
  let running = true;
  const turns = setInterval(() => {
    running = !running;
    dyno.kill(running ? 'SIGCONT' : 'SIGSTOP');
  }, 60);
  try {
    return await dyno.ended;
  } finally {
    clearInterval(turns);
  }
}

describe('a generator slowed on purpose', () => {
  const load = (url: string) => [
    ...['load', url, '--tool', 'get_inventory', '--args', '{"item_id":"ITEM001"}'],
    ...['-R', '300', '-c', '50', '-d', '3s', '--json'],
  ];

  it('decides no failure, and names itself as the limit', async () => {
    server = await startTruthServer('reference');
    const ended = await slowed([...load(server.url), '--threshold', 'p99 < 5ms']);
    expect(ended.code, ended.err).toBe(112);
    const [test] = resultOf(ended).tests;
    expect(test!.generator!.limited).toBe(true);
    expect(test!.thresholds[0]!.status).toBe('inconclusive');
    expect(test!.notes).toContain('The load generator was at its limit.');
    // The server itself was quick: what was late is the generator's doing.
    expect((await server.stats()).residence.p50Ms).toBeLessThan(20);
  });

  it('still passes what holds anyway', async () => {
    server = await startTruthServer('reference');
    const ended = await slowed([...load(server.url), '--threshold', 'success_rate > 0.99']);
    expect(ended.code, ended.err).toBe(0);
    expect(resultOf(ended).tests[0]!.generator!.limited).toBe(true);
  });
});

describe('a server that waits', () => {
  it('is never blamed on the generator, nor is it blamed for what the slots could not carry', async () => {
    server = await startTruthServer('reference', ['--service-time', '100ms']);
    const dyno = startDyno(
      ['load', server.url, '--tool', 'get_inventory', '--args', '{"item_id":"ITEM001"}'].concat([
        '-R',
        '100',
        '-c',
        '5',
        '-d',
        '1500ms',
        '--json',
        '--threshold',
        'p95 < 200ms',
      ]),
      { cwd: folder.path },
    );
    const ended = await dyno.ended;
    expect(ended.code, ended.err).toBe(99);
    const [test] = resultOf(ended).tests;
    expect(test!.generator!.evidence.filter((each) => !each.includes('late'))).toEqual([]);
    expect(test!.notes.join(' ')).toMatch(/all 5 slots were in use; more connections may carry more/);
  });
});
