import type { FailureClass, JsonObject } from '../../core/index.js';

/** What one request came to. */
export type TriedRequest =
  { ok: true; result: JsonObject } | { ok: false; class: FailureClass; message: string };

/** A listed prompt, as far as a plan looks at it. */
export interface ListedPrompt {
  name: string;
  description?: string;
  arguments?: { name: string; description?: string; required?: boolean }[];
}

/** A server as far as the planning of operations asks it. */
export interface ServerAccess {
  readonly era: 'session' | 'stateless';
  readonly protocolVersion: string;
  readonly capabilities: JsonObject;
  /** URIs, in the order of the listing. */
  resources(): Promise<string[]>;
  /** URI templates. */
  templates(): Promise<string[]>;
  prompts(): Promise<ListedPrompt[]>;
  /** One request; undefined in a dry run, which makes none but the listings. */
  readonly request: ((method: string, params: JsonObject) => Promise<TriedRequest>) | undefined;
}
