import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DynoError, messageOf } from '../core/errors.js';
import { readRunFile } from './run-file.js';
import { listRunIds, runPath, startOf } from './run-folder.js';
import { damagedRow, rowOf, type RunRow } from './run-row.js';
import { loadSqlite, type Sqlite } from './sqlite.js';

/** Goes up whenever the tables change: an index of another version is built anew from the run files. */
const indexVersion = 2;
/** A lock this old was left by a process that was killed; every change here takes far less. */
const staleLockMs = 30_000;

/** Which runs to list. */
export interface RunFilter {
  /** At most so many, the newest; 20 unless given. */
  limit?: number;
  status?: string;
  /** A part of the server's name, address or command. */
  target?: string;
  /** The beginning of a commit. */
  commit?: string;
  /** Only runs that began at or after this, ISO 8601. */
  since?: string;
}

/** One run's value of a metric. */
export interface MetricPoint {
  id: string;
  startedAt: string;
  commit: string;
  value: number;
}

type Database = InstanceType<Sqlite['Database']>;
type Bound = string | number;

/**
 * The index over the run files of a folder. The files are the truth: every opening takes up what is new and drops what
 * is gone, an index that is missing, damaged or of another version is built again, and one that cannot be written (a full
 * or read-only disk, another process at work) is replaced by one in memory for this time.
 */
export class RunIndex {
  readonly #db: Database;
  /** How many runs there are. */
  readonly size: number;

  private constructor(db: Database, size: number) {
    this.#db = db;
    this.size = size;
  }

  /** Opens the index of a folder of runs, up to date. A folder that is not there has no runs. */
  static async open(directory: string): Promise<RunIndex> {
    const [sqlite, ids] = await Promise.all([loadSqlite(), listRunIds(directory)]);
    if (ids.length > 0) {
      const path = join(directory, 'index.sqlite');
      removeStaleLock(path);
      for (const attempt of [1, 2]) {
        try {
          return await RunIndex.#filled(openDatabase(sqlite, path), directory, ids);
        } catch (error) {
          // Another process at work: its index is good, and must not be taken from under it.
          if (/locked|busy/.test(messageOf(error))) break;
          if (attempt === 2 || !removed(path)) break;
        }
      }
    }
    try {
      return await RunIndex.#filled(openDatabase(sqlite, ':memory:'), directory, ids);
    } catch (cause) {
      throw new DynoError(`The runs in ${directory} cannot be listed: ${messageOf(cause)}`, {
        code: 'run-index',
        cause,
      });
    }
  }

  static async #filled(db: Database, directory: string, ids: readonly string[]): Promise<RunIndex> {
    try {
      const mark = markOf(ids);
      // Reading five thousand ids out of the index takes longer than all the rest of a list.
      if (db.get('SELECT mark FROM contents')?.['mark'] === mark) return new RunIndex(db, ids.length);
      const known = new Set(
        String(db.get('SELECT group_concat(id, char(10)) AS ids FROM runs')?.['ids'] ?? '').split('\n'),
      );
      known.delete('');
      const present = new Set(ids);
      const added: RunRow[] = [];
      for (const id of ids) {
        if (known.has(id)) continue;
        const row = await readRow(directory, id);
        if (row !== undefined) added.push(row);
      }
      const gone = [...known].filter((id) => !present.has(id));
      const now = ids.filter((id) => known.has(id)).concat(added.map(({ id }) => id));
      write(db, added, gone, markOf(now));
      return new RunIndex(db, now.length);
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** Runs, newest first; {@link RunRow.metrics} is left empty. */
  list(filter: RunFilter = {}): RunRow[] {
    const { where, values } = conditions(filter);
    const rows = this.#db.all(
      `SELECT id, started_at, status, exit_code, target, tests, calls, throughput, p50, p99, git_commit FROM runs ${where} ORDER BY id DESC LIMIT ?`,
      [...values, filter.limit ?? 20],
    );
    return rows.map((row) => ({
      id: String(row['id']),
      startedAt: String(row['started_at']),
      status: String(row['status']),
      exitCode: Number(row['exit_code']),
      target: String(row['target']),
      tests: Number(row['tests']),
      calls: Number(row['calls']),
      throughput: numeric(row['throughput']),
      p50: numeric(row['p50']),
      p99: numeric(row['p99']),
      commit: String(row['git_commit']),
      metrics: {},
    }));
  }

  /** A metric (`TEST:METRIC`) over the runs that have it, oldest first. */
  metric(name: string, filter: RunFilter = {}): MetricPoint[] {
    const { where, values } = conditions(filter);
    const rows = this.#db.all(
      `SELECT id, started_at, git_commit, json_extract(metrics, ?) AS value FROM runs JOIN run_metrics USING (id) ${where} ORDER BY id DESC LIMIT ?`,
      [`$."${name.replaceAll('"', '')}"`, ...values, filter.limit ?? 100],
    );
    return rows
      .filter((row) => typeof row['value'] === 'number')
      .map((row) => ({
        id: String(row['id']),
        startedAt: String(row['started_at']),
        commit: String(row['git_commit']),
        value: Number(row['value']),
      }))
      .reverse();
  }

  /** The names of the metrics (`TEST:METRIC`) of the newest run that has any. */
  metricNames(): string[] {
    const row = this.#db.get(
      "SELECT metrics FROM run_metrics WHERE metrics <> '{}' ORDER BY id DESC LIMIT 1",
    );
    return row === null || row === undefined ? [] : Object.keys(JSON.parse(String(row['metrics'])) as object);
  }

  close(): void {
    this.#db.close();
  }
}

