import type { Json, JsonObject } from '../../core/json.js';
import type { CallToolResult } from '../../protocol/types.js';
import type { ToolRecord } from '../discovery/types.js';

/**
 * How tools are chosen.
 *
 * - `exact`: tools of exactly this name, or id.
 * - `fuzzy`: tools whose name is nearly this one; typing errors are forgiven.
 * - `semantic`: ranked search by what is said (the default).
 * - `category`: only tools of a category (tag or server), ranked by what is said.
 * - `performance`: ranked search, then by measured success and latency.
 */
export const bindingStrategies = ['exact', 'fuzzy', 'semantic', 'category', 'performance'] as const;

/** How tools are chosen, see {@link bindingStrategies}. */
export type BindingStrategy = (typeof bindingStrategies)[number];

/** What an agent wants to do. */
export interface BindingRequest {
  /** Who asks; handed to the call. */
  agentId?: string | undefined;
  /** What the user said. For `exact` and `fuzzy`, where there is no intent: the tool's name. */
  query: string;
  /** What is to be done, in the agent's words; for `exact` and `fuzzy` the tool's name. */
  intent?: string | undefined;
  /** What the query speaks of, by kind: `{ city: 'Oslo', days: 3 }`. Filled in first. */
  entities?: JsonObject | undefined;
  /** What else is known, such as the current project; fills what no entity does. `category` chooses for that strategy. */
  context?: JsonObject | undefined;
  /** `semantic` unless given. */
  strategy?: BindingStrategy | undefined;
  /** 5 unless given. */
  maxTools?: number | undefined;
}

/** Where the value of an argument came from. */
export type ArgumentOrigin = 'entities' | 'context' | 'query' | 'schema';

/** One filled argument. */
export interface FilledArgument {
  /** Where it went, as a JSON Pointer (RFC 6901) into the arguments. */
  readonly path: string;
  readonly origin: ArgumentOrigin;
  /** The name it had there; empty for the query and the schema. */
  readonly from: string;
  /** From 0 to 1: how sure it is that this is what the parameter means. */
  readonly confidence: number;
  /** How the value was changed to fit; undefined for as it came. */
  readonly how?: string;
}

/** One reason for a confidence. */
export interface ConfidenceReason {
  readonly what: 'match' | 'arguments' | 'entities' | 'reliability' | 'staleness';
  /** What was found, one sentence. */
  readonly detail: string;
  /** From 0 to 1, how well it speaks for the tool, and what share of the confidence it makes. */
  readonly value: number;
  readonly weight: number;
}

/** How a bound tool is called. */
export interface BoundCallOptions {
  /** Set over the filled arguments, member by member. */
  arguments?: JsonObject | undefined;
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

/** A tool bound to what was asked: chosen, filled in, ready to be called. */
export interface ToolBinding {
  readonly tool: ToolRecord;
  readonly server: string;
  /** From 0 to 1. */
  readonly confidence: number;
  readonly reasons: readonly ConfidenceReason[];
  readonly arguments: JsonObject;
  readonly filled: readonly FilledArgument[];
  /** Required arguments that nothing given fits, as JSON Pointers. */
  readonly missing: readonly string[];
  /** Entities that found no place. */
  readonly unused: readonly string[];
  /** Why nothing was filled in, where the tool's schema itself cannot be used. */
  readonly refusal?: string;
  /** True when nothing required is missing. */
  readonly ready: boolean;
  /**
   * Calls the tool. Arguments are validated in full first.
   *
   * @throws DynoError (104) when required arguments are missing or the schema forbids one; whatever the call throws.
   */
  call(options?: BoundCallOptions): Promise<CallToolResult>;
}

/** Makes the call for a binding or a plan: what stands between is the user's (routing, a client, a test). */
export type ToolCaller = (request: {
  tool: ToolRecord;
  arguments: JsonObject;
  agentId: string | undefined;
  timeoutMs: number | undefined;
  signal: AbortSignal | undefined;
}) => Promise<CallToolResult>;

/** A value offered for an argument. */
export interface Offer {
  readonly origin: ArgumentOrigin;
  readonly from: string;
  readonly value: Json;
}
