/** Why a schema is not used. */
export type RefusalReason =
  /** More nodes, text, nesting or definitions than the limits allow. */
  | 'too-large'
  | 'too-deep'
  /** A `$ref` to a document that is not there; nothing is ever fetched. */
  | 'remote-reference'
  /** A `$ref` to a place that does not exist. */
  | 'broken-reference'
  /** A `$ref` that leads back to itself without going into the value. */
  | 'endless-recursion'
  /** A pattern that is no regular expression, or one that can take too long. */
  | 'unsafe-pattern'
  /** A `$schema` that names no dialect that is known here. */
  | 'unknown-dialect'
  /** Not a valid schema of its dialect. */
  | 'invalid-schema';

/** A schema that is not used, and why. */
export interface SchemaRefusal {
  reason: RefusalReason;
  /** One sentence; text of the schema in it is cut and free of control characters. */
  message: string;
}

/** Thrown while a schema is read; the validator turns it into a {@link SchemaRefusal}. */
export class SchemaRefused extends Error {
  readonly refusal: SchemaRefusal;

  constructor(reason: RefusalReason, message: string) {
    super(message);
    this.refusal = { reason, message };
  }
}

/** Hostile text for a sentence: quoted, cut, without control characters. */
export function quoted(text: string, most = 80): string {
  const cut = text.length > most ? `${text.slice(0, most - 1)}…` : text;
  // JSON.stringify escapes C0 only.
   
  return JSON.stringify(cut).replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '�');
}
