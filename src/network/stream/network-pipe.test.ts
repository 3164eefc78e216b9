import { PassThrough } from 'node:stream';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { clearConditions, type NetworkConditions } from '../conditions/conditions.js';
import { NetworkPipe } from './network-pipe.js';

/** A pipe whose server answers what it is sent. */
function echoing(part: Partial<NetworkConditions> = {}): NetworkPipe {
  const echo = new PassThrough();
  return new NetworkPipe({ stdin: echo, stdout: echo }, { conditions: { ...clearConditions(), ...part } });
}

async function exchange(pipe: NetworkPipe, text: string): Promise<number> {
  const began = performance.now();
  pipe.stdin.write(text);
  let got = '';
  while (got.length < text.length) got += String((await once(pipe.stdout, 'data'))[0]);
  expect(got).toBe(text);
  return performance.now() - began;
}

describe('a pipe with a network in it', () => {
  it('passes on all there is, and the end', async () => {
    const pipe = echoing();
    const text = 'line\n'.repeat(200_000);
    pipe.stdin.end(text);
    let length = 0;
    for await (const chunk of pipe.stdout) length += (chunk as Buffer).length;
    expect(length).toBe(text.length);
    pipe.stop();
  });

  it('takes the round trip, and changes while it is used', async () => {
    const { up, down } = clearConditions();
    const pipe = echoing();
    await exchange(pipe, 'a\n');
    pipe.setConditions({
      ...clearConditions(),
      up: { ...up, latencyMs: 20 },
      down: { ...down, latencyMs: 15 },
    });
    expect(await exchange(pipe, 'b\n')).toBeGreaterThanOrEqual(35);
    pipe.stop();
  });

  it('holds everything back while it is cut', async () => {
    const pipe = echoing();
    pipe.cut(80);
    expect(await exchange(pipe, 'held\n')).toBeGreaterThanOrEqual(75);
    pipe.stop();
  });

  it('ends both streams where a connection would be reset', async () => {
    const pipe = echoing({ resetAfterMs: 500 });
    await exchange(pipe, 'a\n');
    await once(pipe.stdout, 'end');
    pipe.stop();
  });
});
