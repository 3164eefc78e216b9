import type { JsonObject } from '../../core/json.js';
import { metaOf } from '../../protocol/message/request-meta.js';
import { firstId, furtherTemplate, lastId, unprepared, type CallTemplate } from '../lanes/call-template.js';
import type { Lane, LaneOwner } from '../lanes/lane.js';
import { outcomeIndex } from '../lanes/answer-checker.js';
import type { ChainCalls } from '../turns/chain-lane.js';
import { Recorder } from '../recording/recorder.js';
import {
  noProgress,
  type ProgressCounts,
  type ProgressDelta,
  type ProgressReport,
} from './progress-delta.js';

/** Calls that are over and whose late notifications are still recognised. */
const mostPast = 10_000;

/** Calls that are known at once, those under way included. */
const mostKnown = 200_000;

/** The progress of one call. */
interface CallProgress {
  readonly operation: number;
  count: number;
  last: number;
  firstMs: number;
  lastMs: number;
  outOfOrder: number;
  state: 'under way' | 'answered' | 'given up';
}

/** A template with a token of its own. */
interface TokenTemplate extends CallTemplate {
  readonly token: number;
}

interface OperationProgress extends ProgressCounts {
  first: Recorder;
}

/** Where the templates of a load with progress hold the place of the token: as long as every token. */
const placeholder = `"progressToken":${firstId}`;

/** The params of a call with the place of a token in them. */
export function withTokenPlace(params: JsonObject): JsonObject {
  return { ...params, _meta: { progressToken: firstId, ...metaOf(params) } };
}

/**
 * Watches the progress notifications of one load thread. Every call gets a token of its own, as many digits long as the
 * place that its template keeps, so that nothing else of the request changes.
 */
export class ProgressWatch {
  readonly #now: () => number;
  readonly #calls = new Map<number, CallProgress>();
  /** Tokens of calls that are over, oldest first. */
  readonly #past: number[] = [];
  #operations = new Map<number, OperationProgress>();
  #unknown = 0;
  #next = firstId;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Chains whose calls have tokens. */
  calls(calls: ChainCalls): ChainCalls {
    return {
      length: calls.length,
      template: (step, iteration, saved) => {
        const template = calls.template(step, iteration, saved);
        return this.template(
          template.variant === unprepared
            ? furtherTemplate(template, withTokenPlace(template.params))
            : template,
        );
      },
    };
  }

  /** The template with a fresh token. */
  template(template: CallTemplate): CallTemplate {
    const { suffix, operation, params } = template;
    // The last one: `_meta` comes after the arguments, which may hold anything.
    const at = suffix.lastIndexOf(placeholder);
    // Params that bring a token of their own keep it: it is theirs to watch.
    if (at < 0) return template;
    const token = this.#next;
    this.#next = token === lastId ? firstId : token + 1;
    // A template that was made for no call (that of a whole turn) never ends; the oldest are let go.
    if (this.#calls.size > mostKnown)
      for (const oldest of this.#calls.keys()) {
        this.#calls.delete(oldest);
        break;
      }
    this.#calls.set(token, {
      operation,
      count: 0,
      last: -Infinity,
      firstMs: 0,
      lastMs: 0,
      outOfOrder: 0,
      state: 'under way',
    });
    const end = at + placeholder.length;
    const own: TokenTemplate = {
      ...template,
      token,
      // Further rounds of the call are made of its params.
      params: { ...params, _meta: { ...metaOf(params), progressToken: token } },
      suffix: `${suffix.slice(0, at)}"progressToken":${token}${suffix.slice(end)}`,
    };
    return own;
  }

  /** Hears of outcomes before the owner does. */
  owner(owner: LaneOwner): LaneOwner {
    return {
      settled: (lane, outcome) => {
        this.#over(lane, outcome === outcomeIndex.timeout ? 'given up' : 'answered');
        owner.settled(lane, outcome);
      },
    };
  }

  /**
   * Takes a `notifications/progress`.
   *
   * @param lane the call's, where the notification came on the stream of one call.
   */
  notified(params: JsonObject | undefined, lane: Lane | undefined): void {
    const token = params?.['progressToken'];
    const value = params?.['progress'];
    const call = typeof token === 'number' ? this.#calls.get(token) : undefined;
    if (call === undefined || typeof value !== 'number') {
      this.#unknown++;
      return;
    }
    // The stream of a call may stay open after its answer; the lane knows since when it has it.
    const answered =
      lane !== undefined && tokenOf(lane.template) === token && lane.endMs > lane.sentMs && lane.busy;
    if (call.state === 'answered' || answered) {
      this.#of(call.operation).late++;
      return;
    }
    if (call.state === 'given up') return;
    const now = this.#now();
    if (call.count++ === 0) call.firstMs = now;
    call.lastMs = now;
    if (value <= call.last) call.outOfOrder++;
    call.last = value;
  }

  /** Hands over the interval and begins the next; undefined where there is nothing to tell. */
  drain(): ProgressReport | undefined {
    if (this.#operations.size === 0 && this.#unknown === 0) return undefined;
    const operations = [...this.#operations].map(([operation, { first, ...counts }]): ProgressDelta => {
      const drained = first.drain();
      return { operation, ...counts, ...(drained === undefined ? {} : { first: drained }) };
    });
    const unknown = this.#unknown;
    this.#operations = new Map();
    this.#unknown = 0;
    return { operations, unknown };
  }

  #over(lane: Lane, state: 'answered' | 'given up'): void {
    const token = tokenOf(lane.template);
    const call = token === undefined ? undefined : this.#calls.get(token);
    if (call === undefined || token === undefined) return;
    call.state = state;
    this.#past.push(token);
    if (this.#past.length > mostPast) for (const old of this.#past.splice(0, 100)) this.#calls.delete(old);
    if (lane.warmup) return;
    const totals = this.#of(call.operation);
    totals.calls++;
    totals.outOfOrder += call.outOfOrder;
    if (call.count === 0) return;
    totals.reporting++;
    totals.notifications += call.count;
    totals.most = Math.max(totals.most, call.count);
    totals.gaps += call.count - 1;
    totals.gapsMs += call.lastMs - call.firstMs;
    totals.first.record(call.firstMs - lane.sentMs);
  }

  #of(operation: number): OperationProgress {
    let totals = this.#operations.get(operation);
    if (totals === undefined) {
      totals = {
        ...noProgress,
        first: new Recorder(),
      };
      this.#operations.set(operation, totals);
    }
    return totals;
  }
}

function tokenOf(template: CallTemplate): number | undefined {
  return 'token' in template && typeof template.token === 'number' ? template.token : undefined;
}
