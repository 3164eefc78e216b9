import { isJsonObject, type Json } from '../../core/json.js';
import type { RawError } from './schema/check.js';
import { quoted } from './schema/schema-refusal.js';

/** What is wrong at one place of a value, said so that a model can mend it. */
export interface ValidationError {
  /** Where, as a JSON Pointer (RFC 6901); empty for the whole value. */
  path: string;
  /** The keyword of JSON Schema that it breaks; `limit` for the validator's own bounds. */
  keyword: string;
  /** What should be there, a clause such as `a whole number` or `one of "c", "f"`. */
  expected: string;
  /** What is there, cut short and quoted. */
  got: string;
  /** What to do about it, one sentence. */
  repair: string;
  /** All of it in one sentence. */
  message: string;
}

/** Puts an error together. */
export function validationError(
  path: string,
  keyword: string,
  expected: string,
  got: string,
  repair: string,
): ValidationError {
  const where = path === '' ? 'the value' : quoted(path, 200).slice(1, -1);
  const message = `Expected ${where} to be ${expected}, got ${got}. ${repair}.`;
  return { path, keyword, expected, got, repair, message };
}

/** A value for a sentence: quoted, cut to 80 characters. */
export function shown(value: Json | undefined): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  const names = Object.keys(value);
  if (names.length === 0) return 'an empty object';
  const some = names
    .slice(0, 5)
    .map((name) => quoted(name, 24))
    .join(', ');
  return `an object with ${some}${names.length > 5 ? ' …' : ''}`;
}

const typeNames: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
};

/** JSON Schema's types in words. */
export function typesInWords(types: Json): string {
  const list = Array.isArray(types) ? types : [types];
  return list.map((type) => typeNames[String(type)] ?? String(type)).join(' or ');
}

/** Values in words, cut to the first dozen. */
export function choices(values: readonly Json[]): string {
  const some = values.slice(0, 12).map((value) => quoted(JSON.stringify(value), 42).replace(/^"|"$/g, ''));
  const text = some.map((one) => one.replace(/\\"/g, '"')).join(', ');
  return values.length > 12 ? `${text} … (${values.length} in all)` : text;
}

/** One error in words. Combinations (`anyOf`, `oneOf`) are explained where their branches are known. */
export function explainError(error: RawError): ValidationError {
  const { data, params } = error;
  const path = error.instancePath;
  const make = (expected: string, repair: string, at = path, got = shown(data)) =>
    validationError(at, error.keyword, expected, got, repair);
  const limit = params['limit'];
  switch (error.keyword) {
    case 'type': {
      const expected = typesInWords(params['type']!);
      return make(expected, `Give ${expected}`, path, `${shown(data)} (${kindOf(data)})`);
    }
    case 'required': {
      const name = String(params['missingProperty']);
      const repair = `Add the property ${quoted(name)}`;
      return make('there', repair, child(path, name), 'nothing');
    }
    case 'enum':
      return make(`one of ${choices(params['allowedValues'] as Json[])}`, 'Use one of these values');
    case 'const':
      return make(choices([params['allowedValue']!]), 'Use exactly this value');
    case 'minimum':
    case 'exclusiveMinimum':
    case 'maximum':
    case 'exclusiveMaximum':
      return make(`${comparisons[error.keyword]!} ${String(limit)}`, 'Use a number within the range');
    case 'multipleOf':
      return make(`a multiple of ${String(params['multipleOf'])}`, 'Round it to the next multiple');
    case 'minLength':
      return make(`a text of at least ${String(limit)} characters`, 'Use a longer text');
    case 'maxLength':
      return make(`a text of at most ${String(limit)} characters`, 'Shorten the text');
    case 'pattern':
      return make(`a text that matches ${quoted(String(params['pattern']))}`, 'Write it in this form');
    case 'format':
      return make(`a text in the format ${quoted(String(params['format']))}`, 'Write it in this format');
    case 'minItems':
      return make(`a list of at least ${String(limit)} items`, 'Add items');
    case 'maxItems':
    case 'items':
    case 'unevaluatedItems':
      return make(
        limit === undefined ? 'a list without further items' : `a list of at most ${String(limit)} items`,
        'Remove the items beyond',
      );
    case 'uniqueItems':
      return make('a list without duplicates', 'Remove the items that occur twice');
    case 'minProperties':
      return make(`an object of at least ${String(limit)} properties`, 'Add properties');
    case 'maxProperties':
      return make(`an object of at most ${String(limit)} properties`, 'Remove properties');
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const name = String(params['additionalProperty'] ?? params['unevaluatedProperty']);
      const known = isJsonObject((error.parentSchema as Json)?.['properties' as never])
        ? Object.keys((error.parentSchema as { properties: object }).properties)
        : [];
      const repair =
        known.length === 0
          ? 'Remove this property'
          : `Remove this property; the known ones are ${choices(known)}`;
      const value = isJsonObject(data) ? data[name] : undefined;
      return make('absent, since the schema does not know it', repair, child(path, name), shown(value));
    }
    case 'dependentRequired': {
      const name = String(params['missingProperty']);
      const beside = quoted(String(params['property']));
      return make(`there beside ${beside}`, `Add the property ${quoted(name)}`, child(path, name), 'nothing');
    }
    case 'contains': {
      const most = params['maxContains'];
      const least = String(params['minContains'] ?? 1);
      return most === undefined
        ? make(`a list with at least ${least} items of a certain form`, 'Add an item of this form')
        : make(
            `a list with ${least} to ${String(most)} items of a certain form`,
            'Change the number of them',
          );
    }
    case 'propertyNames': {
      const name = String(params['propertyName']);
      return make(
        'an object without this property name',
        `Rename the property ${quoted(name)}`,
        child(path, name),
      );
    }
    case 'not':
      return make('something that the schema does not exclude', 'Use another value');
    case 'false schema':
      return make('absent, since nothing is allowed here', 'Remove it');
    default:
      return make(`valid by ${quoted(error.keyword)}`, 'Change it as the schema says');
  }
}

const comparisons: Record<string, string> = {
  minimum: 'a number of at least',
  exclusiveMinimum: 'a number above',
  maximum: 'a number of at most',
  exclusiveMaximum: 'a number below',
};

/** The JSON type of a value. */
export function kindOf(value: Json | undefined): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/** The pointer to a member of what a pointer leads to. */
export function child(path: string, name: string | number): string {
  return `${path}/${String(name).replace(/~/g, '~0').replace(/\//g, '~1')}`;
}
