import type { JsonObject } from '../../core/index.js';

/** The shapes of `--data`. */
export const dataShapes = ['small', 'large', 'deep', 'unicode', 'boundary', 'invalid', 'mixed'] as const;

/** What test data is like; `mixed` is every valid shape in turn. */
export type DataShape = (typeof dataShapes)[number];

/** What `mixed` is made of: all that a server must take. */
export const validShapes = ['small', 'large', 'deep', 'unicode', 'boundary'] as const satisfies DataShape[];

/** Bytes of one set of arguments as JSON, for `large`. */
export const dataSizes = {
  default: 10_000,
  min: 100,
  max: 50_000_000,
  /** Of all sets of one tool together: they are held ready while a load runs. */
  total: 64_000_000,
} as const;

/** One set of arguments of a shape. */
export interface DataSample {
  shape: Exclude<DataShape, 'mixed'>;
  /** What is special about it, such as `limit = maximum 50`; of invalid ones what is wrong, such as `limit above maximum 50`. */
  name: string;
  args: JsonObject;
  /** Of invalid ones the keyword of the schema that forbids it. */
  keyword?: string;
}

/** The data of a shape for one tool. */
export interface ShapedData {
  samples: DataSample[];
  /** Why there is none of a shape, or not as much of it as was asked for: a clause each. */
  missing: string[];
}
