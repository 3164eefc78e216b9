import { outcomeIndex } from './answer-checker.js';
import { HttpLane, type HttpLaneShare } from './http-lane.js';
import { HttpSession } from './http-session.js';
import { endedSession, endingMs } from './session-end.js';

/**
 * A lane whose session is ended with DELETE and followed by a new one after every so many calls. That is done before the next
 * call is sent, and its time is nobody's latency in a closed load; in an open one the call that is due meanwhile waits for it
 * (latency), though it is not served any longer (service time). The last session is ended after the load.
 */
export class ChurnLane extends HttpLane {
  readonly #share: HttpLaneShare;
  readonly #calls: number;
  readonly #open: boolean;
  #made = 0;
  #phase: 'calls' | 'ending' | 'opening' = 'calls';
  #turnMs = 0;
  #timeoutMs = 0;

  /**
   * @param sessionCalls calls in each session.
   * @param openModel calls have a time of their own at which they are due.
   */
  constructor(
    index: number,
    share: HttpLaneShare,
    { sessionCalls, openModel }: { sessionCalls: number; openModel: boolean },
  ) {
    super(index, share, new HttpSession(false));
    this.#share = share;
    this.#calls = sessionCalls;
    this.#open = openModel;
  }

  override send(): void {
    if (this.session.state === 'open' && this.#made < this.#calls) this.#call();
    else this.#turnOver();
  }

  override expire(): void {
    if (this.#phase === 'calls') super.expire();
    else if (this.#phase === 'ending') {
      super.destroy();
      this.#share.abandoned(this.session);
      this.#share.sessionClosed(this.session, false, 0);
      this.#next();
    } else {
      super.destroy();
      this.session = new HttpSession(false);
      this.#failed(
        `no session after ${Math.round(performance.now() - this.#turnMs)} ms`,
        outcomeIndex.timeout,
      );
    }
  }

  override destroy(): void {
    this.#phase = 'calls';
    if (this.session.id !== undefined) this.#share.abandoned(this.session);
    super.destroy();
  }

  #call(): void {
    this.#made++;
    super.send();
  }

  #turnOver(): void {
    const { id } = this.session;
    this.#turnMs = performance.now();
    this.#timeoutMs = this.deadlineMs - this.sentMs;
    if (id === undefined) {
      this.#next();
      return;
    }
    this.#phase = 'ending';
    this.deadlineMs = this.#turnMs + endingMs;
    this.exchange(this.#share.requests.bodiless('DELETE', id), (answer) => {
      this.#share.sessionClosed(this.session, endedSession(answer), performance.now() - this.#turnMs);
      if (answer.error !== undefined) this.#share.abandoned(this.session);
      this.#next();
    });
  }

  #next(): void {
    const session = new HttpSession(false);
    this.session = session;
    this.#made = 0;
    this.#phase = 'opening';
    this.deadlineMs = performance.now() + this.#timeoutMs;
    this.#share.open(session, this, (error) => {
      if (this.session !== session || !this.busy || this.#phase !== 'opening') return;
      if (error !== undefined) {
        this.#failed(error, outcomeIndex.connect);
        return;
      }
      const tookMs = performance.now() - this.#turnMs;
      this.#phase = 'calls';
      this.sentMs += tookMs;
      this.freeMs += tookMs;
      this.deadlineMs = this.sentMs + this.#timeoutMs;
      if (!this.#open) this.intendedMs += tookMs;
      this.#call();
    });
  }

  #failed(error: string, outcome: number): void {
    this.#phase = 'calls';
    this.endMs = performance.now();
    this.message = error;
    this.response = '';
    this.#share.owner.settled(this, outcome);
  }
}
