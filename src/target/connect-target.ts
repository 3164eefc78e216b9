import { DynoError, messageOf, unreachableError } from '../core/errors.js';
import { connect, WireError, type ConnectOptions, type McpConnection } from '../protocol/index.js';
import type { OpenTarget } from './open-target.js';
import { spawnChild, type SpawnedChild } from './spawn-child.js';

/**
 * Connects to an opened target: negotiates era and revision (on stdio with a throwaway child, as PROTOCOL says).
 *
 * @throws DynoError (111) that says what the target did, its last words, and what to do.
 */
export async function connectTarget(
  target: OpenTarget,
  options: ConnectOptions = {},
): Promise<McpConnection> {
  const throwaway: SpawnedChild[] = [];
  const { concrete } = target;
  const probe =
    concrete.kind === 'stdio' && options.probe === undefined
      ? {
          probe: async () => {
            const child = await spawnChild(concrete);
            throwaway.push(child);
            return child;
          },
        }
      : {};
  try {
    return await connect(target.endpoint(), { ...probe, ...options });
  } catch (error) {
    throw await explained(target, error);
  } finally {
    await Promise.all(throwaway.map((child) => child.stop({ closeMs: 500, termMs: 500 })));
  }
}

async function explained(target: OpenTarget, error: unknown): Promise<Error> {
  if (error instanceof DynoError) return error;
  const where = target.concrete.kind === 'stdio' ? `'${target.concrete.command}'` : target.concrete.url;
  // A child that dies says why on stderr a moment after its pipe has closed.
  const ended = target.child === undefined ? undefined : await endOf(target.child);
  const said = target.stderrTail().trim();
  const words = said === '' ? undefined : `Its last words on stderr: ${said.slice(-1500)}`;
  if (ended !== undefined) {
    return unreachableError(
      `The target ${where} ${ended} before it answered`,
      words ?? 'It wrote nothing to stderr. Start it by hand to see what is wrong.',
      error,
    );
  }
  return unreachableError(
    `The target ${where} cannot be spoken to: ${messageOf(error)}`,
    words ?? hintFor(error, target),
    error,
  );
}

async function endOf(child: SpawnedChild): Promise<string | undefined> {
  const end = await Promise.race([
    child.exited,
    new Promise<undefined>((resolve) => {
      setTimeout(() => {
        resolve(undefined);
      }, 200);
    }),
  ]);
  if (end === undefined) return undefined;
  return end.signal === null ? `ended with exit code ${end.code}` : `was ended by ${end.signal}`;
}

function hintFor(error: unknown, target: OpenTarget): string {
  const outcome = error instanceof WireError ? error.outcome : undefined;
  const stdio = target.concrete.kind === 'stdio';
  if (outcome === 'connect') return 'Is the server running, and are host and port right?';
  if (outcome === 'timeout') {
    return stdio
      ? 'Does it speak MCP on stdin and stdout? --start-timeout gives it more time.'
      : 'Is it an MCP endpoint? --start-timeout gives it more time.';
  }
  if (outcome === 'http')
    return 'Check the path of the URL (often /mcp), and whether it wants a token (--bearer).';
  if (outcome === 'parse') {
    return stdio
      ? 'Only JSON-RPC messages may go to stdout; logs belong on stderr.'
      : 'Check the path of the URL (often /mcp).';
  }
  return 'DYNO_DEBUG=1 shows more.';
}
