import { usageError } from '../../core/index.js';
import { shown } from '../shown.js';
import type { DistributionHandle } from './handles.js';
import { secondsBuckets, type Labels } from './metric.js';
import type { MetricsCollector } from './metrics-collector.js';

/** A finished MCP request, as the semantic conventions of OpenTelemetry see it. */
export interface McpOperation {
  /** Whether we sent it or answered it. */
  readonly side: 'client' | 'server';
  /** Such as `tools/call`. */
  readonly method: string;
  readonly durationMs: number;
  /** For `tools/call`. */
  readonly tool?: string | undefined;
  /** Our name for the server, as in the host's configuration. */
  readonly server?: string | undefined;
  /** The JSON-RPC code as text, `tool_error` for `isError`, or a class such as `timeout`; absent when it went well. */
  readonly errorType?: string | undefined;
  /** The JSON-RPC code of a response that is an error. */
  readonly rpcCode?: number | undefined;
  readonly protocolVersion?: string | undefined;
  readonly transport?: 'tcp' | 'pipe' | undefined;
  readonly serverAddress?: string | undefined;
  readonly serverPort?: number | undefined;
}

/** An MCP session that has ended. */
export interface McpSession {
  readonly side: 'client' | 'server';
  readonly durationMs: number;
  readonly server?: string | undefined;
  readonly errorType?: string | undefined;
  readonly protocolVersion?: string | undefined;
  readonly transport?: 'tcp' | 'pipe' | undefined;
}

/** The label by which our metrics tell servers apart; the conventions only have addresses. */
export const serverLabel = 'dyno.server';

/**
 * Says what the MCP histograms are (OpenTelemetry semantic conventions for MCP, status development): durations in
 * seconds of operations and sessions, each for client and server.
 */
export function describeMcpMetrics(metrics: MetricsCollector): void {
  for (const side of ['client', 'server'] as const) {
    metrics.describe(`mcp.${side}.operation.duration`, {
      type: 'histogram',
      unit: 's',
      buckets: secondsBuckets,
      help:
        side === 'client'
          ? 'How long a request took, from sending it until its answer was there.'
          : 'How long a request took, from its arrival until its answer was sent.',
    });
    metrics.describe(`mcp.${side}.session.duration`, {
      type: 'histogram',
      unit: 's',
      buckets: secondsBuckets,
      help: `How long a session lasted, seen from the ${side}.`,
    });
  }
}

/** Records an operation. @throws DynoError (104) for a duration that is none. */
export function recordOperation(metrics: MetricsCollector, operation: McpOperation): void {
  const { side, durationMs } = operation;
  metrics.recordMetric(
    `mcp.${side}.operation.duration`,
    seconds(durationMs),
    'histogram',
    labelsOf(operation),
  );
}

/** Records a session that has ended. @throws DynoError (104) for a duration that is none. */
export function recordSession(metrics: MetricsCollector, session: McpSession): void {
  const { side, durationMs } = session;
  metrics.recordMetric(`mcp.${side}.session.duration`, seconds(durationMs), 'histogram', labelsOf(session));
}

/** Requests that differ in their duration and outcome alone. */
export type McpOperationKind = Omit<McpOperation, 'durationMs' | 'errorType' | 'rpcCode'>;

/** More kinds of errors than this are not remembered, only looked up each time. */
const maxKinds = 64;

/** Records requests of one kind (one tool of one server), some thirty times as fast as {@link recordOperation}. */
export class OperationHandle {
  readonly #metrics: MetricsCollector;
  readonly #kind: McpOperationKind;
  readonly #fine: DistributionHandle;
  readonly #failed = new Map<string, DistributionHandle>();

  constructor(metrics: MetricsCollector, kind: McpOperationKind) {
    this.#metrics = metrics;
    this.#kind = { ...kind };
    this.#fine = metrics.histogram(`mcp.${kind.side}.operation.duration`, labelsOf(this.#kind));
  }

  /** @throws DynoError (104) for a duration that is none. */
  record(durationMs: number, errorType?: string, rpcCode?: number): void {
    const value = seconds(durationMs);
    if (errorType === undefined) {
      this.#fine.record(value);
      return;
    }
    const key = `${errorType}\n${rpcCode ?? ''}`;
    let handle = this.#failed.get(key);
    if (handle === undefined) {
      const labels = labelsOf({ ...this.#kind, errorType, rpcCode });
      handle = this.#metrics.histogram(`mcp.${this.#kind.side}.operation.duration`, labels);
      if (this.#failed.size < maxKinds) this.#failed.set(key, handle);
    }
    handle.record(value);
  }
}

function labelsOf(of: Omit<McpOperation, 'durationMs' | 'method'> & { method?: string }): Labels {
  const labels: Record<string, string | number> = {};
  if (of.method !== undefined) labels['mcp.method.name'] = of.method;
  if (of.tool !== undefined) {
    labels['gen_ai.tool.name'] = of.tool;
    labels['gen_ai.operation.name'] = 'execute_tool';
  }
  if (of.server !== undefined) labels[serverLabel] = of.server;
  if (of.errorType !== undefined) labels['error.type'] = of.errorType;
  if (of.rpcCode !== undefined) labels['rpc.response.status_code'] = of.rpcCode;
  if (of.protocolVersion !== undefined) labels['mcp.protocol.version'] = of.protocolVersion;
  if (of.transport !== undefined) labels['network.transport'] = of.transport;
  if (of.serverAddress !== undefined) labels['server.address'] = of.serverAddress;
  if (of.serverPort !== undefined) labels['server.port'] = of.serverPort;
  return labels;
}

function seconds(durationMs: number): number {
  if (durationMs >= 0 && Number.isFinite(durationMs)) return durationMs / 1000;
  throw usageError(`Expected the duration of an MCP operation to be milliseconds, got ${shown(durationMs)}`);
}
