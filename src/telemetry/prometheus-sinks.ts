import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf, usageError } from '../core/index.js';
import { prometheusContentType, prometheusText, type ExportedMetric } from '../report/prometheus/index.js';
import { writeWhole } from '../store/run-file.js';
import type { TelemetrySink } from './sink.js';

const addressPattern = /^(\[[0-9a-f:.]+\]|[\w.-]*):(\d{1,5})$/i;

/** True for `:9464` and `HOST:9464`: an address to be read from, not a file. */
export function isAddress(place: string): boolean {
  return addressPattern.test(place);
}

/** A file that is written anew each time, whole or not at all, as node_exporter's textfile collector wants it. */
export function prometheusFile(path: string, shown: string): TelemetrySink {
  return {
    format: 'prometheus',
    place: shown,
    async write(metrics) {
      await writeWhole(path, prometheusText(metrics));
    },
    close: () => Promise.resolve(),
  };
}

/**
 * Serves `/metrics` to a scraper for as long as the run lasts; on the loopback address unless a host is named. Metrics
 * are worked out when they are asked for.
 *
 * @throws DynoError (104) where the address cannot be listened on.
 */
export async function prometheusServer(
  place: string,
  now: () => readonly ExportedMetric[],
): Promise<TelemetrySink> {
  const [, host = '', port = ''] = addressPattern.exec(place) ?? [];
  let latest: readonly ExportedMetric[] | undefined;
  const server = createServer((request, response) => {
    const [path] = (request.url ?? '').split('?');
    if (path !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('Metrics are at /metrics\n');
      return;
    }
    response.writeHead(200, { 'content-type': prometheusContentType }).end(prometheusText(latest ?? now()));
  });
  try {
    server.listen(Number(port), host === '' ? '127.0.0.1' : host.replace(/^\[|\]$/g, ''));
    await once(server, 'listening');
  } catch (cause) {
    throw usageError(
      `Cannot serve Prometheus metrics at ${place}: ${messageOf(cause)}`,
      'Name a free port, or a file: -o prometheus=PATH.',
      cause,
    );
  }
  // Nothing of it keeps the process alive.
  server.unref();
  const { address, port: bound, family } = server.address() as AddressInfo;
  return {
    format: 'prometheus',
    place: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}/metrics`,
    write(metrics) {
      latest = metrics;
      return Promise.resolve();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
