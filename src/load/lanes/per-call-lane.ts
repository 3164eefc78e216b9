import { HttpLane, type HttpLaneShare } from './http-lane.js';
import { HttpSession } from './http-session.js';
import type { LaneOwner, OutcomeIndex } from './lane.js';
import { endedSession, endingMs } from './session-end.js';

/**
 * A lane whose every call has a session of its own: initialize, call, DELETE; the call's time covers all three. Where it
 * abandons sessions there is no DELETE until the load is over.
 */
export class PerCallLane extends HttpLane {
  readonly #share: HttpLaneShare;
  readonly #abandons: boolean;
  #outcome: OutcomeIndex | undefined;
  #open = false;

  constructor(
    index: number,
    share: HttpLaneShare,
    session: HttpSession,
    { abandons = false }: { abandons?: boolean } = {},
  ) {
    const owner: LaneOwner = {
      settled: (lane, outcome) => {
        (lane as PerCallLane).#ending(outcome);
      },
    };
    // Everything of the share but who hears of the outcome: this lane itself, to end the session first.
    const own: HttpLaneShare = {
      owner,
      checker: share.checker,
      requests: share.requests,
      tls: share.tls,
      renew: share.renew,
      nextId: () => share.nextId(),
      open: (of, lane, then) => {
        share.open(of, lane, then);
      },
      serverMessage: (lane) => {
        share.serverMessage(lane);
      },
      cancelled: (of, id) => {
        share.cancelled(of, id);
      },
      abandoned: (of) => {
        share.abandoned(of);
      },
      connected: (ms) => {
        share.connected(ms);
      },
      reopened: () => {
        share.reopened();
      },
      sessionClosed: (of, ended, ms) => {
        share.sessionClosed(of, ended, ms);
      },
    };
    super(index, own, session);
    this.#share = share;
    this.#abandons = abandons;
  }

  override send(): void {
    this.session = new HttpSession(false);
    this.#open = true;
    super.send();
  }

  override destroy(): void {
    if (this.#open) this.#share.abandoned(this.session);
    super.destroy();
  }

  override expire(): void {
    const outcome = this.#outcome;
    if (outcome === undefined) {
      super.expire();
      return;
    }
    this.destroy();
    this.#share.sessionClosed(this.session, false, 0);
    this.#ended(outcome);
  }

  #ending(outcome: OutcomeIndex): void {
    const { id } = this.session;
    this.#outcome = outcome;
    if (this.#abandons) this.#share.abandoned(this.session);
    if (id === undefined || this.#abandons) {
      this.#ended(outcome);
      return;
    }
    const { firstByteMs, message, response } = this;
    const began = performance.now();
    this.deadlineMs = began + endingMs;
    this.exchange(this.#share.requests.bodiless('DELETE', id), (answer) => {
      this.#share.sessionClosed(this.session, endedSession(answer), performance.now() - began);
      this.firstByteMs = firstByteMs;
      this.message = message;
      this.response = response;
      this.#ended(outcome);
    });
  }

  #ended(outcome: OutcomeIndex): void {
    this.#outcome = undefined;
    this.#open = false;
    this.#share.owner.settled(this, outcome);
  }
}
