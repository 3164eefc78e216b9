import type { AuthorizationRequest, Endpoint } from '../protocol/index.js';
import { findListener, readProcess, type ResourceSource } from '../measure/index.js';
import { authorizer } from './auth/authorizer.js';
import { rememberSecrets } from './remember-secrets.js';
import { referenceAddress } from './reference-address.js';
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
  /**
   * The processes whose resources are the target's: what was started for it, or what listens on its port of this
   * machine.
   *
   * @param pid `auto` finds them; `none` and a number take the user's word.
   */
  resources(pid?: 'auto' | 'none' | number): Promise<ResourceSource>;
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
    const url = await referenceAddress(child, options.startTimeoutMs ?? 30_000).catch(
      async (error: unknown) => {
        await child.stop();
        throw error;
      },
    );
    const opened = started(spec, { kind: 'http', url, headers: {} }, child, () => ({ kind: 'http', url }));
    // A server over HTTP does not end with its input: nothing to wait for.
    return { ...opened, stop: () => child.stop({ closeMs: 0 }) };
  }
  const authorization = authorizer(withinStart(spec, options.startTimeoutMs));
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
    resources: (pid = 'auto') => resourcesOf(pid, () => listenerOf(spec.url)),
    stderrTail: () => '',
    stop: () => Promise.resolve(undefined),
  };
}

/** A command that prints tokens has as long as the target itself has to start. */
function withinStart(spec: HttpTargetSpec, startTimeoutMs: number | undefined): HttpTargetSpec {
  const { auth } = spec;
  if (auth?.kind !== 'bearer-command' || startTimeoutMs === undefined) return spec;
  return { ...spec, auth: { timeoutMs: startTimeoutMs, ...auth } };
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
    resources: (pid = 'auto') =>
      resourcesOf(pid, () => Promise.resolve({ kind: 'processes', pids: [child.pid], mark: child.mark })),
    stderrTail: () => child.stderrTail(),
    stop: () => child.stop(),
  };
}

async function resourcesOf(
  pid: 'auto' | 'none' | number,
  find: () => Promise<ResourceSource>,
): Promise<ResourceSource> {
  if (pid === 'none') return { kind: 'none', reason: 'asked not to (--pid none)' };
  if (pid === 'auto') return await find();
  return readProcess(pid) === undefined
    ? { kind: 'none', reason: `there is no process ${pid} (--pid)` }
    : { kind: 'processes', pids: [pid] };
}

async function listenerOf(address: string): Promise<ResourceSource> {
  const { hostname, port, protocol } = new URL(address);
  const listener = await findListener(Number(port || (protocol === 'https:' ? 443 : 80)), hostname);
  return listener.kind === 'found'
    ? { kind: 'processes', pids: listener.pids }
    : { kind: 'none', reason: listener.reason };
}
