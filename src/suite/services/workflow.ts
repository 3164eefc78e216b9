import type { JsonObject } from '../../core/json.js';
import type { FailureClass } from '../../core/outcome.js';
import type { ToolBinder, ToolDiscovery, ToolRouter, ToolValidator } from '../../host/index.js';
import { WireError, type CallToolResult, type McpConnection, type Tool } from '../../protocol/index.js';
import { targetSource } from './filled-catalogue.js';
import { Timings } from './timings.js';

/** The stages of a workflow, in order. */
export const stages = ['search', 'bind', 'route', 'validate', 'call'] as const;

/** One stage of a workflow. */
export type Stage = (typeof stages)[number];

/** What one workflow is after: what is said, which tool is meant, and the arguments it is to be called with. */
export interface Intent {
  query: string;
  tool: Tool;
  args: JsonObject;
  /** The operation of the mix: `tools/call echo`. */
  operation: string;
}

/** What a workflow goes through. */
export interface WorkflowServices {
  discovery: ToolDiscovery;
  binder: ToolBinder;
  router: ToolRouter;
  validator: ToolValidator;
  connection: McpConnection;
}

/** How a workflow came out. */
export interface WorkflowResult {
  /** Time of each stage that was reached, ms. */
  times: Record<Stage, number>;
  totalMs: number;
  /** Whether the tool that was meant was among those that were routed to. */
  found: boolean;
  failure?: { class: FailureClass; message: string; response: string };
  /** Set where the run was stopped in the middle: then nothing counts. */
  stopped?: boolean;
}

/** Candidates that a search hands on, and those that are bound and routed. */
const searched = 10;
const bound = 5;

/** Search, bind 5, route 5, validate, and call the target, once. Never rejects. */
export async function runWorkflow(
  services: WorkflowServices,
  { query, tool, args }: Intent,
  call: { timeoutMs: number; signal: AbortSignal },
): Promise<WorkflowResult> {
  const { discovery, binder, router, validator, connection } = services;
  const times = { search: 0, bind: 0, route: 0, validate: 0, call: 0 };
  const started = performance.now();
  let before = started;
  const passed = (stage: Stage) => {
    const now = performance.now();
    times[stage] = now - before;
    before = now;
  };
  const hits = await discovery.searchTools(query, { limit: searched });
  passed('search');
  const bindings = await binder.bindTools({ query, entities: args, maxTools: bound });
  passed('bind');
  const relevance = new Map(hits.map(({ record, score }) => [record.id, score]));
  const candidates = bindings.map(({ tool: { id } }) => ({ id, relevance: relevance.get(id) }));
  const { decisions } = router.routeTools({ candidates }, 'balanced', bound);
  passed('route');
  const record = discovery.find(targetSource, tool.name);
  const found = record !== undefined && decisions.some((decision) => decision.tool.id === record.id);
  const checked = validator.validateInput(tool, args);
  passed('validate');
  const end = (failure?: WorkflowResult['failure']): WorkflowResult => ({
    times,
    totalMs: performance.now() - started,
    found,
    ...(failure === undefined ? {} : { failure }),
  });
  // A schema that the validator will not use says nothing about the arguments, which are known to work.
  if (!checked.valid && checked.refusal === undefined) {
    return end({ class: 'schema', message: `the arguments are refused: ${checked.message}`, response: '' });
  }
  try {
    const result = await connection.callTool(tool.name, args, call);
    const failure = failureOf(validator, tool, result);
    passed('call');
    if (record !== undefined)
      discovery.recordCall(record.id, { ok: failure === undefined, latencyMs: times.call });
    return end(failure);
  } catch (error) {
    passed('call');
    if (call.signal.aborted) return { ...end(), stopped: true };
    if (!(error instanceof WireError)) throw error;
    return end({ class: error.outcome, message: error.message, response: error.response ?? '' });
  }
}

function failureOf(
  validator: ToolValidator,
  tool: Tool,
  result: CallToolResult,
): WorkflowResult['failure'] | undefined {
  const response = () => JSON.stringify(result);
  if (result.isError === true) {
    const said = result.content.map((block) => ('text' in block ? String(block.text) : '')).join(' ');
    return { class: 'tool', message: said === '' ? 'isError' : said, response: response() };
  }
  const checked = validator.validateOutput(tool, result);
  if (checked.valid || checked.refusal !== undefined) return undefined;
  return { class: 'schema', message: checked.message, response: response() };
}

/** The times of all stages of many workflows. */
export class StageTimings {
  readonly stages: Readonly<Record<Stage, Timings>>;
  readonly whole = new Timings();

  constructor() {
    this.stages = Object.fromEntries(stages.map((stage) => [stage, new Timings()])) as Record<Stage, Timings>;
  }

  /** Keeps the first workflow apart. */
  cold({ times, totalMs }: WorkflowResult): void {
    for (const stage of stages) this.stages[stage].coldMs = times[stage];
    this.whole.coldMs = totalMs;
  }

  /** Adds a workflow that came out well. */
  add({ times, totalMs }: WorkflowResult): void {
    for (const stage of stages) this.stages[stage].add(times[stage]);
    this.whole.add(totalMs);
  }
}
