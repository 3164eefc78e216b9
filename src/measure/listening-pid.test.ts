import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { findListener, findListeningPid } from './listening-pid.js';
import { startProgram, type Program } from './program.fixture.js';

const servers: Server[] = [];
const programs: Program[] = [];
const listen = (host: string) =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().on('error', reject);
    servers.push(server);
    server.listen(0, host, () => {
      resolve((server.address() as AddressInfo).port);
    });
  });

afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  await Promise.all(programs.splice(0).map((program) => program.stop()));
});

describe('finding a process by its port', () => {
  it.each(['127.0.0.1', '0.0.0.0', '::'])('finds one that listens on %s', async (address) => {
    const port = await listen(address);
    for (const host of ['127.0.0.1', 'localhost', '[::ffff:127.0.0.1]', undefined]) {
      expect(await findListeningPid(port, host)).toBe(process.pid);
    }
  });

  it('finds another process, and the main one of several that share a socket', async () => {
    const program = startProgram(`
      const server = require('node:net').createServer().listen(0, '127.0.0.1', () => {
        const child = spawn('sleep', ['20'], { stdio: ['ignore', 'ignore', 'ignore', server._handle.fd] });
        process.on('exit', () => child.kill('SIGKILL'));
        child.on('spawn', () => tell(server.address().port)); });`);
    programs.push(program);
    expect(await findListener(await program.told<number>(), '127.0.0.1')).toEqual({
      kind: 'found',
      pids: [program.pid],
    });
  });

  it('does not take an address for another', async () => {
    const port = await listen('127.0.0.2');
    expect(await findListener(port, '127.0.0.1')).toMatchObject({ kind: 'unknown' });
    expect(await findListeningPid(port, '127.0.0.2')).toBe(process.pid);
  });

  it('says why it finds nothing', async () => {
    const port = await listen('127.0.0.1');
    servers.pop()!.close();
    expect(await findListener(port)).toEqual({
      kind: 'unknown',
      reason: `no process of this machine (or of this container) listens on port ${port}`,
    });
    // TEST-NET-1 (RFC 5737) is nobody's address.
    expect(await findListener(port, '192.0.2.1')).toEqual({
      kind: 'unknown',
      reason: '192.0.2.1 is not this machine',
    });
    expect(await findListeningPid(port)).toBeUndefined();
  });
});
