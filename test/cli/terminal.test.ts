import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noTerminal, Terminal } from '../live/terminal.js';
import { program } from './run-dyno.js';

let terminal: Terminal | undefined;
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dyno-terminal-'));
});
afterEach(() => {
  terminal?.close();
  terminal = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function start(args: string, size?: { columns: number; rows: number }): Terminal {
  const dyno = `'${process.execPath}' '${program}'`;
  terminal = new Terminal(
    `cd '${folder}'; ${dyno} load -c 2 --tool get_inventory ${args} -- ${dyno} serve --stdio`,
    size,
  );
  return terminal;
}

const drawn = (text: string) => text.includes('▸ load');

describe.skipIf(noTerminal !== undefined)(
  `dyno load in a terminal${noTerminal ? `: skipped, ${noTerminal}` : ''}`,
  () => {
    it('draws while it loads, and ends with the summary alone', async () => {
      const shown = start('-d 2s');
      await shown.until(drawn, 30_000);
      expect(shown.cursorVisible()).toBe(false);
      // All but the first line, which shows the command as it is, however long the paths of this machine are.
      const drawnLines = (lines: string[]) =>
        lines.slice(lines.findIndex((line) => line.startsWith('stdio · ')));
      expect(drawnLines(shown.joined())).toEqual(drawnLines(shown.lines()));
      await shown.until((text) => text.includes('EXIT 0'), 30_000);
      expect(shown.cursorVisible()).toBe(true);
      const text = shown.lines().join('\n');
      expect(text).toMatch(/PASS {2}/);
      expect(text).not.toContain('▸');
    }, 70_000);

    it('reports what it has on the first Ctrl-C', async () => {
      const shown = start('-d 60s');
      await shown.until(drawn, 30_000);
      shown.keys('C-c');
      await shown.until((text) => text.includes('EXIT 105'), 30_000);
      const text = shown.lines().join('\n');
      expect(text).toContain('Stopping');
      expect(text).toMatch(/^exit +105$/m);
      expect(shown.cursorVisible()).toBe(true);
    }, 70_000);

    it('is bearable at 20 columns', async () => {
      const shown = start('-d 1s', { columns: 20, rows: 10 });
      await shown.until((text) => text.includes('EXIT 0'), 30_000);
      expect(shown.cursorVisible()).toBe(true);
    }, 40_000);
  },
);
