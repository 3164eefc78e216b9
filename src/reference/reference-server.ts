import { McpServer, type ToolDefinition, type ToolHandler } from '../protocol/index.js';
import { deathError, loadFullCheck, withFullCheck } from './check-arguments.js';
import { Conduct } from './conduct.js';
import { Hoard } from './counting/hoard.js';
import { swingRegularly } from './counting/memory-swing.js';
import type { Truth } from './counting/truth.js';
import { defaultKnobs, type ReferenceKnobs } from './knobs/knobs.js';
import { addResourcesAndPrompts } from './resources.js';
import { tickRegularly } from './ticks.js';
import { stallRegularly } from './timing/block.js';
import { addInteractiveTools } from './tools/interactive-tools.js';
import { inventoryTools } from './tools/inventory-tools.js';
import { madeTools } from './tools/made-tools.js';
import { Stock } from './tools/stock.js';
import { addTaskTools, taskCapabilities } from './tools/task-tools.js';
import { addTruthAccess } from './tools/truth-tools.js';

/** A reference server that is not served yet. */
export interface ReferenceServer {
  server: McpServer;
  conduct: Conduct;
  truth: Truth;
  /** Begins what runs by the clock (stalls, ticks, memory); the returned function ends it. */
  startClockwork(): () => void;
}

/**
 * Makes the reference server; the knobs of its transport, sessions and life have no effect here.
 *
 * @param onDeath what `--die-after` and `--crash-on-invalid` do; throws in the handler unless given.
 */
export async function createReferenceServer(
  given: Partial<ReferenceKnobs> = {},
  onDeath: (why: string) => void = (why) => {
    throw deathError(why);
  },
): Promise<ReferenceServer> {
  const knobs: ReferenceKnobs = { ...defaultKnobs, ...given };
  const conduct = new Conduct(knobs, onDeath);
  const server = new McpServer({
    name: 'dyno-reference',
    version: '1.0.0',
    title: 'The reference server of mcp-dyno',
    instructions: 'A made-up inventory with knobs of known truth; what it counted itself is in dyno://stats.',
    checkArguments: knobs.arguments === 'check',
    ttlMs: 60_000,
    answerCancelled: knobs.answerCancelled,
    askOn: knobs.askOn,
    ...(knobs.tasks && { capabilities: taskCapabilities }),
    ...(knobs.pageSize > 0 && { pageSize: knobs.pageSize }),
    ...(knobs.protocol !== undefined && knobs.era === 'session' && { sessionVersions: [knobs.protocol] }),
  });
  const stock = new Stock();
  const checked = await argumentsPolicy(knobs, onDeath);
  for (const { definition, body, conduct: own } of [
    ...inventoryTools(stock, knobs),
    ...madeTools(knobs.catalogue, knobs.seed),
  ]) {
    const handler = conduct.handler(definition, body, own);
    server.tool(annotated(definition, knobs.annotations), checked(definition, handler));
  }
  if (knobs.interactive) addInteractiveTools(server, conduct.truth, knobs.askFault);
  if (knobs.tasks) {
    const { queue, truth } = conduct;
    addTaskTools(server, { queue, truth, timeMs: knobs.taskTimeMs, pollMs: knobs.taskPollMs });
  }
  addTruthAccess(server, conduct.truth);
  addResourcesAndPrompts(server, stock);
  return {
    server,
    conduct,
    truth: conduct.truth,
    startClockwork: () => startClockwork(server, conduct, knobs),
  };
}

function startClockwork(server: McpServer, conduct: Conduct, knobs: ReferenceKnobs): () => void {
  const ends: (() => void)[] = [];
  const ballast = new Hoard();
  ballast.keep(knobs.ballastBytes);
  if (knobs.memorySwing !== undefined) {
    ends.push(swingRegularly(knobs.memorySwing.bytes, knobs.memorySwing.everyMs));
  }
  if (knobs.tickMs > 0) ends.push(tickRegularly(server, knobs, conduct.queue, conduct.truth.streams));
  if (knobs.stall !== undefined) {
    const { forMs, everyMs } = knobs.stall;
    ends.push(
      stallRegularly(forMs, everyMs, () => {
        conduct.truth.stalled();
      }),
    );
  }
  return () => {
    for (const end of ends) end();
    ballast.drop();
  };
}

async function argumentsPolicy(
  { arguments: policy }: ReferenceKnobs,
  onDeath: (why: string) => void,
): Promise<(tool: ToolDefinition, handler: ToolHandler) => ToolHandler> {
  if (policy === 'check' || policy === 'accept') return (_tool, handler) => handler;
  const compile = await loadFullCheck();
  return (tool, handler) =>
    withFullCheck(tool, handler, compile(tool.inputSchema ?? {}), {
      hangs: policy === 'hang',
      ...(policy === 'crash' && { onDeath }),
    });
}

function annotated(definition: ToolDefinition, how: ReferenceKnobs['annotations']): ToolDefinition {
  if (how === 'honest') return definition;
  const { annotations, ...bare } = definition;
  if (how === 'none') return bare;
  const lies = { readOnlyHint: true, destructiveHint: false };
  return { ...bare, annotations: Object.assign({}, annotations, lies) };
}
