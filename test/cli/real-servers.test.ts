import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject, RunResult } from '../../src/core/index.js';
import { dyno, installed } from './run-dyno.js';

const noGit = spawnSync('git', ['--version']).error ? 'git is not installed' : undefined;
const official = (name: string) => installed(`@modelcontextprotocol/${name}/dist/index.js`);
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dyno-real-'));
  mkdirSync(join(folder, 'files', 'deeper'), { recursive: true });
  writeFileSync(join(folder, 'files', 'a.txt'), 'hello\n');
  writeFileSync(join(folder, 'files', 'deeper', 'b.md'), '# b\n');
  if (noGit) return;
  const git = (...args: string[]) =>
    execFileSync('git', [
      '-C',
      join(folder, 'files'),
      '-c',
      'user.name=x',
      '-c',
      'user.email=x@example.com',
      ...args,
    ]);
  git('init', '-q');
  git('add', 'a.txt');
  git('commit', '-qm', 'one');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A short load without any help; which read-only tools were used, and which were left out and why. */
async function explored(command: string[], env: Record<string, string> = {}) {
  const cwd = join(folder, 'files');
  const run = await dyno(['load', '-n', '30', '-c', '1', '--json', '--', process.execPath, ...command], {
    cwd,
    env: { ...env, DYNO_RUN_DIR: join(folder, 'runs') },
  });
  expect([run.code, run.stderr]).toEqual([0, expect.any(String)]);
  const { plan, tests } = JSON.parse(run.stdout) as RunResult;
  expect(tests[0]!.metrics['calls.failed']!.value).toBe(0);
  const used = (plan['operations'] as JsonObject[]).map(({ name }) =>
    String(name).replace('tools/call ', ''),
  );
  const left = new Map(
    (plan['leftOut'] as JsonObject[]).map(({ name, reason, why }) => [
      String(name),
      `${String(reason)}: ${String(why)}`,
    ]),
  );
  return { used, left, stderr: run.stderr };
}

describe('arguments made without help', () => {
  it('reach the read-only tools of server-everything; the others are named', async () => {
    const { used, left } = await explored([official('server-everything'), 'stdio']);
    expect(used.sort()).toEqual([
      'echo',
      'get-annotated-message',
      'get-resource-links',
      'get-resource-reference',
      'get-structured-content',
      'get-sum',
      'get-tiny-image',
    ]);
    // Read-only by their hints, but nothing to call unasked.
    expect(left.get('get-env')).toBe('cautious: shows environment variables');
    expect(left.get('trigger-long-running-operation')).toBe('cautious: starts or switches something');
    expect([...left.keys()]).toEqual(
      expect.arrayContaining([
        'gzip-file-as-resource',
        'toggle-simulated-logging',
        'toggle-subscriber-updates',
      ]),
    );
  });

  it('reach all ten of server-filesystem', async () => {
    const { used, left } = await explored([official('server-filesystem'), '.']);
    expect(used).toHaveLength(10);
    expect([...left.keys()].sort()).toEqual(['create_directory', 'edit_file', 'move_file', 'write_file']);
  });

  it('reach all three of server-memory', async () => {
    const { used } = await explored([official('server-memory')], {
      MEMORY_FILE_PATH: join(folder, 'memory.json'),
    });
    expect(used.sort()).toEqual(['open_nodes', 'read_graph', 'search_nodes']);
  });

  it('reach that of server-sequential-thinking', async () => {
    expect((await explored([official('server-sequential-thinking')])).used).toEqual(['sequentialthinking']);
  });

  it.skipIf(noGit !== undefined)(
    `reach all eight of the git server${noGit ? `: skipped, ${noGit}` : ''}`,
    async () => {
      const { used } = await explored([installed('@cyanheads/git-mcp-server/dist/index.js')], {
        MCP_LOG_LEVEL: 'error',
      });
      expect(used.sort()).toEqual([
        'git_blame',
        'git_changelog_analyze',
        'git_diff',
        'git_log',
        'git_reflog',
        'git_show',
        'git_status',
        'git_wrapup_instructions',
      ]);
    },
  );

  it('reach those of a fastmcp server that can be guessed, and say what is missing for the one that cannot', async () => {
    const { used, left, stderr } = await explored([
      fileURLToPath(new URL('../fixtures/servers/fastmcp.mjs', import.meta.url)),
    ]);
    expect(used.sort()).toEqual(['get_note', 'list_notes', 'preview_message', 'weather']);
    expect(left.get('open_vault')).toBe('failed: isError: That is not the word');
    expect(stderr).toMatch(
      /left out: open_vault: isError: That is not the word\n.*--args 'open_vault=\{"word":"[^"]+"\}'/,
    );
    expect(left.get('delete_note')).toMatch(/^destructive/);
  });
});
