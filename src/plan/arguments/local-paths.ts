import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { KnownPaths } from './surroundings.js';

/** What a local server was started with. */
export interface StartCommand {
  args: readonly string[];
  cwd: string;
}

const limits = { directories: 8, files: 5, entries: 500, depth: 3, fileBytes: 100_000 };

/** Never worth reading, and often large. */
const skipped = new Set(['node_modules', 'dist', 'build', 'target', 'vendor']);

/**
 * Directories and small files that a local server was pointed at: those among its arguments, else the directory it
 * runs in. Only names and sizes are looked at.
 */
export function localPaths({ args, cwd }: StartCommand): KnownPaths {
  const named = args
    .map((arg) => arg.replace(/^--?[\w-]+=/, ''))
    .filter((arg) => /[/\\]/.test(arg) || arg === '.')
    .map((arg) => resolve(cwd, arg))
    .filter((path) => isDirectory(path));
  const directories = [...new Set(named.length > 0 ? named : [cwd])].slice(0, limits.directories);
  const files: string[] = [];
  for (const directory of directories) collectFiles(directory, files, limits.depth);
  return { directories, files };
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function collectFiles(directory: string, files: string[], depth: number): void {
  let entries;
  try {
    entries = readdirSync(directory, { withFileTypes: true }).slice(0, limits.entries);
  } catch {
    return;
  }
  entries.sort((a, b) => a.name.localeCompare(b.name));
  for (const entry of entries) {
    if (files.length >= limits.files) return;
    // A symbolic link may lead out of what the server allows, a hidden file may hold secrets.
    if (!entry.isFile() || entry.name.startsWith('.')) continue;
    const path = join(directory, entry.name);
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size > 0 && size <= limits.fileBytes) files.push(path);
  }
  if (depth === 0) return;
  for (const entry of entries) {
    if (files.length >= limits.files) return;
    if (!entry.isDirectory() || entry.name.startsWith('.') || skipped.has(entry.name)) continue;
    collectFiles(join(directory, entry.name), files, depth - 1);
  }
}
