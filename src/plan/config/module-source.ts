import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { messageOf, usageError } from '../../core/index.js';

/** The module that `mcp-dyno` means in a config file, wherever that file lies. */
const ownEntry = fileURLToPath(new URL('../../index.js', import.meta.url)).replace(
  /\.js$/,
  extname(import.meta.url),
);

/**
 * The default export of a config module (called, if it is a function): JavaScript by Node itself, TypeScript by jiti,
 * which is loaded only then.
 *
 * @throws DynoError (104) with the file, for a syntax error with its line.
 */
export async function importConfig(path: string, file: string): Promise<unknown> {
  let exported: unknown;
  try {
    const loaded = await (/^\.m?ts$/.test(extname(path)) ? importByJiti(path) : importByNode(path));
    exported = (loaded as { default?: unknown }).default;
    if (typeof exported === 'function') exported = (await (exported as () => unknown)()) ?? {};
  } catch (cause) {
    throw usageError(`${placeOf(cause, path, file)}: ${reasonOf(cause)}`, undefined, cause);
  }
  if (exported === undefined) {
    throw usageError(
      `Expected ${file} to have a default export`,
      "Write `export default defineConfig({ … })`, with `import { defineConfig } from 'mcp-dyno'`.",
    );
  }
  return exported;
}

async function importByNode(path: string): Promise<unknown> {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    // Run by npx, dyno is not installed beside the file; jiti can be told where mcp-dyno is.
    const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
    if (code === 'ERR_MODULE_NOT_FOUND' && messageOf(error).includes("'mcp-dyno'")) return importByJiti(path);
    // Node does not say in which line a module is wrong; jiti's parser does.
    if (error instanceof SyntaxError) return importByJiti(path);
    throw error;
  }
}

async function importByJiti(path: string): Promise<unknown> {
  const { createJiti } = await import('jiti');
  // No cache: a run leaves no files behind.
  const jiti = createJiti(import.meta.url, {
    fsCache: false,
    moduleCache: false,
    alias: { 'mcp-dyno': ownEntry },
  });
  return jiti.import(path);
}

/** `file:line` where the error says a line: Node puts it first in the stack, jiti's parser into the message. */
function placeOf(error: unknown, path: string, file: string): string {
  if (!(error instanceof Error)) return file;
  const text = `${error.message}\n${error.stack ?? ''}`;
  for (const name of [path, pathToFileURL(path).href]) {
    const at = text.indexOf(`${name}:`);
    const place = at === -1 ? undefined : /^:(\d+)(?::(\d+))?/.exec(text.slice(at + name.length));
    if (place) return `${file}:${place[1]!}${place[2] === undefined ? '' : `:${place[2]}`}`;
  }
  return file;
}

function reasonOf(error: unknown): string {
  const reason = messageOf(error)
    .replace(/^ParseError:\s*/, '')
    .replace(/\s+(?:\/|[A-Za-z]:\\|file:)\S+:\d+:\d+.*$/, '');
  const syntax = error instanceof SyntaxError || /ParseError/.test(String(error));
  return syntax ? `Expected JavaScript or TypeScript: ${reason}` : reason;
}
