import { readdirSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import type { RunResult } from '../../src/core/index.js';
import { renderReport, reportFormats } from '../../src/report/index.js';
import { readRunFile } from '../../src/store/index.js';
import { suiteTests } from '../../src/suite/catalogue.js';

const data = fileURLToPath(new URL('../data/', import.meta.url));
const schema = JSON.parse(
  readFileSync(new URL('../../schema/dyno.run.1.json', import.meta.url), 'utf8'),
) as object;
const ajv = new Ajv2020({ allErrors: true });
(addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
const validate = ajv.compile(schema);

/** Full profiles of real servers as they came out (docs/findings.md says what they show). */
const runs = readdirSync(data).filter((name) => /^full-.*\.json\.gz$/.test(name));

it('there is one of the bundled server, and of server-everything over stdio and HTTP', () => {
  expect(runs).toEqual([
    'full-everything-http.json.gz',
    'full-everything-stdio.json.gz',
    'full-reference.json.gz',
  ]);
});

describe.each(runs)('the run of a full profile in %s', (name) => {
  const path = join(data, name);
  let run: RunResult;

  it('is what the schema says, small, and names nobody and no folder', async () => {
    run = await readRunFile(path);
    expect(validate(run), JSON.stringify(validate.errors?.slice(0, 3))).toBe(true);
    expect(statSync(path).size).toBeLessThan(400_000);
    const text = gunzipSync(readFileSync(path)).toString('utf8');
    expect(text.match(/"[^"]*(\/(tmp|home|root|work|usr|Users)\/|[A-Z]:\\\\)[^"]*"/g)).toBeNull();
    expect(run.plan).toMatchObject({ options: { profile: { value: 'full' } } });
  });

  it('has a result of each test that there was, and a verdict that follows from them', () => {
    const known = suiteTests.map(({ id }) => id);
    expect(run.tests.map(({ id }) => known.includes(id))).toEqual(run.tests.map(() => true));
    expect(run.tests.length).toBeGreaterThanOrEqual(30);
    // Nothing was shortened: the profile keeps twenty in flight for five minutes.
    const stability = run.tests.find(({ id }) => id === 'sustained-stability');
    expect(stability?.durationMs).toBeGreaterThanOrEqual(300_000);
    for (const { id, status, reason, metrics } of run.tests) {
      if (status === 'skipped') expect(reason, id).toMatch(/^\S.{20,}/);
      else expect(Object.keys(metrics).length, id).toBeGreaterThan(0);
    }
    const failed = run.tests.some(({ status }) => status === 'fail' || status === 'error');
    expect(run.verdict.exitCode === 99).toBe(failed);
  });

  it.each(reportFormats)('renders as %s', (format) => {
    const text = renderReport(format, run);
    expect(text.length).toBeGreaterThan(1000);
    if (format === 'json') expect(JSON.parse(text)).toMatchObject({ id: run.id });
    // Tables have no line for a test that was skipped, and those of series none for one without.
    const shown = run.tests.filter(
      ({ status, series }) => status !== 'skipped' && (format !== 'csv-series' || series.t.length > 0),
    );
    const missing = shown.filter(({ id }) => !text.includes(id));
    expect(missing.map(({ id }) => id)).toEqual([]);
  });
});
