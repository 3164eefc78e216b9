import type { TextStream } from '../../src/cli/io.js';
import { runCommand } from '../../src/cli/main.js';
import type { DynoRun } from './run-dyno.js';

/** Runs dyno from source in this process; for commands that end before they start anything. */
export async function dynoHere(
  args: readonly string[],
  { cwd = '/', env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<DynoRun> {
  const written = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof written): TextStream => ({
    write: (text) => {
      written[name] += text;
    },
    isTTY: false,
    columns: 80,
    rows: 24,
    colours: false,
    raw: process.stdout,
  });
  const stderr = stream('stderr');
  const io = {
    stdout: stream('stdout'),
    stderr,
    env,
    cwd,
    notice: (line: string) => {
      stderr.write(line);
    },
  };
  const code = await runCommand(args, io);
  return { code, ...written };
}
