import type { Alert } from './alert.js';

/** A way to tell somebody. */
export interface Channel {
  /** The same for the same receiver, and never a secret: what was told is remembered under it. */
  readonly id: string;
  /** For people, without what is secret. */
  readonly name: string;
  /** Rejects with a sentence when it was not heard within its time. */
  send(alert: Alert): Promise<void>;
}
