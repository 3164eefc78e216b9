import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import type { ConfigPath } from './config-source.js';

/** The line (from 1) of the value at a path, or of its nearest parent, in YAML or in JSON without comments. */
export function lineOf(text: string, path: ConfigPath): number | undefined {
  // Lines matter only when something is wrong; until then nobody waits for the parser to load.
  const yaml = createRequire(import.meta.url)('yaml') as typeof Yaml;
  const lineCounter = new yaml.LineCounter();
  let node: unknown = yaml.parseDocument(text, { lineCounter, prettyErrors: false }).contents;
  let offset = yaml.isNode(node) ? node.range?.[0] : undefined;
  for (const step of path) {
    if (yaml.isMap(node)) {
      const pair = node.items.find(({ key }) => yaml.isScalar(key) && String(key.value) === String(step));
      if (!pair) break;
      if (yaml.isScalar(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (yaml.isSeq(node) && typeof step === 'number') {
      node = node.items[step];
      if (yaml.isNode(node)) offset = node.range?.[0] ?? offset;
    } else break;
  }
  return offset === undefined ? undefined : lineCounter.linePos(offset).line;
}
