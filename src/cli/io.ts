/** A text stream of the process, as commands see it. */
export interface TextStream {
  write(text: string): void;
  readonly isTTY: boolean;
  /** 80 where the stream does not say. */
  readonly columns: number;
  readonly rows: number;
  /** Whether ANSI colours are wanted here: a terminal, and neither NO_COLOR nor a dumb one. */
  colours: boolean;
  /** The stream underneath, for what draws on it. */
  readonly raw: NodeJS.WriteStream;
}

/** What a command may touch of its process. */
export interface Io {
  stdout: TextStream;
  stderr: TextStream;
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  /** Where lines for people go: stderr, or above the live view while there is one. Ends with a line feed. */
  notice: (line: string) => void;
}

function wantsColours(stream: NodeJS.WriteStream, env: Io['env']): boolean {
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  if (env['FORCE_COLOR'] !== undefined) return !/^(0|false)$/.test(env['FORCE_COLOR']);
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

function textStream(stream: NodeJS.WriteStream, env: Io['env']): TextStream {
  let open = true;
  // Whoever read our output may stop early (`dyno tools | head`): no reason for a stack trace. Anything else on a
  // standard stream cannot be reported on it either.
  stream.on('error', () => {
    open = false;
  });
  return {
    raw: stream,
    get isTTY() {
      return stream.isTTY === true;
    },
    get columns() {
      return stream.columns > 0 ? stream.columns : 80;
    },
    get rows() {
      return stream.rows > 0 ? stream.rows : 24;
    },
    colours: wantsColours(stream, env),
    write(text) {
      if (open) stream.write(text);
    },
  };
}

/** The streams, environment and directory of this process. */
export function processIo(): Io {
  const env = process.env;
  const stderr = textStream(process.stderr, env);
  return {
    stdout: textStream(process.stdout, env),
    stderr,
    env,
    cwd: process.cwd(),
    notice: (line) => {
      stderr.write(line);
    },
  };
}

/** Resolves when all that was written has left the process, or cannot. */
export async function flush(io: Io): Promise<void> {
  for (const { raw } of [io.stdout, io.stderr]) {
    if (raw.writableLength === 0 || raw.destroyed) continue;
    await new Promise<void>((resolve) => {
      raw.once('error', () => {
        resolve();
      });
      raw.write('', () => {
        resolve();
      });
    });
  }
}
