import { Summary } from '../recording/summary.js';
import { noAskCounts, type AskCounts, type AskDelta } from './ask-delta.js';
import type { AskedKind } from './asked-kinds.js';

/** What was asked for the calls of one operation over a whole load. */
export interface OperationAskTotals {
  /** Calls that are known to have asked. */
  calls: number;
  rounds: number;
  maxRounds: number;
  readonly clientWait: Summary;
  readonly serverTime: Summary;
}

/** What servers asked over a whole load, warm-up included. */
export class AskTotals {
  readonly kinds = new Map<AskedKind, AskCounts>();
  readonly answerTime = new Summary();
  /** By index into the plan's operations. */
  readonly operations = new Map<number, OperationAskTotals>();
  readonly streams = { opened: 0, refused: 0 };

  /** Adds what a load thread drained. */
  add(delta: AskDelta): void {
    for (const [kind, counts] of Object.entries(delta.kinds) as [AskedKind, AskCounts][]) {
      const known = this.kinds.get(kind);
      this.kinds.set(kind, known === undefined ? { ...counts } : sumOf(known, counts));
    }
    if (delta.answerTime !== undefined) this.answerTime.addDelta(delta.answerTime);
    for (const { operation, calls, rounds, maxRounds, ownTime, serverTime } of delta.operations) {
      const totals = this.#operation(operation);
      totals.calls += calls;
      totals.rounds += rounds;
      totals.maxRounds = Math.max(totals.maxRounds, maxRounds);
      if (ownTime !== undefined) totals.clientWait.addDelta(ownTime);
      if (serverTime !== undefined) totals.serverTime.addDelta(serverTime);
    }
    this.streams.opened += delta.streams.opened;
    this.streams.refused += delta.streams.refused;
  }

  /** All requests of the server. */
  get all(): AskCounts {
    return [...this.kinds.values()].reduce(sumOf, noAskCounts());
  }

  #operation(index: number): OperationAskTotals {
    let totals = this.operations.get(index);
    if (totals === undefined) {
      totals = {
        calls: 0,
        rounds: 0,
        maxRounds: 0,
        clientWait: new Summary(),
        serverTime: new Summary(),
      };
      this.operations.set(index, totals);
    }
    return totals;
  }
}

function sumOf(a: AskCounts, b: AskCounts): AskCounts {
  return {
    received: a.received + b.received,
    answered: a.answered + b.answered,
    refused: a.refused + b.refused,
    undelivered: a.undelivered + b.undelivered,
    cancelled: a.cancelled + b.cancelled,
  };
}
