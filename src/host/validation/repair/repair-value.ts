import type { Json } from '../../../core/json.js';
import { measureJson } from '../json-size.js';
import type { CompiledSchema } from '../schema/compile-schema.js';
import { difference, type PatchOperation } from './json-patch.js';
import { Mender } from './mender.js';

/** How a value is made valid. */
export interface Repair {
  /** The steps, as a JSON Patch (RFC 6902); each says where its value comes from. */
  patch: PatchOperation[];
  /** The value with the patch applied: valid by the schema. */
  value: Json;
}

const maxRounds = 4;
/** Values beyond this are not mended: what is wrong with them is told, but not put right. */
const mendable = { nodes: 20_000, depth: 64, text: 1_000_000 };

/**
 * Works out how to make a value valid; undefined where no way was found. What it gives was checked against the schema.
 */
export function repairValue(compiled: CompiledSchema, value: Json): Repair | undefined {
  if (typeof measureJson(value, mendable) === 'string') return undefined;
  const mender = new Mender(compiled);
  const valid = (candidate: Json) => compiled.check(candidate).kind === 'valid';
  let mended = value;
  for (let round = 0; round < maxRounds && !valid(mended); round++) {
    mended = mender.mend(compiled.linked.root, mended, '', 0);
  }
  // Where mending leads nowhere, a value made from the schema alone may still be valid.
  for (let round = 0; round < maxRounds && !valid(mended); round++) {
    mended =
      round === 0
        ? mender.invent(compiled.linked.root, '', 0)
        : mender.mend(compiled.linked.root, mended, '', 0);
  }
  if (!valid(mended)) return undefined;
  return { patch: difference(value, mended, (path) => mender.basisOf(path)), value: mended };
}
