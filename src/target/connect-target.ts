import { DynoError, messageOf, printableLine, redact, unreachableError } from '../core/index.js';
import { connect, WireError, type ConnectOptions, type McpConnection } from '../protocol/index.js';
import { lastWords } from './last-words.js';
import type { OpenTarget } from './open-target.js';
import { spawnChild, type SpawnedChild } from './spawn-child.js';

/** A child that dies closes its pipes first; its exit code comes this much later at most, ms. */
const exitLagMs = 200;

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
    // Before the handshake and its time limit: a token that cannot be had is no fault of the target.
    await target.authorization();
    return await connect(target.endpoint(), { ...probe, ...options });
  } catch (error) {
    // The caller's own reason for giving up is not the target's doing.
    if (options.signal?.aborted === true) throw error;
    throw await explainTargetError(target, error);
  } finally {
    await Promise.all(throwaway.map((child) => child.stop({ closeMs: 500, termMs: 500 })));
  }
}

/**
 * What a failed handshake or listing means for the user: what the target did, its last words, and what to do. What is no
 * failure of the wire comes back as it is.
 */
export async function explainTargetError(target: OpenTarget, error: unknown): Promise<unknown> {
  if (!(error instanceof WireError)) return error;
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof DynoError) return cause;
  }
  const { concrete, child } = target;
  const name =
    concrete.kind === 'stdio'
      ? `'${printableLine(redact([concrete.command, ...concrete.args].join(' ')), 80)}'`
      : redact(concrete.url);
  const ended = child && (await endOf(child, error));
  const said = lastWords(target.stderrTail());
  if (ended !== undefined) {
    return unreachableError(
      `The target ${name} ${ended} before it answered`,
      said ?? 'It wrote nothing to stderr. Start it by hand to see what is wrong.',
      error,
    );
  }
  const hint = hintFor(error, concrete.kind === 'stdio');
  if (error.outcome === 'connect' && child === undefined) {
    const why = redact(messageOf(error)).replace(/^[\w/]+ failed: /, '');
    return unreachableError(`The target ${name} cannot be reached: ${why}`, hint, error);
  }
  return unreachableError(
    `The target ${name} cannot be spoken to: ${redact(messageOf(error))}`,
    said === undefined ? hint : `${hint}\n      ${said}`,
    error,
  );
}

/** How the child ended by itself; undefined where it only ended because we gave up on it, or lives. */
async function endOf(child: SpawnedChild, error: unknown): Promise<string | undefined> {
  if (child.running && !(error instanceof WireError && error.outcome === 'transport')) return undefined;
  let timer: NodeJS.Timeout | undefined;
  const end = await Promise.race([
    child.exited,
    new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        resolve(undefined);
      }, exitLagMs);
    }),
  ]);
  clearTimeout(timer);
  if (end === undefined) return undefined;
  return end.signal === null ? `ended with exit code ${end.code}` : `was ended by ${end.signal}`;
}

function hintFor({ outcome, status = 0 }: WireError, stdio: boolean): string {
  switch (outcome) {
    case 'connect':
      return 'Is the server running, and are host and port right?';
    case 'timeout':
      return stdio
        ? 'Does it speak MCP on stdin and stdout? --start-timeout gives it more time.'
        : 'Is it an MCP endpoint? --start-timeout gives it more time.';
    case 'http':
      if (status === 401 || status === 403) return 'It wants to know who asks: --bearer TOKEN, or -H.';
      if (status >= 300 && status < 400) return 'It sends callers elsewhere: name the final URL.';
      if (status >= 500) return 'The fault is in the server; its own log may say more.';
      return 'Check the path of the URL (often /mcp), and whether it wants a token (--bearer).';
    case 'throttled':
      return 'It limits how often it is called: try again later, or lift the limit for this test.';
    case 'parse':
      return stdio
        ? 'Only JSON-RPC messages may go to stdout; logs belong on stderr.'
        : 'Check the path of the URL (often /mcp).';
    case 'mismatch':
      return 'Each answer must carry the id of its request; a proxy or a cache may mix them up.';
    case 'rpc':
      return 'The server speaks JSON-RPC but refuses to shake hands; --protocol names another revision.';
    case 'transport':
      return stdio
        ? 'A server must keep its output open until its input ends.'
        : 'The server, or a proxy before it, closed the connection; see its log.';
    default:
      return 'DYNO_DEBUG=1 shows more.';
  }
}
