/**
 * Builds and starts the near-free MCP server (C, in this folder): the ruler that load generators are held against. It
 * shares no code with src/. From a shell: `node bench/near-free-server/near-free-server.js --port 8080 …` (`--help`
 * lists its options).
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const source = fileURLToPath(new URL('.', import.meta.url));
const outDir = fileURLToPath(new URL('../.build/', import.meta.url));
const program = join(outDir, 'near-free');
const compiler = process.env.CC ?? 'cc';

function isBuilt(files) {
  if (!existsSync(program)) return false;
  const built = statSync(program).mtimeMs;
  return files.every((file) => statSync(join(source, file)).mtimeMs <= built);
}

/** True when a C compiler is there; else tests that need the server say that they are skipped. */
export function hasCompiler() {
  return spawnSync(compiler, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** The path of the built program; builds it when a source is newer. Throws a sentence when that cannot be. */
export function buildNearFreeServer() {
  const files = readdirSync(source).filter((file) => /\.[ch]$/.test(file));
  if (isBuilt(files)) return program;
  mkdirSync(outDir, { recursive: true });
  const made = `${program}.${process.pid}`;
  const units = files.filter((file) => file.endsWith('.c')).map((file) => join(source, file));
  const flags = ['-O2', '-flto', '-std=c11', '-D_GNU_SOURCE', '-Wall', '-Wextra'];
  const result = spawnSync(compiler, [...flags, '-o', made, ...units, '-lm'], { encoding: 'utf8' });
  if (result.error) {
    throw new Error(
      `The near-free server needs a C compiler, and '${compiler}' cannot be run (${result.error.code}): ` +
        'install one (apt-get install gcc libc6-dev) or name it in CC',
    );
  }
  if (result.status !== 0) {
    rmSync(made, { force: true });
    throw new Error(`The near-free server does not compile with '${compiler}':\n${result.stderr}`);
  }
  // Renamed into place, so that two processes may build at once.
  renameSync(made, program);
  return program;
}

/** Starts it over HTTP on a free port and waits until it listens. It ends with this process, or with stop(). */
export async function startNearFreeServer(args = []) {
  const child = spawn(buildNearFreeServer(), ['--port', '0', '--with-parent', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise((resolve) => {
    child.once('exit', (code) => {
      resolve(code);
    });
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  const line = await new Promise((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (more) => {
      text += more;
      if (text.includes('\n')) resolve(text);
    });
    child.once('error', reject);
    child.once('close', () => {
      reject(new Error(errors.trim() || 'The near-free server ended before it listened'));
    });
  });
  const { url, port, pid } = JSON.parse(line);
  const statsUrl = new URL('/stats', url);
  return {
    url,
    port,
    pid,
    stats: async () => (await fetch(statsUrl)).json(),
    reset: async () => {
      await fetch(statsUrl, { method: 'DELETE' });
    },
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const child = spawn(buildNearFreeServer(), ['--with-parent', ...process.argv.slice(2)], {
      stdio: 'inherit',
    });
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
    child.once('exit', (code) => process.exit(code ?? 1));
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
