import { systemClock, type Clock } from '../../core/index.js';

/** A token as it was given out. */
export interface IssuedToken {
  token: string;
  /** How long it is good for, ms; until it is refused where this is absent. */
  lifetimeMs?: number | undefined;
}

/** A token this near to its end (or to a fifth of its life) is renewed before it is used, ms. */
const largestMarginMs = 30_000;

/** Requests that were refused together are answered by one renewal: a token is not renewed again this soon, ms. */
const renewalPauseMs = 1000;

/** Keeps one token: fetched when first needed, shared by all who ask meanwhile, renewed before it ends and when refused. */
export class TokenCache {
  readonly #fetch: (challenge: string | undefined) => Promise<IssuedToken>;
  readonly #clock: Clock;
  #current: { token: string; renewAt: number; renewedAt: number } | undefined;
  #fetching: Promise<string> | undefined;

  /** @param fetch gets a new token; `challenge` is the WWW-Authenticate header of the refusal that asked for it. */
  constructor(fetch: (challenge: string | undefined) => Promise<IssuedToken>, clock: Clock = systemClock) {
    this.#fetch = fetch;
    this.#clock = clock;
  }

  /** The token; a new one when `refused` says that the last one is no longer good. Rejects as the fetching does. */
  token(refused = false, challenge?: string): Promise<string> {
    const current = this.#current;
    const now = this.#clock.now();
    if (this.#fetching) return this.#fetching;
    const good = current !== undefined && now < current.renewAt;
    if (good && (!refused || now - current.renewedAt < renewalPauseMs)) return Promise.resolve(current.token);
    this.#fetching = this.#renew(refused, challenge).finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #renew(refused: boolean, challenge: string | undefined): Promise<string> {
    const { token, lifetimeMs } = await this.#fetch(challenge);
    const now = this.#clock.now();
    const margin = lifetimeMs === undefined ? 0 : Math.min(largestMarginMs, lifetimeMs / 5);
    this.#current = {
      token,
      renewAt: lifetimeMs === undefined ? Infinity : now + lifetimeMs - margin,
      renewedAt: refused ? now : -Infinity,
    };
    return token;
  }
}
