import { backgroundClock, type Clock } from '../core/index.js';
import { frameLines, type FrameSpace } from './frame.js';
import { plainLine } from './plain-line.js';
import { Redraw } from './redraw.js';
import type { LiveSnapshot } from './snapshot.js';

/** What a view is shown on. */
export interface ViewSurface {
  write(text: string): void;
  readonly columns: number;
  readonly rows: number;
  readonly colours: boolean;
}

/** `live`: redrawn in place; `plain`: a line now and then; `off`: only what must stay. */
export type ViewMode = 'live' | 'plain' | 'off';

/** How often a terminal is redrawn, ms. */
const frameMs = 250;
/** How often a plain line is written, ms, and how often after ten minutes. */
const lineMs = 10_000;
const rareLineMs = 60_000;
const longRunMs = 600_000;

/** How a state is shown. */
export interface Face<State> {
  /** In lines that are redrawn in place. */
  frame(state: State, space: FrameSpace): string[];
  /** In one line that stays. */
  line(state: State): string;
}

/** The view while something is going on. It only ever reads the newest state; what goes on never waits for it. */
export class View<State> {
  readonly #face: Face<State>;
  readonly #surface: ViewSurface;
  readonly #mode: ViewMode;
  readonly #clock: Clock;
  readonly #redraw: Redraw;
  readonly #startedAt: number;
  readonly #restore = () => {
    this.#redraw.end();
  };
  #look: (() => State) | undefined;
  #shownAt = -Infinity;
  #cancel: (() => void) | undefined;

  constructor(face: Face<State>, surface: ViewSurface, mode: ViewMode, clock: Clock = backgroundClock) {
    this.#face = face;
    this.#surface = surface;
    this.#mode = mode;
    this.#clock = clock;
    this.#redraw = new Redraw(surface);
    this.#startedAt = clock.now();
    // However the process ends, the cursor comes back.
    if (mode === 'live') process.once('exit', this.#restore);
  }

  /** Something has changed: `look` is asked for the newest state when it is time to show it, and only then. */
  update(look: () => State): void {
    this.#look = look;
    if (this.#mode === 'off' || this.#cancel) return;
    const wait = Math.max(0, this.#shownAt + this.#interval() - this.#clock.now());
    if (this.#mode === 'live' && wait === 0) this.#show();
    else
      this.#cancel = this.#clock.after(wait, () => {
        this.#cancel = undefined;
        this.#show();
      });
  }

  /** Writes a line that stays, such as how a test came out. */
  line(text: string): void {
    if (this.#mode !== 'live') {
      this.#surface.write(`${text}\n`);
      return;
    }
    this.#redraw.above(`${text}\n`);
    if (this.#look && this.#shownAt > -Infinity) this.#draw(this.#look());
  }

  /** Nothing more of this test: takes its frame away. */
  clear(): void {
    this.#look = undefined;
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#mode === 'live') this.#redraw.draw([]);
  }

  /** Ends the view; the cursor comes back. */
  stop(): void {
    this.clear();
    this.#redraw.end();
    process.off('exit', this.#restore);
  }

  #interval(): number {
    if (this.#mode === 'live') return frameMs;
    return this.#clock.now() - this.#startedAt >= longRunMs ? rareLineMs : lineMs;
  }

  #show(): void {
    if (!this.#look) return;
    const state = this.#look();
    this.#shownAt = this.#clock.now();
    if (this.#mode === 'live') this.#draw(state);
    else this.#surface.write(`${this.#face.line(state)}\n`);
  }

  #draw(state: State): void {
    const { columns, rows, colours } = this.#surface;
    this.#redraw.draw(this.#face.frame(state, { columns, rows, colours }));
  }
}

/** The view of a run of tests or of a load. */
export class LiveView extends View<LiveSnapshot> {
  constructor(surface: ViewSurface, mode: ViewMode, clock: Clock = backgroundClock) {
    super({ frame: frameLines, line: plainLine }, surface, mode, clock);
  }
}
