import { readCatalogues } from './quality.js';

const departments =
  `payroll logistics warehouse legal compliance research marketing sales support finance treasury
  procurement facilities security identity network storage billing checkout returns shipping fleet maintenance quality
  laboratory clinic pharmacy radiology admissions library museum theatre kitchen garden harbour airport railway mining
  forestry fishery weather climate energy solar wind nuclear water sewage recycling housing planning census election
  police fire rescue courts prison customs border tax pension insurance mortgage banking trading audit`
    .split(/\s+/)
    .filter(Boolean);

/**
 * A catalogue of any size out of the real ones: copies of each tool, each on a server and for a department of its own.
 * How many tools hold a word so grows with the catalogue, as it does in real ones, only more so: common words stay as
 * common.
 */
export function madeCatalogue(count) {
  const real = readCatalogues();
  return Array.from({ length: count }, (_, i) => {
    const { server, tool } = real[i % real.length];
    const copy = Math.floor(i / real.length);
    if (copy === 0) return { server, tool };
    const department = departments[copy % departments.length];
    const round = Math.floor(copy / departments.length);
    return {
      server: `${server}-${department}${round || ''}`,
      tool: {
        ...tool,
        name: `${tool.name}_${department}${round || ''}`,
        description: `${tool.description ?? ''} For ${department}.`,
      },
    };
  });
}

/** The tools by server, as sources list them. */
export function byServer(catalogue) {
  const servers = new Map();
  for (const { server, tool } of catalogue) {
    if (servers.has(server)) servers.get(server).push(tool);
    else servers.set(server, [tool]);
  }
  return servers;
}
