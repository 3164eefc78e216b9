import { FakeClock, sleep } from '../../core/clock.js';
import { seededRandom } from '../../core/random.js';
import { WireError, type CallToolResult } from '../../protocol/index.js';
import type { Invoke } from './call-with-retries.js';
import { ToolRouter, type ToolRouterOptions } from './tool-router.js';

/** How a made server behaves. */
export interface MadeServer {
  latencyMs: number;
  up: boolean;
  answer?: () => CallToolResult;
}

/** Servers on a fake clock, and a router over them. */
export class MadeServers {
  readonly clock = new FakeClock();
  readonly servers: Record<string, MadeServer>;
  readonly calls: { server: string; at: number }[] = [];
  cancelled = 0;
  probes = 0;

  constructor(servers: Record<string, MadeServer>) {
    this.servers = servers;
  }

  readonly invoke: Invoke = async ({ server, signal }) => {
    this.calls.push({ server, at: this.clock.now() });
    const made = this.servers[server]!;
    if (!made.up) throw new WireError(`connect refused: ${server}`, { outcome: 'connect' });
    try {
      await sleep(made.latencyMs, this.clock, signal);
    } catch (error) {
      this.cancelled++;
      throw error;
    }
    if (!this.servers[server]!.up) throw new WireError('connection reset', { outcome: 'transport' });
    return made.answer?.() ?? { content: [{ type: 'text', text: server }] };
  };

  router(options: ToolRouterOptions = {}): ToolRouter {
    return new ToolRouter({
      clock: this.clock,
      random: seededRandom(7),
      invoke: this.invoke,
      probe: async (server) => {
        this.probes++;
        await sleep(1, this.clock);
        if (!this.servers[server]!.up) throw new WireError('connect refused', { outcome: 'connect' });
      },
      ...options,
    });
  }

  /** How many calls went to a server since a time. */
  to(server: string, since = 0): number {
    return this.calls.filter((call) => call.server === server && call.at >= since).length;
  }

  /** Calls one after another from several callers until a time; what fails is counted. */
  async load(router: ToolRouter, id: string, callers: number, untilMs: number): Promise<{ failed: number }> {
    let failed = 0;
    const caller = async () => {
      while (this.clock.now() < untilMs) {
        try {
          await router.callTool(id, {}, { timeoutMs: 5000 });
        } catch {
          failed++;
          await sleep(10, this.clock);
        }
      }
    };
    const all = Promise.all(Array.from({ length: callers }, caller));
    await this.clock.advance(untilMs + 6000 - this.clock.now());
    await all;
    return { failed };
  }
}
