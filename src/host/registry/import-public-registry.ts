import { isJsonObject, messageOf, unreachableError, usageError, type Json } from '../../core/index.js';
import { shown } from '../shown.js';
import { readServer } from './server-json.js';
import { serviceId } from './registration.js';
import type { ServiceRegistry } from './service-registry.js';

/** What {@link importPublicRegistry} takes. */
export interface ImportOptions {
  /** The registry's address; default `https://registry.modelcontextprotocol.io`. */
  url?: string;
  /** Only servers whose name has this in it. */
  search?: string;
  /** Only what changed since this moment (RFC 3339), deletions included: those leave our registry. */
  updatedSince?: string;
  /** Servers per request, 1 to 100; default 100. */
  pageSize?: number;
  /** Default 100. */
  maxPages?: number;
  /** Default 10,000. */
  maxServers?: number;
  /** The largest page that is read, in bytes; default 8 MiB. */
  maxPageBytes?: number;
  /** For each page; default 10,000. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** A server that was not imported. */
export interface SkippedServer {
  readonly name: string;
  readonly why: string;
}

/** What an import came to. */
export interface ImportReport {
  /** Registered or confirmed, each once. */
  readonly imported: number;
  /** Taken out, since the public registry says that they were deleted. */
  readonly removed: number;
  readonly pages: number;
  /** How many were not imported, and the first 100 of them. */
  readonly skippedCount: number;
  readonly skipped: readonly SkippedServer[];
  /** Why it ended before the last page, or null. */
  readonly truncated: string | null;
}

const maxSkippedShown = 100;

/**
 * Registers the servers of a public MCP registry (`GET /v0.1/servers?version=latest`, page after page) as services
 * without a lease, in state `starting`. Importing again updates them. What the other side says is bounded and checked:
 * an entry that is no service is skipped and named, and pages without end end.
 *
 * @throws DynoError (104) for wrong options, (111) when a page cannot be had. What was imported until then stays.
 */
export async function importPublicRegistry(
  registry: ServiceRegistry,
  options: ImportOptions = {},
): Promise<ImportReport> {
  const base = readBase(options.url ?? 'https://registry.modelcontextprotocol.io');
  const maxPages = bounded(options.maxPages ?? 100, 1, 10_000, 'maxPages');
  const maxServers = bounded(options.maxServers ?? 10_000, 1, 1_000_000, 'maxServers');
  const pageSize = bounded(options.pageSize ?? 100, 1, 100, 'pageSize');
  const report = { imported: 0, removed: 0, pages: 0, skippedCount: 0, skipped: [] as SkippedServer[] };
  const skip = (name: string, why: string) => {
    report.skippedCount++;
    if (report.skipped.length < maxSkippedShown) report.skipped.push({ name: name.slice(0, 200), why });
  };
  const cursors = new Set<string>();
  const done = new Set<string>();
  let cursor: string | undefined;
  for (;;) {
    const url = new URL('v0.1/servers', base);
    url.searchParams.set('limit', String(pageSize));
    url.searchParams.set('version', 'latest');
    if (options.search !== undefined) url.searchParams.set('search', options.search);
    if (options.updatedSince !== undefined) url.searchParams.set('updated_since', options.updatedSince);
    if (cursor !== undefined) url.searchParams.set('cursor', cursor);
    const page = await readPage(url, options);
    report.pages++;
    for (const entry of page.servers) {
      if (done.size >= maxServers)
        return { ...report, truncated: `it reached the limit of ${maxServers} servers` };
      const read = readServer(entry, base.host);
      if (read.skipped !== undefined) {
        if (read.deleted === true && (await registry.deregister(importedId(read.name, base))))
          report.removed++;
        skip(read.name, read.skipped);
        continue;
      }
      try {
        const id = importedId(read.registration.name, base);
        if (done.has(id)) continue;
        done.add(id);
        await registry.registerService({ ...read.registration, id });
        report.imported++;
      } catch (error) {
        skip(read.registration.name, messageOf(error));
      }
    }
    cursor = page.nextCursor;
    if (cursor === undefined) return { ...report, truncated: null };
    if (cursors.has(cursor)) return { ...report, truncated: 'a page was announced a second time' };
    cursors.add(cursor);
    if (report.pages >= maxPages)
      return { ...report, truncated: `it reached the limit of ${maxPages} pages` };
  }
}

/** The identity of an imported server: its name there, not its endpoint, so one that moves stays the same service. */
function importedId(name: string, base: URL): string {
  return serviceId('mcp_server', name.normalize('NFC'), `${base.origin}/`);
}

async function readPage(url: URL, options: ImportOptions): Promise<{ servers: Json[]; nextCursor?: string }> {
  const where = `The MCP registry at ${url.origin}${url.pathname}`;
  const deadline = AbortSignal.timeout(options.timeoutMs ?? 10_000);
  const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
  let answer: Json;
  try {
    const response = await fetch(url, { signal, redirect: 'error', headers: { accept: 'application/json' } });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`it answered with HTTP status ${response.status}`);
    }
    answer = JSON.parse(await readText(response, options.maxPageBytes ?? 8 * 1024 * 1024)) as Json;
  } catch (cause) {
    const why =
      cause instanceof Error && cause.cause instanceof Error
        ? `${messageOf(cause)} (${messageOf(cause.cause)})`
        : messageOf(cause);
    throw unreachableError(
      `${where} gave no list of servers: ${why}`,
      'Check the address and the network.',
      cause,
    );
  }
  const servers = isJsonObject(answer) ? answer['servers'] : undefined;
  if (!isJsonObject(answer) || !Array.isArray(servers)) {
    throw unreachableError(`${where} gave no list of servers: its JSON has no array \`servers\``);
  }
  const metadata = isJsonObject(answer['metadata']) ? answer['metadata'] : {};
  const next = metadata['nextCursor'] ?? metadata['next_cursor'];
  return { servers, ...(typeof next === 'string' && next !== '' && { nextCursor: next.slice(0, 4096) }) };
}

async function readText(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  // `for await` cancels the body when it is left by the throw.
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`its page is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function readBase(url: string): URL {
  try {
    const base = new URL(url.endsWith('/') ? url : `${url}/`);
    if (base.protocol === 'http:' || base.protocol === 'https:') return base;
  } catch {
    // Said below.
  }
  throw usageError(`Expected the address of an MCP registry to be an http(s) URL, got ${shown(url)}`);
}

function bounded(value: number, least: number, most: number, what: string): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw usageError(
    `Expected ${what} of an import to be a whole number of ${least} to ${most}, got ${shown(value)}`,
  );
}