/** What tells one set of runs from another. */
function markOf(ids: readonly string[]): string {
  return createHash('sha256')
    .update([...ids].sort().join('\n'))
    .digest('hex');
}

/** False where it cannot be removed: then it is no file of ours, or not ours to write. */
function removed(path: string): boolean {
  try {
    rmSync(path, { force: true });
    return true;
  } catch {
    return false;
  }
}

/** SQLite reads what is cut off of a file as empty pages: only its head tells how long it was. */
function assertWhole(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size < 100) return;
  const head = Buffer.alloc(100);
  const file = openSync(path, 'r');
  try {
    readSync(file, head, 0, 100, 0);
  } finally {
    closeSync(file);
  }
  const pageSize = head.readUInt16BE(16) === 1 ? 65_536 : head.readUInt16BE(16);
  if (size < pageSize * head.readUInt32BE(28)) throw new Error('the index is cut off');
}

function openDatabase(sqlite: Sqlite, path: string): Database {
  if (path !== ':memory:') assertWhole(path);
  const db = new sqlite.Database(path);
  try {
    const version = Number(db.get('PRAGMA user_version')?.['user_version']);
    if (version !== indexVersion) {
      if (version !== 0) throw new Error(`index of version ${version}`);
      db.exec(
        `CREATE TABLE IF NOT EXISTS runs (id TEXT PRIMARY KEY, started_at TEXT, status TEXT, exit_code INTEGER, target TEXT,
           tests INTEGER, calls INTEGER, throughput REAL, p50 REAL, p99 REAL, git_commit TEXT) WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS run_metrics (id TEXT PRIMARY KEY, metrics TEXT) WITHOUT ROWID;
         CREATE TABLE IF NOT EXISTS contents (mark TEXT);
         PRAGMA user_version = ${indexVersion};`,
      );
    }
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function write(db: Database, added: readonly RunRow[], gone: readonly string[], mark: string): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    const run = db.prepare('INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
    // Apart from the runs: a list reads every row, and metrics are most of what there is of a run.
    const metrics = db.prepare('INSERT OR REPLACE INTO run_metrics VALUES (?, ?)');
    try {
      for (const row of added) {
        run.run([
          row.id,
          row.startedAt,
          row.status,
          row.exitCode,
          row.target,
          row.tests,
          row.calls,
          row.throughput,
          row.p50,
          row.p99,
          row.commit,
        ]);
        metrics.run([row.id, JSON.stringify(row.metrics)]);
      }
    } finally {
      run.finalize();
      metrics.finalize();
    }
    for (const id of gone) {
      db.run('DELETE FROM runs WHERE id = ?', [id]);
      db.run('DELETE FROM run_metrics WHERE id = ?', [id]);
    }
    db.exec('DELETE FROM contents');
    db.run('INSERT INTO contents VALUES (?)', [mark]);
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** Undefined for a folder without a file: its run is being written, or was never finished. */
async function readRow(directory: string, id: string): Promise<RunRow | undefined> {
  const path = await runPath(directory, id);
  if (path === undefined) return undefined;
  try {
    // The folder's name is what finds the run again, whatever its file says.
    return { ...rowOf(await readRunFile(path)), id };
  } catch (error) {
    if (!(error instanceof DynoError)) throw error;
    return damagedRow(id, new Date(startOf(id)).toISOString());
  }
}

function conditions({ status, target, commit, since }: RunFilter): { where: string; values: Bound[] } {
  const parts: [string, Bound][] = [];
  if (status !== undefined) parts.push(['status = ?', status]);
  if (target !== undefined) parts.push(['instr(lower(target), lower(?)) > 0', target]);
  if (commit !== undefined) parts.push(['instr(git_commit, ?) = 1', commit]);
  if (since !== undefined) parts.push(['started_at >= ?', since]);
  const where = parts.length === 0 ? '' : `WHERE ${parts.map(([part]) => part).join(' AND ')}`;
  return { where, values: parts.map(([, value]) => value) };
}

/** The library locks by a folder, which stays behind when its process is killed. */
function removeStaleLock(path: string): void {
  const lock = `${path}.lock`;
  const made = statSync(lock, { throwIfNoEntry: false })?.mtimeMs;
  if (made !== undefined && Date.now() - made > staleLockMs) rmSync(lock, { recursive: true, force: true });
}

function numeric(value: unknown): number | null {
  return typeof value === 'number' ? value : null;
}
