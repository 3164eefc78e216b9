import { printable, printableLine, redact, type Clock, type Json } from '../core/index.js';

/** How much is logged; each level includes those before it. */
export const logLevels = ['error', 'warn', 'info', 'debug'] as const;

/** How much is logged. */
export type LogLevel = (typeof logLevels)[number];

/** Plain facts that go with a log entry. */
export type LogFields = Record<string, Json | undefined>;

/** Where and how entries are written. */
export interface LogOptions {
  level: LogLevel;
  format: 'text' | 'json';
  write: (line: string) => void;
  clock: Clock;
  /** On every entry: `run`, `test`. */
  bound?: LogFields;
}

/** A log of one line per entry on stderr, as text or JSON, redacted, free of control characters. */
export class Log {
  readonly #options: LogOptions;

  constructor(options: LogOptions) {
    this.#options = options;
  }

  /** A log that adds these fields to every entry. */
  with(fields: LogFields): Log {
    return new Log({ ...this.#options, bound: { ...this.#options.bound, ...fields } });
  }

  error(message: string, fields?: LogFields): void {
    this.#entry('error', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.#entry('warn', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.#entry('info', message, fields);
  }

  debug(message: string, fields?: LogFields): void {
    this.#entry('debug', message, fields);
  }

  #entry(level: LogLevel, message: string, fields: LogFields = {}): void {
    const { format, write, clock, bound } = this.#options;
    if (logLevels.indexOf(level) > logLevels.indexOf(this.#options.level)) return;
    const time = new Date(clock.wall()).toISOString();
    const all = { ...bound, ...fields };
    // Redaction comes last, over the finished line: no field can slip past it.
    if (format === 'json') {
      write(redact(JSON.stringify({ time, level, message: printable(message), ...all })) + '\n');
      return;
    }
    const tail = Object.entries(all)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ` ${name}=${textOf(value!)}`)
      .join('');
    write(redact(`${time} ${level.padEnd(5)} ${printableLine(message, 2000)}${tail}`) + '\n');
  }
}

function textOf(value: Json): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return /^[^\s"=]+$/.test(text) ? printableLine(text, 2000) : JSON.stringify(printableLine(text, 2000));
}
