import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The program as a user starts it; it runs what `npm run build` made. */
export const program = fileURLToPath(new URL('../../bin/dyno.js', import.meta.url));

/** A server of node_modules, by its path within. */
export const installed = (path: string) =>
  fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));

/** What a run of dyno came to. */
export interface DynoRun {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** How dyno is run. */
export interface RunOptions {
  env?: Record<string, string>;
  cwd?: string;
  /** Called with each piece of stderr, and what sends a signal. */
  onStderr?: (text: string, signal: (name: NodeJS.Signals) => void) => void;
}

/** Runs dyno to its end. Its run files go to a folder of their own that is gone afterwards. */
export async function dyno(
  args: readonly string[],
  { env = {}, cwd, onStderr }: RunOptions = {},
): Promise<DynoRun> {
  const folder = mkdtempSync(join(tmpdir(), 'dyno-run-'));
  try {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: cwd ?? folder,
      env: { ...process.env, NO_COLOR: '1', DYNO_RUN_DIR: join(folder, 'runs'), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      onStderr?.(stderr, (name) => child.kill(name));
    });
    const code = await new Promise<number | null>((resolve) => {
      child.once('close', resolve);
    });
    return { code, stdout, stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
