import { messageOf } from '../../core/errors.js';
import type { AuthorizationRequest } from '../../protocol/index.js';

/** How often it is looked whether the token is about to end, ms: far less than the margin that it is renewed ahead by. */
const lookMs = 1000;

/** What a worker is told: a new value of the Authorization header, or why there is none. */
export type Authorize = { type: 'authorize'; value: string } | { type: 'authorize'; error: string };

/** Gives the workers of a load new tokens: before the one in use ends, and when it was refused. */
export class TokenFeed {
  readonly #get: (request: AuthorizationRequest) => Promise<string | undefined>;
  readonly #tellAll: (message: Authorize) => void;
  readonly #timer: NodeJS.Timeout;
  #last: string | undefined;
  /** How often the token changed. */
  renewals = 0;

  /** @param last the value that the workers began with. */
  constructor(
    get: (request: AuthorizationRequest) => Promise<string | undefined>,
    last: string | undefined,
    tellAll: (message: Authorize) => void,
  ) {
    this.#get = get;
    this.#last = last;
    this.#tellAll = tellAll;
    this.#timer = setInterval(() => void this.#look(), lookMs);
  }

  /** One worker was refused: it is told in any case, the others where there is something new. */
  async refused(challenge: string | undefined, tell: (message: Authorize) => void): Promise<void> {
    try {
      const value = await this.#get({ refresh: true, ...(challenge === undefined ? {} : { challenge }) });
      if (value === undefined) tell({ type: 'authorize', error: 'no credentials are known' });
      else if (value === this.#last) tell({ type: 'authorize', value });
      else this.#change(value);
    } catch (error) {
      tell({ type: 'authorize', error: messageOf(error) });
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      const value = await this.#get({ refresh: false });
      if (value !== undefined && value !== this.#last) this.#change(value);
    } catch {
      // The token in use may be good for a while yet; once it is refused, the calls say why there is no new one.
    }
  }

  #change(value: string): void {
    this.#last = value;
    this.renewals++;
    this.#tellAll({ type: 'authorize', value });
  }
}
