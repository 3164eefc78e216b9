import { connect, type McpConnection, type McpServer, type Tool } from '../../protocol/index.js';
import type { OperationPlan } from '../../plan/load-plan.js';
import { createReferenceServer, type ReferenceKnobs } from '../../reference/index.js';
import type { Bench } from '../bench.js';
import { parametersOf } from '../parameters.js';
import type { SuiteTest, TestContext, TestOutcome } from '../suite-test.js';

/** What a test is run with, where no target process is needed. */
export interface Surroundings {
  tools?: readonly Tool[];
  operations?: readonly OperationPlan[];
  parameters?: Record<string, number>;
  server?: McpServer;
  stop?: AbortSignal;
  /** Called with each connection that the test opens. */
  connected?: (connection: McpConnection) => void;
}

/** Runs one test of the suite with the counts of the smoke profile, in this process. */
export async function outcomeOf(test: SuiteTest, given: Surroundings = {}): Promise<TestOutcome> {
  const parameters = parametersOf(test, 'smoke', given.parameters ?? {});
  const connections: McpConnection[] = [];
  const bench = {
    tools: given.tools ?? [],
    connect: async () => {
      const connection = await connect({ kind: 'in-process', server: given.server! });
      connections.push(connection);
      given.connected?.(connection);
      return connection;
    },
    lastWords: () => 'out of luck',
  };
  const context: TestContext = {
    bench: bench as unknown as Bench,
    operations: given.operations ?? [],
    parameters,
    profile: 'smoke',
    load: () => Promise.reject(new Error('no load was expected')),
    number: (name) => parameters[name] as number,
    list: (name) => parameters[name] as number[],
    earlier: [],
    stop: given.stop ?? new AbortController().signal,
  };
  const outcome = await test.run(context);
  await Promise.all(connections.map((connection) => connection.close()));
  return outcome;
}

/** A reference server of this process, its tools, and calls of one of them. */
export async function referenceBench(knobs: Partial<ReferenceKnobs> = {}) {
  const { server } = await createReferenceServer(knobs);
  const connection = await connect({ kind: 'in-process', server });
  const tools = await connection.listTools();
  await connection.close();
  const operation: OperationPlan = {
    name: 'tools/call get_inventory',
    method: 'tools/call',
    tool: 'get_inventory',
    weight: 1,
    params: [{ name: 'get_inventory', arguments: { item_id: 'ITEM001' } }],
  };
  return { server, tools, operations: [operation] };
}
