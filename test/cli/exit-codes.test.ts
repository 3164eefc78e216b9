import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import { badStdio, startBadHttp } from '../fixtures/bad-servers.js';
import { resultOf, runDyno, scratch, startDyno } from '../fixtures/run-dyno.js';

const folder = scratch();
afterAll(() => {
  folder.remove();
});

const timeout = 90_000;
const { command, args: honest } = badStdio('honest');
const target = ['--', command, ...honest];
const options = { cwd: folder.path };
const shortLoad = ['load', '-n', '6', '--json', '--pid', 'none'];

describe('exit codes', () => {
  it.concurrent('0: one valid document is all of stdout', { timeout }, async () => {
    const ended = await runDyno([...shortLoad, ...target], options);
    expect(ended.code).toBe(0);
    const run = resultOf(ended);
    const schema = JSON.parse(readFileSync('schema/dyno.run.1.json', 'utf8')) as object;
    const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(schema);
    expect(validate(run), JSON.stringify(validate.errors)).toBe(true);
    expect(run.verdict).toMatchObject({ status: 'pass', exitCode: 0 });
    expect(ended.left).toEqual([]);
  });

  it.concurrent('99: with the observed value and the limit as it was given', { timeout }, async () => {
    const env = { PERF_AVG_LATENCY_MS: '0.000001' };
    const args = ['test', '--only', 'single-tool-latency', '--profile', 'smoke', '--no-tui', ...target];
    const ended = await runDyno(args, { ...options, env });
    expect(ended.code).toBe(99);
    expect(ended.out).toMatch(/latency\.mean \S+ ms +limit < 0\.000001 ms/);
    expect(ended.out).toContain('PERF_AVG_LATENCY_MS');
  });

  it.concurrent('1: where no run file can be written, and the result is shown', { timeout }, async () => {
    writeFileSync(join(folder.path, 'file'), '');
    const ended = await runDyno([...shortLoad, '--run-dir', 'file', ...target], options);
    expect(ended.code).toBe(1);
    expect(ended.said).toMatch(/The run file cannot be written.*--run-dir/);
    expect(resultOf(ended)).toMatchObject({ tests: [{ status: 'pass' }], verdict: { exitCode: 1 } });
  });

  it.concurrent('104: a PERF variable that is no number is named', { timeout }, async () => {
    const ended = await runDyno(['test'], { ...options, env: { PERF_P95_LATENCY_MS: 'fast' } });
    expect(ended.code).toBe(104);
    expect(ended.said).toMatch(/PERF_P95_LATENCY_MS to be a number \(ms\), got 'fast'/);
  });

  it.concurrent.each([
    ['once', 1],
    ['twice', 2],
  ])('105: interrupted %s, what was measured is kept', { timeout }, async (_, times) => {
    const runs = join(folder.path, `interrupted-${times}`);
    const slow = badStdio(times === 1 ? 'honest' : 'silent');
    // A given call is not left out where its first answer does not come; the second signal need not wait for it.
    const args = ['load', '-d', '60s', '-T', times === 1 ? '30s' : '3s', '--graceful-stop', '30s'];
    const dyno = startDyno(
      [...args, '--tool', 'echo', '--no-tui', '--run-dir', runs, '--', slow.command, ...slow.args],
      options,
    );
    await dyno.until(/load .*in flight/);
    dyno.kill('SIGINT');
    await dyno.until(/Again to stop at once/);
    if (times === 2) dyno.kill('SIGINT');
    const { code, out, left } = await dyno.ended;
    expect(code).toBe(105);
    expect(out).toMatch(/stopped/i);
    expect(readdirSync(runs).filter((name) => /^\d{4}-/.test(name))).toHaveLength(1);
    expect(left).toEqual([]);
  });

  it.concurrent('105 comes before 99', { timeout }, async () => {
    const dyno = startDyno(
      ['load', '-d', '60s', '--no-tui', '--threshold', 'latency.p50 < 1us', ...target],
      options,
    );
    await dyno.until(/load .*in flight/);
    dyno.kill('SIGTERM');
    expect((await dyno.ended).code).toBe(105);
  });

  it.concurrent('kill -9 of dyno leaves no process behind', { timeout }, async () => {
    const dyno = startDyno(['load', '-d', '60s', '--no-tui', ...target], options);
    await dyno.until(/load .*in flight/);
    dyno.kill('SIGKILL');
    expect(await dyno.ended).toMatchObject({ signal: 'SIGKILL', left: [] });
  });
});

describe('output', () => {
  it.concurrent('secrets are in no output and no file', { timeout }, async () => {
    const secret = 'tok-5f1d0c7be94a';
    const args = ['load', '-n', '4', '--json', '--log-level', 'debug', '--run-dir', 'secret-runs'];
    const server = await startBadHttp('honest');
    const ended = await runDyno([...args, '-H', `X-Key: ${secret}`, '--bearer', secret, server.url], options);
    await server.stop();
    const printed = await runDyno(['load', '--print-config', '--bearer', secret], options);
    expect(ended.code).toBe(0);
    expect(printed.code).toBe(0);
    const files = readdirSync(join(folder.path, 'secret-runs'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const bytes = readFileSync(join(entry.parentPath, entry.name));
        return (entry.name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
      });
    expect(files.length).toBeGreaterThan(0);
    for (const text of [ended.out, ended.err, printed.out, printed.err, ...files]) {
      expect(text).not.toContain(secret);
    }
  });

  it.concurrent('a dry run calls nothing and says what it would call', { timeout }, async () => {
    const ended = await runDyno(['load', '--dry-run', ...target], options);
    expect(ended.code).toBe(0);
    expect(ended.out).toMatch(/Would call:[^]*tools\/call echo[^]*Nothing was called/);
  });
});
