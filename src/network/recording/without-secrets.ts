import {
  isJsonObject,
  isSecretName,
  redact,
  redacted,
  type Json,
  type JsonObject,
} from '../../core/index.js';

/** Deeper than arguments of any tool; what is nested deeper is not recorded. */
const deepest = 200;

/** Members that name what stands beside them in `value`, as headers and variables are often written. */
const namers = ['name', 'key', 'header', 'variable'] as const;

/**
 * Params without `_meta` (a replaying client has its own) and without secrets: what stands under a secret name, however deep,
 * what a pair of name and value calls one, and what is known or looks like one in any text. Undefined where they are nested
 * too deep to be looked through.
 */
export function withoutSecrets(params: JsonObject): JsonObject | undefined {
  const rest = Object.fromEntries(Object.entries(params).filter(([key]) => key !== '_meta'));
  return isTooDeep(rest) ? undefined : (clean(rest, false) as JsonObject);
}

function clean(value: Json, secret: boolean): Json {
  if (typeof value === 'string') return secret ? redacted : redact(value);
  if (typeof value === 'number') return secret ? redacted : value;
  if (Array.isArray(value)) return value.map((item) => clean(item, secret));
  if (!isJsonObject(value)) return value;
  const named = namers.some((namer) => {
    const name = value[namer];
    return typeof name === 'string' && isSecretName(name);
  });
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      clean(item, secret || isSecretName(key) || (named && key === 'value')),
    ]),
  );
}

/** Without recursion: a client may nest as deep as its parser can. */
function isTooDeep(value: Json): boolean {
  let level: Json[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > deepest) return true;
    level = level.flatMap((item) => {
      if (typeof item !== 'object' || item === null) return [];
      return Array.isArray(item) ? item : Object.values(item);
    });
  }
  return false;
}
