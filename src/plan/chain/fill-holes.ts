import type { Json, JsonObject } from '../../core/json.js';
import type { ChainHole } from '../turn-plan.js';

/** Params with kept values in their holes; the params themselves stay as they are. */
export function fillHoles(
  params: JsonObject,
  holes: readonly ChainHole[],
  saved: ReadonlyMap<string, Json>,
): JsonObject {
  let filled: Json = params;
  for (const { at, parts } of holes) filled = withValue(filled, at, 0, valueOf(parts, saved));
  return filled as JsonObject;
}

function valueOf(parts: ChainHole['parts'], saved: ReadonlyMap<string, Json>): Json {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined && 'name' in only) return saved.get(only.name) ?? null;
  return parts
    .map((part) => {
      if ('text' in part) return part.text;
      const value = saved.get(part.name) ?? null;
      return typeof value === 'string' ? value : JSON.stringify(value);
    })
    .join('');
}

function withValue(container: Json, at: ChainHole['at'], depth: number, value: Json): Json {
  const step = at[depth];
  if (step === undefined) return value;
  if (Array.isArray(container)) {
    const copy = [...container];
    copy[Number(step)] = withValue(copy[Number(step)] ?? null, at, depth + 1, value);
    return copy;
  }
  const object = container as JsonObject;
  return { ...object, [step]: withValue(object[step] ?? null, at, depth + 1, value) };
}
