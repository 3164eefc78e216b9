import { usageError } from '../core/errors.js';
import type { Tool } from '../protocol/index.js';
import type { ToolSource } from './discovery/index.js';
import type { HostServers } from './host-options.js';
import { shown } from './shown.js';

/** The tools of several servers that offer the same, as one source: of the first that answers. */
export class ReplicaSource implements ToolSource {
  readonly id: string;
  readonly tags: readonly string[] | undefined;
  readonly #members: readonly ToolSource[];
  #ttlMs: number | undefined;

  constructor(id: string, members: readonly ToolSource[], tags?: readonly string[]) {
    this.id = id;
    this.tags = tags;
    this.#members = members;
  }

  get ttlMs(): number | undefined {
    return this.#ttlMs;
  }

  async *list(signal: AbortSignal): AsyncGenerator<Tool[]> {
    const failures: unknown[] = [];
    for (const member of this.#members) {
      // Pages are held back until the list is whole, so that no half list of one is followed by another one's.
      const pages: Tool[][] = [];
      try {
        const listed = member.list(signal);
        if (listed instanceof Promise) pages.push(await listed);
        else for await (const page of listed) pages.push(page);
      } catch (error) {
        signal.throwIfAborted();
        failures.push(error);
        continue;
      }
      this.#ttlMs = member.ttlMs;
      yield* pages;
      return;
    }
    throw failures[0];
  }

  onChanged(changed: () => void): () => void {
    const stops = this.#members.map((member) => member.onChanged?.(changed));
    return () => {
      for (const stop of stops) stop?.();
    };
  }
}

/** @throws DynoError (104) for replicas that are no servers, or are claimed twice */
export function checkReplicas({ servers, replicas = {} }: HostServers): void {
  const owner = new Map<string, string>();
  for (const [group, members] of Object.entries(replicas)) {
    if (members.length === 0) throw usageError(`Expected the replicas of ${shown(group)} to name a server`);
    for (const member of members) {
      if (!Object.hasOwn(servers, member)) {
        throw usageError(
          `The replicas of ${shown(group)} name ${shown(member)}, and there is no such server`,
        );
      }
      const other = owner.get(member);
      if (other !== undefined) {
        throw usageError(`${shown(member)} is a replica of both ${shown(other)} and ${shown(group)}`);
      }
      owner.set(member, group);
    }
    if (Object.hasOwn(servers, group) && !members.includes(group)) {
      throw usageError(`${shown(group)} is the name of replicas and of a server that is none of them`);
    }
  }
}
