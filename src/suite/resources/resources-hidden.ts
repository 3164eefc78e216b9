import type { Bench } from '../bench.js';

/** Why the target's processes cannot be watched; undefined where they can. */
export function resourcesHidden(bench: Bench): string | undefined {
  // A stdio target's process is started by its first load: until then any pid stands for it.
  const source = bench.resources(bench.loadTarget.kind === 'stdio' ? [process.pid] : []);
  if (source.kind !== 'none') return undefined;
  return (
    `the memory of the target cannot be seen: ${source.reason}. ` +
    'Give --pid where it runs on this machine, or --metrics-url where it tells Prometheus'
  );
}
