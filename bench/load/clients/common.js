/**
 * What every client of the comparison has in common: the call, the time, and how it reports. A client keeps CALLS in
 * flight for SECONDS and prints one JSON line; warm-up is not counted.
 */
export const [url = '', inFlight = 32, seconds = 3] = process.argv
  .slice(2)
  .map((word, i) => (i === 0 ? word : Number(word)));
export const warmupSeconds = 1;
export const tool = { name: 'get_inventory', arguments: { item_id: 'ITEM001' } };
export const body = (id) => JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params: tool });
export const headers = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': '2025-11-25',
};

/** Runs `call` with `inFlight` at once, first to warm up, then counted; prints calls/s and CPU per call. */
export async function measure(name, call, flight = inFlight) {
  await loop(call, warmupSeconds, flight);
  const cpu = process.cpuUsage();
  const began = performance.now();
  const latencies = await loop(call, seconds, flight);
  report(name, latencies.length, performance.now() - began, process.cpuUsage(cpu), latencies);
}

export function report(name, calls, elapsedMs, cpu, latencies = []) {
  latencies.sort((a, b) => a - b);
  const line = {
    name,
    callsPerSecond: Math.round((calls / elapsedMs) * 1000),
    cpuPerCallUs: Number(((cpu.user + cpu.system) / calls).toFixed(2)),
    p50Ms: latencies[Math.floor(latencies.length / 2)],
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function loop(call, forSeconds, flight) {
  const end = performance.now() + forSeconds * 1000;
  const latencies = [];
  await Promise.all(
    Array.from({ length: flight }, async () => {
      while (performance.now() < end) {
        const sent = performance.now();
        await call();
        latencies.push(performance.now() - sent);
      }
    }),
  );
  return latencies;
}
