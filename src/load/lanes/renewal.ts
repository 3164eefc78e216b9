/**
 * Asks for a new token after a 401; `challenge` is the `WWW-Authenticate` header. Calls back when requests carry a new one,
 * or with why there is none.
 */
export type Renew = (challenge: string | undefined, then: (error?: string) => void) => void;

/** What to say of a 401 where nothing renews the credentials. */
export const refusedCredentials =
  'the credentials were refused; if they have expired, give them with --bearer-command or as OAuth client credentials, ' +
  'which are renewed in the middle of a load';

/** What to say of a 401 after which no new token could be had. */
export function refusedSentence(error: string): string {
  return `HTTP 401: the token was refused, and there is no new one: ${error}`;
}

/** The requests for a new token of one thread: those that ask while one is on its way share it. */
export class Renewals {
  readonly #ask: (challenge: string | undefined) => void;
  #waiting: ((error?: string) => void)[] = [];

  /** @param ask sends for a new token; its answer comes through {@link Renewals.settle}. */
  constructor(ask: (challenge: string | undefined) => void) {
    this.#ask = ask;
  }

  readonly renew: Renew = (challenge, then) => {
    this.#waiting.push(then);
    if (this.#waiting.length === 1) this.#ask(challenge);
  };

  /** A new token is in use, or cannot be had. */
  settle(error?: string): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const then of waiting) then(error);
  }
}
