import { isJsonObject, type Json } from '../../../core/json.js';
import { hasType } from '../schema-fit.js';

/** A value of one of the types that says the same; undefined where there is none. */
export function convert(value: Json, types: readonly string[]): Json | undefined {
  for (const type of types) {
    const converted = convertTo(value, type);
    if (converted !== undefined && hasType(type, converted)) return converted;
  }
  return undefined;
}

function convertTo(value: Json, type: string): Json | undefined {
  // A list of one thing for the thing itself.
  if (type !== 'array' && Array.isArray(value) && value.length === 1) {
    const [only] = value;
    return hasType(type, only!) ? only : convertTo(only!, type);
  }
  switch (type) {
    case 'integer':
    case 'number': {
      if (typeof value === 'boolean') return value ? 1 : 0;
      const number =
        typeof value === 'string' ? numberIn(value) : typeof value === 'number' ? value : undefined;
      if (number === undefined) return undefined;
      return type === 'integer' ? Math.round(number) : number;
    }
    case 'boolean':
      if (typeof value === 'string') {
        if (/^(true|yes|on|1)$/i.test(value.trim())) return true;
        if (/^(false|no|off|0)$/i.test(value.trim())) return false;
      }
      return value === 1 ? true : value === 0 ? false : undefined;
    case 'string':
      if (typeof value === 'number' || typeof value === 'boolean') return String(value);
      return undefined;
    case 'null':
      return value === '' || value === 'null' ? null : undefined;
    case 'array': {
      const parsed = typeof value === 'string' ? parsedJson(value) : undefined;
      if (Array.isArray(parsed)) return parsed;
      return value === null ? undefined : [value];
    }
    case 'object': {
      const parsed = typeof value === 'string' ? parsedJson(value) : undefined;
      return isJsonObject(parsed) ? parsed : undefined;
    }
    default:
      return undefined;
  }
}

function numberIn(text: string): number | undefined {
  const trimmed = text.trim();
  if (!/^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(trimmed)) return undefined;
  const number = Number(trimmed);
  return Number.isFinite(number) ? number : undefined;
}

function parsedJson(text: string): Json | undefined {
  const trimmed = text.trim();
  if (!/^[[{]/.test(trimmed) || trimmed.length > 1_000_000) return undefined;
  try {
    return JSON.parse(trimmed) as Json;
  } catch {
    return undefined;
  }
}
