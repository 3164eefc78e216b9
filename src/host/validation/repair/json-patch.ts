import { isJsonObject, type Json } from '../../../core/json.js';
import { child } from '../validation-error.js';
import { canonical } from '../schema/unique-items.js';

/** Where a repaired value comes from. */
export type RepairBasis =
  /** The same information in another form, such as `"5"` as 5. */
  | 'converted'
  /** The nearest value that the schema allows. */
  | 'adjusted'
  /** The schema's own default or only allowed value. */
  | 'given'
  /** A placeholder that is valid but means nothing: the real value has to be asked for. */
  | 'invented'
  /** Something that the schema does not allow at all. */
  | 'removed';

/** One step of a JSON Patch (RFC 6902), with where its value comes from. */
export type PatchOperation =
  | { op: 'add'; path: string; value: Json; basis: RepairBasis }
  | { op: 'replace'; path: string; value: Json; basis: RepairBasis }
  | { op: 'remove'; path: string; basis: RepairBasis };

/** The steps that turn one value into another. */
export function difference(
  from: Json,
  to: Json,
  basisOf: (path: string) => RepairBasis,
  path = '',
): PatchOperation[] {
  if (canonical(from) === canonical(to)) return [];
  if (Array.isArray(from) && Array.isArray(to)) {
    const common = Math.min(from.length, to.length);
    const steps: PatchOperation[] = [];
    for (let i = 0; i < common; i++) steps.push(...difference(from[i]!, to[i]!, basisOf, child(path, i)));
    // From the end, so that the positions of those before stay what they are.
    for (let i = from.length - 1; i >= common; i--) {
      steps.push({ op: 'remove', path: child(path, i), basis: 'removed' });
    }
    for (let i = common; i < to.length; i++) {
      const at = child(path, i);
      steps.push({ op: 'add', path: at, value: to[i]!, basis: basisOf(at) });
    }
    return steps;
  }
  if (isJsonObject(from) && isJsonObject(to)) {
    const steps: PatchOperation[] = [];
    for (const [name, value] of Object.entries(from)) {
      const at = child(path, name);
      if (Object.hasOwn(to, name)) steps.push(...difference(value, to[name]!, basisOf, at));
      else steps.push({ op: 'remove', path: at, basis: 'removed' });
    }
    for (const [name, value] of Object.entries(to)) {
      if (Object.hasOwn(from, name)) continue;
      const at = child(path, name);
      steps.push({ op: 'add', path: at, value, basis: basisOf(at) });
    }
    return steps;
  }
  return [{ op: 'replace', path, value: to, basis: basisOf(path) }];
}

/**
 * A copy of a value with the steps applied.
 *
 * @throws RangeError when a step does not fit the value
 */
export function applyPatch(value: Json, steps: readonly PatchOperation[]): Json {
  let root = structuredClone(value);
  for (const step of steps) {
    const tokens = step.path
      .split('/')
      .slice(1)
      .map((token) => token.replace(/~1/g, '/').replace(/~0/g, '~'));
    const last = tokens.pop();
    if (last === undefined) {
      if (step.op === 'remove') throw new RangeError('Expected a path below the whole value to remove');
      root = structuredClone(step.value);
      continue;
    }
    let holder: Json = root;
    for (const token of tokens) {
      const next: Json | undefined = Array.isArray(holder)
        ? holder[Number(token)]
        : isJsonObject(holder) && Object.hasOwn(holder, token)
          ? holder[token]
          : undefined;
      if (next === undefined) throw new RangeError(`Expected ${step.path} to lead into the value`);
      holder = next;
    }
    if (Array.isArray(holder)) {
      const index = last === '-' ? holder.length : Number(last);
      if (step.op === 'remove') holder.splice(index, 1);
      else holder.splice(index, step.op === 'add' ? 0 : 1, structuredClone(step.value));
    } else if (isJsonObject(holder)) {
      if (step.op === 'remove') delete holder[last];
      else {
        // A plain assignment would set the prototype for one hostile name.
        Object.defineProperty(holder, last, {
          value: structuredClone(step.value),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
    } else throw new RangeError(`Expected ${step.path} to lead into the value`);
  }
  return root;
}
