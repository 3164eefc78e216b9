import { messageOf, printableLine } from '../../core/index.js';
import { ProcessMetricsReader, type ProcessMetrics } from './process-metrics.js';

/** More than this is not read: an endpoint with so much to tell costs its server more than the test. */
const mostBytes = 8 * 1024 * 1024;
const timeoutMs = 5000;

/**
 * Reads the `process_*` metrics of an endpoint once. The answer is read to 8 MiB and for 5 s at most; redirects are not
 * followed.
 *
 * @throws Error with a sentence: out of reach, not 200, too much, or no `process_resident_memory_bytes` in it.
 */
export async function readMetricsEndpoint(url: string): Promise<ProcessMetrics> {
  const answer = await fetch(url, {
    headers: { accept: 'text/plain; version=0.0.4', 'accept-encoding': 'identity' },
    redirect: 'manual',
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((error: unknown) => {
    throw new Error(whatFailed(error));
  });
  if (answer.status !== 200 || answer.body === null) {
    await answer.body?.cancel();
    throw new Error(`the answer has the status ${answer.status}`);
  }
  const metrics = await readBody(answer.body);
  if (metrics.rssBytes === null)
    throw new Error('the answer has no process_resident_memory_bytes (of the Prometheus text format)');
  return metrics;
}

async function readBody(body: ReadableStream<Uint8Array>): Promise<ProcessMetrics> {
  const reader = new ProcessMetricsReader();
  const decoder = new TextDecoder();
  let bytes = 0;
  try {
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
      bytes += chunk.byteLength;
      if (bytes > mostBytes) throw new Error(`the answer is longer than ${mostBytes / 1024 / 1024} MiB`);
      reader.push(decoder.decode(chunk, { stream: true }));
    }
  } catch (error) {
    throw new Error(whatFailed(error), { cause: error });
  }
  return reader.end();
}

function whatFailed(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError')
    return `no whole answer within ${timeoutMs / 1000} s`;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return printableLine(messageOf(cause), 200);
}
