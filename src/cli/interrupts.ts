import { DynoError, exitCodes } from '../core/index.js';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** How long a command may take to end after the second signal, ms. */
const lastGrace = 5000;

/**
 * What Ctrl-C means: the first time, let calls in flight finish and report (`drain`); the second time, stop what is
 * running at once (`abort`); the third time, or five seconds later, the process ends as it is.
 */
export class Interrupts {
  readonly #drain = new AbortController();
  readonly #abort = new AbortController();
  readonly #say: (sentence: string) => void;
  readonly #exit: (code: number) => void;
  #count = 0;

  constructor(say: (sentence: string) => void, exit: (code: number) => void = process.exit) {
    this.#say = say;
    this.#exit = exit;
  }

  /** Aborted by the first signal. */
  get drain(): AbortSignal {
    return this.#drain.signal;
  }

  /** Aborted by the second signal. */
  get abort(): AbortSignal {
    return this.#abort.signal;
  }

  /** True once a signal came. */
  get stopped(): boolean {
    return this.#count > 0;
  }

  /** Listens to the process; the return value ends that. */
  install(): () => void {
    const heard = () => {
      this.hear();
    };
    for (const signal of signals) process.on(signal, heard);
    return () => {
      for (const signal of signals) process.off(signal, heard);
    };
  }

  /** A signal came. */
  hear(): void {
    this.#count++;
    const reason = stoppedError();
    if (this.#count === 1) {
      this.#say('Stopping: calls in flight may finish, then the results so far. Again to stop at once.');
      this.#drain.abort(reason);
    } else if (this.#count === 2) {
      this.#abort.abort(reason);
      setTimeout(() => {
        this.#exit(exitCodes.stopped);
      }, lastGrace).unref();
    } else {
      this.#exit(exitCodes.stopped);
    }
  }
}

/** What a command without partial results ends with after a signal: exit 105. */
export function stoppedError(): DynoError {
  return new DynoError('stopped by a signal', { code: 'stopped', exitCode: exitCodes.stopped });
}
