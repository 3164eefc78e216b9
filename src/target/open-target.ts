import { unreachableError } from '../core/errors.js';
import type { AuthorizationRequest, Endpoint } from '../protocol/index.js';
import { LineSplitter } from '../protocol/framing/index.js';
import { authorizer } from './auth/authorizer.js';
import { rememberSecrets } from './remember-secrets.js';
import { referenceCommand } from './reference-command.js';
import { spawnChild, type SpawnedChild } from './spawn-child.js';
import type { StopReport } from './stop-child.js';
import type { HttpTargetSpec, StdioTargetSpec, TargetSpec } from './target-spec.js';

/** A target that can be connected to. What was started for it ends with {@link OpenTarget.stop}. */
export interface OpenTarget {
  /** What was asked for. */
  spec: TargetSpec;
  /** The same, with the bundled server made concrete: a URL, or a command. */
  concrete: HttpTargetSpec | StdioTargetSpec;
  endpoint(): Endpoint;
  /** The value of the Authorization header, fetched where it must be; undefined for none. */
  authorization(request?: AuthorizationRequest): Promise<string | undefined>;
  /** What was started; undefined for a URL. */
  child: SpawnedChild | undefined;
  /** The last of what the target wrote to stderr; empty for a URL. */
  stderrTail(): string;
  stop(): Promise<StopReport | undefined>;
}

/**
 * Opens a target: starts what must be started, and nothing for a URL.
 *
 * @throws DynoError (111) when it cannot be started.
 */
export async function openTarget(
  spec: TargetSpec,
  options: { startTimeoutMs?: number } = {},
): Promise<OpenTarget> {
  rememberSecrets(spec);
  if (spec.kind === 'stdio' || (spec.kind === 'reference' && spec.transport === 'stdio')) {
    const concrete = spec.kind === 'stdio' ? spec : referenceCommand(spec);
    const child = await spawnChild(concrete);
    const { stdin, stdout, exited } = child;
    return started(spec, concrete, child, () => ({ kind: 'stdio', pipe: { stdin, stdout, exited } }));
  }
  if (spec.kind === 'reference') {
    const child = await spawnChild(referenceCommand(spec));
    const url = await listening(child, options.startTimeoutMs ?? 30_000);
    const opened = started(spec, { kind: 'http', url, headers: {} }, child, () => ({ kind: 'http', url }));
    // A server over HTTP does not end with its input: nothing to wait for.
    return { ...opened, stop: () => child.stop({ closeMs: 0 }) };
  }
  const authorization = authorizer(spec);
  return {
    spec,
    concrete: spec,
    endpoint: () => ({
      kind: spec.kind,
      url: spec.url,
      headers: spec.headers,
      ...(spec.auth === undefined ? {} : { authorization }),
      ...(spec.tls === undefined ? {} : { tls: spec.tls }),
    }),
    authorization: (request = { refresh: false }) => authorization(request),
    child: undefined,
    stderrTail: () => '',
    stop: () => Promise.resolve(undefined),
  };
}

function started(
  spec: TargetSpec,
  concrete: OpenTarget['concrete'],
  child: SpawnedChild,
  endpoint: () => Endpoint,
): OpenTarget {
  return {
    spec,
    concrete,
    endpoint,
    authorization: () => Promise.resolve(undefined),
    child,
    stderrTail: () => child.stderrTail(),
    stop: () => child.stop(),
  };
}

/** The URL in the line that the bundled server prints when it listens. */
async function listening(child: SpawnedChild, timeoutMs: number): Promise<string> {
  try {
    return await new Promise<string>((resolve, reject) => {
      const fail = (what: string) => {
        const said = child.stderrTail().trim();
        reject(unreachableError(`The reference server ${what}`, said === '' ? undefined : said.slice(-600)));
      };
      const timer = setTimeout(() => {
        fail(`did not listen within ${timeoutMs} ms`);
      }, timeoutMs);
      const lines = new LineSplitter({
        maxBytes: 65_536,
        onLine: (line) => {
          clearTimeout(timer);
          resolve((JSON.parse(line) as { url: string }).url);
        },
      });
      child.stdout.on('data', (chunk: Buffer) => {
        lines.push(chunk);
      });
      void child.exited.then(({ code }) => {
        clearTimeout(timer);
        fail(`ended with exit code ${code} before it listened`);
      });
    });
  } catch (error) {
    await child.stop();
    throw error;
  }
}
