import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dyno } from './run-dyno.js';

const witness = fileURLToPath(new URL('../fixtures/witness.mjs', import.meta.url));
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dyno-witness-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Runs dyno against the witness; which tools it was asked for, by its own log. */
async function asked(args: string[], mode: string[] = []) {
  const log = join(folder, `${Math.random()}.log`);
  const run = await dyno([...args, '--', process.execPath, witness, log, ...mode]);
  let called: string[] = [];
  try {
    called = readFileSync(log, 'utf8').trim().split('\n');
  } catch {
    // No call, no log.
  }
  return { ...run, called: new Set(called), calls: called.length };
}

describe("a server's own log shows that", () => {
  it('only what is read-only and not suspicious is called unasked', async () => {
    const run = await asked(['load', '-n', '20']);
    expect(run.code).toBe(0);
    expect([...run.called]).toEqual(['get_item']);
    expect(run.calls).toBe(21);
    expect(run.stderr).toContain('9 tools, 5 read-only, 1 used');
    for (const name of [
      'purge',
      'add_item',
      'without_hints',
      'empty_hints',
      'delete_item',
      'wipeEverything',
      'both_at_once',
      'trigger-alarm',
    ]) {
      expect(run.stderr).toContain(name);
    }
  });

  it('a server without a read-only tool has its lists loaded instead', async () => {
    const run = await asked(['load', '-n', '20'], ['--no-read-only']);
    expect(run.code).toBe(0);
    expect(run.calls).toBe(0);
    expect(run.stderr.replace(/\s+/g, ' ')).toContain('tools/list and ping are loaded');
    expect(run.stdout).toMatch(/exercised: .*tools\/list/);
  });

  it('nothing is called in a dry run', async () => {
    const run = await asked(['load', '--dry-run', '--allow-writes']);
    expect(run.code).toBe(0);
    expect(run.calls).toBe(0);
    expect(run.stdout).toMatch(/Would call:\n[^]*tools\/call purge[^]*Nothing was called/);
  });

  it('what is allowed or named is called, and what is denied is not', async () => {
    const allowed = await asked(['load', '-n', '40', '--allow', 'purge,add_item', '--deny', 'get_item']);
    expect(allowed.called).toEqual(new Set(['purge', 'add_item']));
    const named = await asked(['load', '-n', '20', '--tool', 'delete_item']);
    expect(named.called).toEqual(new Set(['delete_item']));
    const all = await asked(['load', '-n', '20', '--tool', 'all']);
    expect(all.called).toEqual(new Set(['get_item', 'trigger-alarm']));
  });

  it('listing tools calls none', async () => {
    const run = await asked(['tools']);
    expect(run.code).toBe(0);
    expect(run.calls).toBe(0);
    expect(run.stdout).toMatch(/delete_item .*no: marked read-only/);
  });
});
