/** Which test of the suite says most of a metric; the first that fits. */
const homes: readonly (readonly [RegExp, string])[] = [
  [/^at_\d+\./, 'concurrent-execution'],
  [/^leak\./, 'leak-detection'],
  [/^capacity\.max_connections$/, 'max-connections'],
  [/^capacity\.slo_rate$/, 'capacity'],
  [/^(capacity|usl)\./, 'max-throughput'],
  [/^search_time\./, 'tool-discovery'],
  [/^binding_time\./, 'tool-binding'],
  [/^routing_time\./, 'tool-routing'],
  [/^validation_time\./, 'tool-validation'],
  [/^lookup_time\./, 'service-discovery'],
  [/^(record_rate|retrieval_time)/, 'monitoring'],
  [/^workflow_time\./, 'end-to-end-workflow'],
  [/^(throughput|success_rate|offered_rate|dropped|target\.)/, 'throughput-under-load'],
];

/** The test that a limit is judged in where it names none: `single-tool-latency` for times and counts of calls. */
export function homeOf(metric: string): string {
  return homes.find(([pattern]) => pattern.test(metric))?.[1] ?? 'single-tool-latency';
}
