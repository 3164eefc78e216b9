import type { Json, JsonObject } from '../../core/index.js';
import type { OptionKey, Settings } from '../options/index.js';

/** Options of the table that only the command line, or the environment, can set. */
type NotInConfig = 'dryRun' | 'list' | 'explain' | 'printConfig' | 'config' | 'threshold' | 'chain';

/** Durations and the like are written as on the command line: `'30s'`. */
type Written<Value> = Value extends boolean
  ? boolean
  : Value extends number
    ? number | string
    : Value extends string
      ? Value
      : string | string[];

/** Every option of the command line that a config file may set, by its camelCase name. */
export type ConfigOptions = {
  [Key in Exclude<OptionKey, NotInConfig>]?: Written<NonNullable<Settings[Key]>>;
};

/** The server to measure, where the command line names none. */
export type ConfigTarget =
  | string
  | { url: string; headers?: Record<string, string> }
  | { command: string; args?: string[]; env?: Record<string, string>; cwd?: string };

/** What is special about one tool. `false`: never call it. */
export type ConfigTool =
  | false
  | {
      /** Its arguments, or several sets used in turn; texts may hold templates such as `{{seq}}`. */
      args?: JsonObject | JsonObject[];
      /** Its share of the mix; 1 unless given. */
      weight?: number;
      /** Call it though it is not marked read-only. */
      allow?: boolean;
    };

/** A limit, also one that ends the run at once. */
export type ConfigThreshold =
  | string
  | {
      /** `'latency.p95 < 200ms'`. */
      threshold: string;
      /** Stop as soon as it fails. */
      abortOnFail?: boolean;
      /** …but not before this long after the start of a test, such as `'5s'`. */
      delay?: string;
    };

/** A call before or after the tests. */
export interface ConfigCall {
  tool: string;
  args?: JsonObject;
  /** Keep parts of the answer for templates: `{ id: 'structuredContent.id' }` makes `{{saved id}}`. */
  save?: Record<string, string>;
  /** Go on when the tool answers `isError`. */
  allowError?: boolean;
}

/** An answer to a request that the server makes of its client. */
export type ConfigReply =
  { result: JsonObject; delay?: string } | { error: { code?: number; message: string }; delay?: string };

/** What is special about one test: its limits, and its counts, durations and levels (see `dyno test --explain ID`). */
export interface ConfigTest {
  thresholds?: ConfigThreshold[];
  [parameter: string]: Json | ConfigThreshold[] | undefined;
}

/** One call of a chain. */
export interface ConfigStep {
  tool: string;
  /** Its arguments; texts may hold `{{name}}` of what an earlier step saved, and templates such as `{{seq}}`. */
  args?: JsonObject;
  /** Keep parts of the answer: `{ id: '$.items[0].id' }` makes `{{id}}`. */
  save?: Record<string, string>;
}

/** The config file: `export default defineConfig({ … })`. */
export interface DynoConfig extends ConfigOptions {
  /** For editors; ignored. */
  $schema?: string;
  target?: ConfigTarget;
  tools?: Record<string, ConfigTool>;
  /** What one turn of a virtual user of `dyno load` does: calls one after another, later ones with what earlier ones kept. */
  chain?: ConfigStep[];
  thresholds?: ConfigThreshold[];
  /** Called once before anything else; a failing one ends the run. */
  setup?: ConfigCall[];
  /** Called once at the end, whatever happened. */
  teardown?: ConfigCall[];
  /** Answers by method, such as `sampling/createMessage`; a list is used in turn, its last entry from then on. */
  serverRequests?: Record<string, ConfigReply | ConfigReply[]>;
  tests?: Record<string, ConfigTest>;
}

/**
 * Types a config file; returns what it is given.
 *
 * @example
 * ```ts
 * import { defineConfig } from 'mcp-dyno';
 * export default defineConfig({
 *   target: { command: 'node', args: ['build/server.js'] },
 *   tools: { search: { args: { query: 'lamp' }, weight: 3 } },
 *   thresholds: ['single-tool-latency:p95 < 50ms'],
 * });
 * ```
 */
export function defineConfig(config: DynoConfig): DynoConfig {
  return config;
}
