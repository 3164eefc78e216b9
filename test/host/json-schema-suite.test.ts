import { describe, expect, it } from 'vitest';
import { ToolValidator, type Schema, type ValidationLevel } from '../../src/host/validation/index.js';
import { isJsonObject, type Json, type JsonObject } from '../../src/core/index.js';
import { suiteDocuments, suiteGroups, type SuiteGroup } from './json-schema-suite.js';

/**
 * The official test suite (see test/data/json-schema-suite/README.md) at each level, as far as the level claims it. What
 * is expected to fail is listed by name with the reason; a test that starts to pass has to leave the list.
 */
const expectedFailures: Readonly<Record<string, string>> = {
  // A meta-schema of one's own is read as its base dialect; its choice of vocabularies is not looked at.
  'vocabulary · schema that uses custom metaschema with with no validation vocabulary · no validation: invalid number, but it still validates':
    'vocabularies',
  'format-assertion · schema that uses custom metaschema with format-assertion: false · format-assertion: false: invalid string':
    'vocabularies',
  'format-assertion · schema that uses custom metaschema with format-assertion: true · format-assertion: true: invalid string':
    'vocabularies',
};

/** Files of optional formats that are not asserted, see formats.ts. */
const annotatedFormats = ['idn-hostname'];

const documents = suiteDocuments() as Record<string, Schema>;
const validator = new ToolValidator({ documents, cacheSize: 20_000 });

interface Verdict {
  name: string;
  group: SuiteGroup;
  data: Json;
  expected: boolean;
  result: ReturnType<ToolValidator['validate']>;
}

function* verdicts(folder: string, level: ValidationLevel): Generator<Verdict> {
  for (const group of suiteGroups(folder)) {
    const schema = withDialect(group.schema as Schema, folder);
    for (const test of group.tests) {
      const result = validator.validate(schema, test.data, { level });
      const name = `${group.file} · ${group.description} · ${test.description}`;
      yield { name, group, data: test.data, expected: test.valid, result };
    }
  }
}

/** The suite's schemas of draft-07 leave `$schema` out; which dialect they are of is said by their folder. */
function withDialect(schema: Schema, folder: string): Schema {
  if (!folder.startsWith('draft7') || !isJsonObject(schema) || schema['$schema'] !== undefined) return schema;
  return { ...schema, $schema: 'http://json-schema.org/draft-07/schema#' };
}

function wrong(all: Iterable<Verdict>): string[] {
  return [...all].filter(({ result, expected }) => result.valid !== expected).map(({ name }) => name);
}

function listed(folder: string): string[] {
  const files = new Set(suiteGroups(folder).map(({ file }) => file));
  return Object.keys(expectedFailures).filter((name) => files.has(name.split(' · ')[0]!));
}

describe('level standard on the official suite', () => {
  it.each([
    ['draft2020-12', 1257],
    ['draft2020-12/optional', 158],
  ])('gives the verdicts of %s', (folder, least) => {
    const all = [...verdicts(folder, 'standard')];
    expect(all.length).toBeGreaterThanOrEqual(least);
    expect(wrong(all).sort()).toEqual(listed(folder).sort());
  });

  it('gives the verdicts of 2019-09 and draft-07, read by their own rules', () => {
    const vocabulary = Object.keys(expectedFailures).filter((name) => name.startsWith('vocabulary'));
    expect(wrong(verdicts('draft2019-09', 'standard'))).toEqual(vocabulary);
    expect(wrong(verdicts('draft7', 'standard'))).toEqual([]);
  });
});

describe('level strict on the official suite', () => {
  it('asserts every format but those it leaves as annotations', () => {
    const all = [...verdicts('draft2020-12/optional/format', 'strict')].filter(
      ({ group }) => !annotatedFormats.includes(group.file),
    );
    expect(all.length).toBeGreaterThan(350);
    expect(wrong(all)).toEqual([]);
  });

  it.each(['strict', 'paranoid'] as const)(
    '%s refuses all that standard refuses, and beyond that only formats, unknown properties and limits',
    (level) => {
      const beyond: string[] = [];
      for (const { name, expected, result, group } of verdicts('draft2020-12', level)) {
        if (name in expectedFailures) continue;
        if (!expected) expect(result.valid, name).toBe(false);
        if (!expected || result.valid) continue;
        const reasons = result.errors.map(({ keyword }) => keyword);
        const own = ['additionalProperties', 'unevaluatedProperties', 'format', 'limit'];
        const combined = /anyOf|oneOf|allOf|"if"|not|\$ref|dynamicRef|unevaluated|contains|dependent/.test(
          JSON.stringify(group.schema),
        );
        const refusal = result.refusal?.reason;
        if (reasons.some((one) => own.includes(one)) || combined || refusal === 'unsafe-pattern') continue;
        if (level === 'paranoid' && refusal !== undefined) continue;
        beyond.push(`${name}: ${result.message}`);
      }
      expect(beyond).toEqual([]);
    },
  );
});

describe('level basic on the official suite', () => {
  it('accepts all that is valid, and refuses wrong types and missing properties', () => {
    const refused: string[] = [];
    for (const { name, expected, result, group } of verdicts('draft2020-12', 'basic')) {
      if (expected && !result.valid) refused.push(name);
      const claimed = group.file === 'type' || group.file === 'required';
      if (claimed) expect(result.valid, name).toBe(expected);
    }
    expect(refused).toEqual([]);
  });

  it('is as weak as its name off at level off', () => {
    for (const { result } of verdicts('draft2020-12', 'off')) expect(result.valid).toBe(true);
  });
});

describe('repairs on the official suite', () => {
  it('make invalid values valid wherever the suite knows a valid one, nearly always', () => {
    let possible = 0;
    const missed: string[] = [];
    for (const { name, expected, result, group } of verdicts('draft2020-12', 'standard')) {
      if (expected || result.valid || name in expectedFailures) continue;
      if (!group.tests.some(({ valid }) => valid)) continue;
      possible++;
      const repair = result.repair();
      if (repair === undefined) missed.push(name);
      else {
        const again = validator.validate(group.schema as JsonObject, repair.value, { level: 'standard' });
        expect(again.valid, name).toBe(true);
      }
    }
    expect(possible).toBeGreaterThan(450);
    expect(missed.length / possible, missed.join('\n')).toBeLessThan(0.03);
  });
});
