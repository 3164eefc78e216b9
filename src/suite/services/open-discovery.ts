import { printableLine } from '../../core/printable.js';
import type { ToolDiscovery } from '../../host/index.js';
import type { FilledCatalogue } from './filled-catalogue.js';

/** A catalogue that is indexed. */
export interface IndexedCatalogue {
  discovery: ToolDiscovery;
  /** How long taking in and indexing all sources took. */
  indexMs: number;
  /** Sentences on tools that the catalogue would not take. */
  refused: string[];
}

/** Indexes a catalogue, source by source. The caller closes the discovery. */
export async function openDiscovery({ sources }: FilledCatalogue): Promise<IndexedCatalogue> {
  const { adapterSource, ToolDiscovery } = await import('../../host/index.js');
  const most = Math.max(...sources.map(({ tools }) => tools.length), 1);
  const discovery = new ToolDiscovery({ deadlineMs: 60_000, limits: { maxTools: most } });
  const started = performance.now();
  for (const { id, tools } of sources) await discovery.addSource(adapterSource(id, tools));
  const indexMs = performance.now() - started;
  const refused = discovery.status().flatMap(({ id, error, rejected, rejectedCount }) => {
    const notes = error === undefined ? [] : [`The tools of '${id}' could not be indexed: ${error}.`];
    const [first] = rejected;
    if (first !== undefined) {
      const why = `${printableLine(first.name, 60)}: ${printableLine(first.reason, 120)}`;
      notes.push(`${rejectedCount} tools of '${id}' were refused by the catalogue, such as ${why}.`);
    }
    return notes;
  });
  return { discovery, indexMs, refused };
}
