import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { noTerminal, Terminal } from './terminal.js';

const program = fileURLToPath(new URL('show-view.mjs', import.meta.url));
let terminal: Terminal | undefined;

afterEach(() => {
  terminal?.close();
  terminal = undefined;
});

function start(frames: number, size?: { columns: number; rows: number }): Terminal {
  terminal = new Terminal(`echo before; '${process.execPath}' '${program}' ${frames}`, size);
  return terminal;
}

const drawn = (text: string) => text.includes('in flight 10') || text.includes('▸');
const over = (text: string) => text.includes('EXIT');

describe.skipIf(noTerminal !== undefined)(
  `the live view in a terminal${noTerminal ? `: skipped, ${noTerminal}` : ''}`,
  () => {
    it('draws in place at 80×24: nothing wraps, the cursor is hidden', async () => {
      const shown = start(20);
      await shown.until((text) => text.includes('achieved 2,91'));
      expect(shown.cursorVisible()).toBe(false);
      const lines = shown.lines();
      expect(lines[0]).toBe('before');
      expect(lines.filter((line) => line.includes('▸ throughput-under-load'))).toHaveLength(1);
      // Joining wrapped lines changes nothing where none is wrapped.
      expect(shown.joined()).toEqual(lines);
      expect(lines.length).toBeLessThanOrEqual(23);
    });

    it('leaves only what is to stay, and gives the cursor back', async () => {
      const shown = start(8);
      await shown.until(over);
      expect(shown.lines()).toEqual(['before', '✓ throughput-under-load', 'THE END', 'EXIT 0']);
      expect(shown.cursorVisible()).toBe(true);
    });

    it('survives a window made narrower and wider again', async () => {
      const shown = start(24);
      await shown.until(drawn);
      shown.resize(40, 24);
      await shown.until((text) => /achieved 2,9[12]/.test(text));
      shown.resize(100, 30);
      await shown.until(over);
      expect(shown.lines()).toEqual(['before', '✓ throughput-under-load', 'THE END', 'EXIT 0']);
    });

    it.each([
      [20, 10],
      [20, 3],
    ])('fits a terminal of %i×%i', async (columns, rows) => {
      const shown = start(8, { columns, rows });
      await shown.until(drawn);
      expect(shown.joined()).toEqual(shown.lines());
      await shown.until(over);
      expect(shown.lines().join('\n')).toContain('✓ throughput-under');
    });

    it('gives the cursor back on Ctrl-C', async () => {
      const shown = start(300);
      await shown.until(drawn);
      shown.keys('C-c');
      await shown.until((text) => text.includes('EXIT 105'));
      expect(shown.cursorVisible()).toBe(true);
    });
  },
);

describe('the live view in a pipe', () => {
  it('writes plain lines without escapes', () => {
    const { stdout, stderr } = spawnSync(process.execPath, [program, '3'], { encoding: 'utf8' });
    expect(stdout).toBe('THE END\n');
    expect(stderr).toMatch(/^throughput-under-load \(20 in flight\) .*\n✓ throughput-under-load\n$/);
    expect(stderr).not.toContain('\u001b');
  });
});
