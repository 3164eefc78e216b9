import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json } from '../../src/core/index.js';

/** One group of the official JSON Schema test suite. */
export interface SuiteGroup {
  file: string;
  description: string;
  schema: Json;
  tests: { description: string; data: Json; valid: boolean }[];
}

const home = new URL('../data/json-schema-suite/', import.meta.url).pathname;

/** The groups of a dialect's folder, such as `draft2020-12` or `draft2020-12/optional/format`. */
export function suiteGroups(folder: string): SuiteGroup[] {
  const path = join(home, 'tests', folder);
  return readdirSync(path)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .flatMap((name) => {
      const groups = JSON.parse(readFileSync(join(path, name), 'utf8')) as SuiteGroup[];
      return groups.map((group) => ({ ...group, file: name.replace('.json', '') }));
    });
}

/** The documents that the suite's schemas refer to, by the address that it serves them under. */
export function suiteDocuments(): Record<string, Json> {
  const documents: Record<string, Json> = {};
  const walk = (folder: string, uri: string) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path, `${uri}${entry.name}/`);
      else documents[uri + entry.name] = JSON.parse(readFileSync(path, 'utf8')) as Json;
    }
  };
  walk(join(home, 'remotes'), 'http://localhost:1234/');
  return documents;
}
