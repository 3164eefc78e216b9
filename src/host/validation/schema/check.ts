import type { Json } from '../../../core/json.js';
import type { JsonObject } from '../../../core/json.js';
import { child } from '../validation-error.js';

/** One thing that is wrong, before it is put into words. */
export interface RawError {
  keyword: string;
  /** JSON Pointer into the value. */
  instancePath: string;
  params: Record<string, Json | undefined>;
  data: Json;
  /** The keyword's value, and the schema that it stands in. */
  schema: Json;
  parentSchema: JsonObject;
}

/** Thrown when a check has taken all the work that it may take. */
export class ChecksSpent extends Error {}

/** All errors told at once; beyond it nobody reads on. */
const maxErrors = 200;

/** One run of a check. */
export class Run {
  /** Subschemas that may still be evaluated. */
  left: number;
  /** Undefined stops at the first error and tells nothing. */
  errors: RawError[] | undefined;

  constructor(checks: number, tell: boolean) {
    this.left = checks;
    this.errors = tell ? [] : undefined;
  }

  /** @throws ChecksSpent */
  spend(checks: number): void {
    if ((this.left -= checks) < 0) throw new ChecksSpent();
  }

  /** Notes an error. @returns false, for whoever has to give the verdict */
  fail(
    keyword: string,
    path: string,
    data: Json,
    parentSchema: JsonObject,
    params: RawError['params'] = {},
  ): false {
    if (this.errors !== undefined && this.errors.length < maxErrors) {
      const schema = parentSchema[keyword] ?? null;
      this.errors.push({ keyword, instancePath: path, params, data, schema, parentSchema });
    }
    return false;
  }

  /** Does something without telling its errors, such as trying the branches of an `anyOf`. */
  quietly<T>(work: () => T): T {
    const { errors } = this;
    this.errors = undefined;
    try {
      return work();
    } finally {
      this.errors = errors;
    }
  }

  /** The path of a member; only worked out where errors are told. */
  at(path: string, name: string | number): string {
    return this.errors === undefined ? '' : child(path, name);
  }
}

/** What subschemas have looked at in one object or list, for `unevaluatedProperties` and `unevaluatedItems`. */
export class Seen {
  allProperties = false;
  readonly properties = new Set<string>();
  /** Items before this one. */
  upTo = 0;
  readonly items = new Set<number>();

  merge(other: Seen): void {
    this.allProperties ||= other.allProperties;
    this.upTo = Math.max(this.upTo, other.upTo);
    for (const name of other.properties) this.properties.add(name);
    for (const index of other.items) this.items.add(index);
  }
}

/**
 * Checks a value against one schema, or one keyword. `seen` is there only where an enclosing schema wants to know what was
 * looked at.
 */
export type Check = (value: Json, run: Run, path: string, seen: Seen | undefined) => boolean;
