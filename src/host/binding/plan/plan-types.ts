import type { Json, JsonObject } from '../../../core/json.js';
import type { CallToolResult } from '../../../protocol/types.js';
import type { ToolRecord } from '../../discovery/types.js';

/** When and how often a step is tried again. Only tools marked read-only or idempotent ever are. */
export interface RetryPolicy {
  /** Attempts in all; 3. */
  maxAttempts?: number | undefined;
  /** The pause before the second attempt, doubled for each further one, each drawn from half to all of it; 200 ms. */
  backoffMs?: number | undefined;
  /** The longest pause; 5,000 ms. */
  maxBackoffMs?: number | undefined;
}

/** Where an argument comes from: a part of what an earlier step answered. */
export interface InputMapping {
  /** The id of a step that ends before this one begins. */
  from: string;
  /** A JSON Pointer (RFC 6901) into its output; the whole of it unless given. */
  path?: string | undefined;
}

/** One call of one tool. */
export interface ToolStep {
  kind: 'tool';
  /** Unique in its plan. */
  id: string;
  /** A record, or the id of one. */
  tool: ToolRecord | string;
  arguments?: JsonObject | undefined;
  /** Arguments that earlier steps answer, by name; they go over {@link arguments}. */
  inputs?: Readonly<Record<string, InputMapping>> | undefined;
  /** For each attempt; the plan's `stepTimeoutMs` unless given. */
  timeoutMs?: number | undefined;
  /** `false`: one attempt. */
  retry?: RetryPolicy | false | undefined;
  /** Tried in this order when the step has failed for good, with its arguments unless they have their own. */
  fallbacks?: readonly ToolStep[] | undefined;
  /** True: the plan goes on when this fails. */
  optional?: boolean | undefined;
}

/** What a conditional asks of an earlier step. */
export type PlanCondition =
  | { step: string; is: 'ok' | 'failed' }
  | { step: string; path?: string | undefined; equals: Json }
  | { step: string; path: string; exists: boolean }
  | ((outcomes: ReadonlyMap<string, StepOutcome>) => boolean);

/** What a plan is made of. */
export type PlanStep =
  | ToolStep
  /** One after another; stops at the first that fails. */
  | { kind: 'sequential'; steps: readonly PlanStep[] }
  /** All at once, at most `maxInFlight` (16); `stop`: the first failure cancels the others. Default `continue`. */
  | {
      kind: 'parallel';
      steps: readonly PlanStep[];
      maxInFlight?: number | undefined;
      onFailure?: 'stop' | 'continue' | undefined;
    }
  /** One after another; what a step answers fills the inputs of the next, by the names both declare. */
  | { kind: 'pipeline'; steps: readonly ToolStep[] }
  | { kind: 'conditional'; if: PlanCondition; then: PlanStep; else?: PlanStep | undefined };

/** One try of one tool. */
export interface StepAttempt {
  /** The tool's id. */
  readonly tool: string;
  /** Since the plan began, in milliseconds. */
  readonly startMs: number;
  readonly durationMs: number;
  /** Why it failed, one printable sentence; undefined for one that did not. */
  readonly error?: string;
}

/** How a step went. */
export interface StepOutcome {
  readonly id: string;
  readonly status: 'ok' | 'failed' | 'skipped' | 'cancelled';
  readonly attempts: readonly StepAttempt[];
  /** The fallback that answered, by its id; undefined where the step itself did, or none. */
  readonly fallback?: string;
  readonly result?: CallToolResult;
  /** What mappings read: structured content, else the text as JSON where it is that, else the text. */
  readonly output?: Json;
  /** Why it failed or was not run, one printable sentence. */
  readonly reason?: string;
}

/** How a plan went. */
export interface PlanResult {
  /** `failed`: a step that is not optional failed. */
  readonly status: 'ok' | 'failed' | 'cancelled' | 'timed-out';
  /** Every step, in the order of the plan. */
  readonly steps: readonly StepOutcome[];
  /** What the last step that answered has given. */
  readonly output?: Json;
  readonly durationMs: number;
  /** What happened, one sentence. */
  readonly sentence: string;
}

/** How a plan is run. */
export interface PlanOptions {
  agentId?: string | undefined;
  /** For the whole plan; none unless given. */
  timeoutMs?: number | undefined;
  /** For each attempt of a step that names none; 30,000. */
  stepTimeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}
