import { formatDuration, lastLines, messageOf, redact, secrets, unreachableError } from '../../core/index.js';
import { spawnChild } from '../spawn-child.js';

/** More output than this is no token. */
const maxBytes = 64 * 1024;

/**
 * Runs a shell command and takes what it prints as a bearer token; a leading `Bearer` is dropped.
 *
 * @param timeoutMs 30 s unless given; then the command and all that it started are ended.
 * @throws DynoError (111) when it fails, hangs, or prints something else than one token.
 */
export async function runBearerCommand(command: string, timeoutMs = 30_000): Promise<string> {
  const child = await spawnChild({ command: '/bin/sh', args: ['-c', command], env: {} }).catch(
    (error: unknown) => {
      throw failure(`cannot be started: ${messageOf(error)}`);
    },
  );
  child.stdin.end();
  let output = '';
  const printed = new Promise<'printed' | 'flooded'>((resolve) => {
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString('latin1');
      if (output.length > maxBytes) resolve('flooded');
    });
    child.stdout.once('close', () => {
      resolve('printed');
    });
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => {
      resolve('late');
    }, timeoutMs);
  });
  try {
    const end = await Promise.race([printed, late]);
    if (end === 'late')
      throw failure(`printed no token within ${formatDuration(timeoutMs)}`, child.stderrTail());
    if (end === 'flooded') throw failure(`printed more than ${maxBytes / 1024} kB, which is no token`);
    const { code, signal } = await child.exited;
    if (code !== 0) {
      const how = signal === null ? `failed with exit code ${code}` : `was ended by ${signal}`;
      throw failure(how, child.stderrTail());
    }
    return tokenIn(output, child.stderrTail());
  } finally {
    clearTimeout(timer);
    await child.stop({ closeMs: 0, termMs: 500 });
  }
}

function tokenIn(output: string, stderr: string): string {
  const token = output.trim().replace(/^bearer\s+/i, '');
  if (token === '') throw failure('printed no token', stderr);
  // Anything else would break the header that carries it (RFC 9110, field values; RFC 6750 is narrower still).
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw failure('printed more than a token: expected one word of ASCII characters on stdout');
  }
  secrets.add(token);
  return token;
}

function failure(what: string, stderr = '') {
  const said = lastLines(redact(stderr), 3);
  return unreachableError(
    `The bearer command ${what}`,
    said.length > 0
      ? `It wrote to stderr: ${said.join(' | ')}`
      : 'Run it by hand: it must print the token and nothing else.',
  );
}
