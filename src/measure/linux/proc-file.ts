import { closeSync, openSync, readSync } from 'node:fs';

const shared = Buffer.allocUnsafe(64 * 1024);

/** The bytes of the last {@link readProc} or {@link ProcFile.read}; the next one overwrites them. */
export interface ProcBytes {
  bytes: Buffer;
  length: number;
}

/** Reads at most 64 kB of a file under /proc; undefined where it is not there or may not be read. */
export function readProc(path: string): ProcBytes | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    return readAll(fd);
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

/** {@link readProc} as text. */
export function readProcText(path: string): string | undefined {
  const read = readProc(path);
  return read?.bytes.toString('utf8', 0, read.length);
}

/**
 * A file of one process, kept open: reading again costs a third of opening again, and a file descriptor belongs to the
 * process that it was opened for, never to a later one with the same pid.
 */
export class ProcFile {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** Undefined where the file is not there or may not be read. */
  static open(path: string): ProcFile | undefined {
    try {
      return new ProcFile(openSync(path, 'r'));
    } catch {
      return undefined;
    }
  }

  /** Its content now, from the beginning; undefined when the process is gone. */
  read(): ProcBytes | undefined {
    try {
      return readAll(this.#fd);
    } catch {
      return undefined;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}

function readAll(fd: number): ProcBytes {
  // Short files come in one piece; only a full page means that there may be more.
  let length = readSync(fd, shared, 0, shared.length, 0);
  if (length < 4000) return { bytes: shared, length };
  for (;;) {
    const more = length < shared.length ? readSync(fd, shared, length, shared.length - length, length) : 0;
    if (more === 0) return { bytes: shared, length };
    length += more;
  }
}
