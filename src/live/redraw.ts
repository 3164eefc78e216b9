import { stripVTControlCharacters } from 'node:util';
import { displayWidth } from '../report/terminal/index.js';

const hideCursor = '\u001b[?25l';
const showCursor = '\u001b[?25h';
const eraseLine = '\u001b[K';
const eraseBelow = '\u001b[J';
/** Terminals that know it show a frame only when it is whole (synchronized output, DEC mode 2026). */
const begin = '\u001b[?2026h';
const end = '\u001b[?2026l';

/** What lines are drawn on. */
export interface DrawingSurface {
  write(text: string): void;
  readonly columns: number;
}

/**
 * Draws lines over the lines drawn before. Unlike log-update it counts the rows that old lines take *now*: a window made
 * narrower wraps them, and whoever moves up too few rows leaves half a frame behind.
 */
export class Redraw {
  readonly #surface: DrawingSurface;
  #drawn: readonly string[] = [];
  #hidden = false;

  constructor(surface: DrawingSurface) {
    this.#surface = surface;
  }

  /** Replaces what was drawn. */
  draw(lines: readonly string[]): void {
    if (lines.length === this.#drawn.length && lines.every((line, index) => line === this.#drawn[index]))
      return;
    const hide = this.#hidden ? '' : hideCursor;
    this.#hidden = true;
    this.#surface.write(`${begin}${hide}${this.#over(lines.map((line) => `${line}\n`).join(''))}${end}`);
    this.#drawn = lines;
  }

  /** Takes away what was drawn and writes something that stays, above whatever is drawn next. */
  above(text: string): void {
    this.#surface.write(this.#over(text));
    this.#drawn = [];
  }

  /** Takes away what was drawn and gives the cursor back. */
  end(): void {
    if (this.#drawn.length > 0) this.above('');
    if (this.#hidden) this.#surface.write(showCursor);
    this.#hidden = false;
  }

  /** Text in place of what is drawn. Erasing a whole screen at once would push it into tmux's history. */
  #over(text: string): string {
    const rows = this.#rows();
    if (rows === 0) return text;
    const up = `\r\u001b[${rows}A`;
    if (text === '') return `${up}${eraseLine}\n${eraseBelow}\u001b[A`;
    return `${up}${text.replaceAll('\n', `${eraseLine}\n`)}${eraseBelow}`;
  }

  /** How many rows of the terminal the drawn lines take as it is now. */
  #rows(): number {
    const columns = Math.max(1, this.#surface.columns);
    return this.#drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(displayWidth(stripVTControlCharacters(line)) / columns)),
      0,
    );
  }
}
