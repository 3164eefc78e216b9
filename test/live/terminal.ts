import { execFileSync, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';

/** Why there is no pseudo-terminal to test in; undefined where tmux is installed. */
export const noTerminal: string | undefined = spawnSync('tmux', ['-V']).error
  ? 'tmux is not installed (.ci/run installs it)'
  : undefined;

/** A pseudo-terminal with a program in it, by a tmux server of its own. */
export class Terminal {
  readonly #socket = `dyno-test-${randomUUID()}`;

  /** Starts a shell command; `EXIT code` follows its output, and the terminal stays. */
  constructor(command: string, { columns = 80, rows = 24 } = {}) {
    this.#tmux(
      ...['-f', '/dev/null', 'new-session', '-d', '-s', 't', '-x', String(columns), '-y', String(rows)],
      `${command}; echo EXIT $?; exec cat`,
    );
  }

  #tmux(...args: string[]): string {
    return execFileSync('tmux', ['-L', this.#socket, ...args], { encoding: 'utf8' });
  }

  /** What it shows, a line a row, trailing spaces cut; with what has scrolled off above. */
  lines(): string[] {
    return this.#tmux('capture-pane', '-p', '-S', '-200', '-t', 't').replace(/\n+$/, '').split('\n');
  }

  /** Its rows, with lines that were wrapped joined into one. */
  joined(): string[] {
    return this.#tmux('capture-pane', '-p', '-J', '-S', '-200', '-t', 't')
      .replace(/\n+$/, '')
      .split('\n')
      .map((line) => line.trimEnd());
  }

  cursorVisible(): boolean {
    return this.#tmux('display-message', '-p', '-t', 't', '#{cursor_flag}').trim() === '1';
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-t', 't', '-x', String(columns), '-y', String(rows));
  }

  /** Types keys, such as `C-c`. */
  keys(...keys: string[]): void {
    this.#tmux('send-keys', '-t', 't', ...keys);
  }

  /** Waits until what it shows passes a check. */
  async until(check: (text: string) => boolean, limitMs = 15_000): Promise<void> {
    const end = Date.now() + limitMs;
    while (!check(this.lines().join('\n'))) {
      if (Date.now() > end) throw new Error(`The terminal still shows:\n${this.lines().join('\n')}`);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
  }

  close(): void {
    this.#tmux('kill-server');
  }
}
