import { nearest } from '../../core/index.js';
/** What a metric measures; decides the units that a threshold may be written in. */
export type Dimension =
  'time' | 'share' | 'rate' | 'memory' | 'bytes' | 'percent' | 'memory-rate' | 'count' | 'rate-coefficient';

/** A metric that thresholds can be set on. */
export interface KnownMetric {
  name: string;
  dimension: Dimension;
}

const timeSuffixes = ['min', 'mean', 'p50', 'p90', 'p95', 'p99', 'p999', 'max'];

/** Families of times in ms, each with all suffixes; see docs/metrics.md and METHODS. */
const timeFamilies = [
  'latency',
  'service_time',
  'queue_wait',
  'schedule_lag',
  'ttfb',
  'connect',
  'initialize',
  'session_close',
  'search_time',
  'binding_time',
  'routing_time',
  'validation_time',
  'lookup_time',
  'retrieval_time',
  'workflow_time',
  'cold_start',
  'first_call',
  'register_time',
  'compile_time',
  'scrape_time',
  'list_time',
  'turn_time',
  'answer_time',
  'client_wait',
  'server_time',
  'progress.first',
  'stream_open',
  'first_event',
  'event_latency',
  'event_spread',
  'task.create',
  'task.complete',
  'task.result',
  'task.total',
  'asking.time',
  'asking.refused_time',
];

/** Families whose first time of all, which finds everything cold, stands apart as `NAME.cold`. */
const coldFamilies = [
  'latency',
  'search_time',
  'binding_time',
  'routing_time',
  'validation_time',
  'lookup_time',
  'register_time',
  'workflow_time',
  'scrape_time',
  'list_time',
];

const failureNames = [
  'connect',
  'transport',
  'http',
  'throttled',
  'parse',
  'rpc',
  'tool',
  'schema',
  'mismatch',
  'timeout',
];

/** The networks of network-conditions: `dsl.latency.p95` is `latency.p95` over that one. */
const networks = ['clean', 'lan', 'wifi', 'dsl', '3g', 'transatlantic', 'satellite', 'lossy'];

/** What servers ask of their client; see docs/server-requests.md. */
const asked = [
  ...['received', 'answered', 'refused', 'undelivered', 'cancelled'].map((name) => `server_requests.${name}`),
  ...['sampling', 'elicitation', 'roots', 'ping', 'other'].flatMap((kind) =>
    ['received', 'answered', 'refused'].map((name) => `server_requests.${kind}.${name}`),
  ),
  ...['tools', 'calls', 'verified', 'mixed', 'hung', 'failed', 'refused_hung'].map(
    (name) => `asking.${name}`,
  ),
  'rounds.mean',
  'rounds.max',
];

/** Progress of calls; see docs/server-requests.md. */
const progress = ['notifications', 'per_call', 'per_call.max', 'out_of_order', 'late', 'unknown'].map(
  (name) => `progress.${name}`,
);

const single: [Dimension, string[]][] = [
  ['count', ['calls.total', 'calls.ok', 'calls.failed', 'dropped', 'target.processes']],
  ['count', ['calls.refused', 'calls.accepted_invalid']],
  ['count', failureNames.map((name) => `failures.${name}`)],
  ['count', ['target.fds.start', 'target.fds.end', 'target.fds.max', 'target.fds.mean']],
  ['count', ['target.threads.start', 'target.threads.end', 'target.threads.max', 'target.threads.mean']],
  [
    'count',
    [
      'capacity.max_connections',
      'capacity.best_concurrency',
      'capacity.knee_concurrency',
      'usl.peak_concurrency',
      'sessions.left',
      'sessions.opened',
      'sessions.ended',
      'sessions.not_ended',
    ],
  ],
  ['count', [...asked, ...progress]],
  ['rate', ['progress.rate']],
  [
    'count',
    ['wanted', 'opened', 'held', 'refused', 'dropped', 'events', 'gaps', 'duplicates', 'disordered'].map(
      (name) => `streams.${name}`,
    ),
  ],
  ['bytes', ['streams.bytes_per_stream']],
  ['time', ['streams.latency_shift']],
  ['share', ['serialization.held']],
  ['share', ['cancellation.still_working', 'cancellation.held', 'cancellation.cpu']],
  [
    'count',
    [
      'cancellation.cancelled',
      'cancellation.late_answers',
      'cancellation.error_answers',
      'cancellation.progress_after',
      'task.polls',
    ],
  ],
  ['rate', ['sessions.rate', 'turns.throughput']],
  ['share', ['turns.success_rate']],
  ['count', ['turns.total', 'turns.ok', 'turns.failed', 'turns.missing_field', 'turns.cut']],
  ['share', ['replicas.refused_share']],
  ['count', ['refusals.probes', 'refusals.deviations', 'refusals.faults', 'expiry.refused', 'expiry.lost']],
  ['count', ['resume.cuts', 'resume.arrived', 'resume.lost', 'resume.doubled']],
  ['time', ['expiry.recovery', 'resume.time']],
  ['bytes', ['leak.bytes_per_session', 'sessions.bytes_abandoned']],
  ['share', ['success_rate']],
  ['rate', ['throughput', 'offered_rate', 'record_rate', 'capacity.max_throughput', 'capacity.slo_rate']],
  [
    'memory',
    ['target.rss.start', 'target.rss.max', 'target.rss.end', 'target.rss.increase', 'target.rss.stdev'],
  ],
  ['memory', ['target.pss.start', 'target.pss.max', 'target.pss.end', 'target.pss.increase']],
  ['percent', ['target.cpu.mean', 'target.cpu.max', 'latency.drift']],
  ['time', ['target.cpu.ms_per_call', 'drain_time']],
  ['memory', ['generator.rss.start', 'generator.rss.max', 'generator.rss.increase']],
  [
    'count',
    ['leak.fds_per_call', 'leak.threads_per_call', 'leak.processes_per_call', 'leak.sessions_per_open'],
  ],
  ['bytes', ['leak.bytes_per_call']],
  ['memory-rate', ['leak.mb_per_hour']],
  ['time', ['index_time', 'retrieval_time', ...coldFamilies.map((family) => `${family}.cold`)]],
  [
    'share',
    [
      'search.hit_rate',
      'search.top5_rate',
      'binding.hit_rate',
      'binding.arguments_rate',
      'workflow.found_rate',
    ],
  ],
  [
    'count',
    ['catalogue.tools', 'catalogue.pages', 'catalogue.tokens', 'catalogue.faults', 'catalogue.advice'],
  ],
  ['bytes', ['catalogue.bytes', 'catalogue.bytes_per_tool']],
  ['count', ['catalogue.tokens_per_tool']],
  ['time', ['catalogue.list_time_per_1000', 'catalogue.page_time_per_1000', 'catalogue.call_time_per_1000']],
  [
    'count',
    ['tools', 'violations', 'calls', 'refused', 'refused_otherwise', 'accepted', 'crashes', 'hangs'].map(
      (name) => `invalid.${name}`,
    ),
  ],
  [
    'time',
    [
      'cut.recovery',
      'cut.latency.max',
      'restart.recovery',
      'restart.start',
      'restart.latency.max',
      'network.late',
      ...networks.map((name) => `${name}.shift`),
    ],
  ],
  [
    'count',
    [
      'errors',
      'calls.sent',
      'calls.ok',
      'calls.answered_badly',
      'calls.answer_lost',
      'calls.never_arrived',
      'calls.doubled',
    ].flatMap((name) => [`cut.${name}`, `restart.${name}`]),
  ],
  ['rate-coefficient', ['usl.lambda', 'usl.sigma', 'usl.kappa']],
];

/** Every metric that a threshold can name, by its flat dotted name. */
export const knownMetrics: ReadonlyMap<string, KnownMetric> = new Map(
  [
    ...timeFamilies.flatMap((family) =>
      timeSuffixes.map((suffix): KnownMetric => ({ name: `${family}.${suffix}`, dimension: 'time' })),
    ),
    ...single.flatMap(([dimension, names]) => names.map((name): KnownMetric => ({ name, dimension }))),
  ].map((metric) => [metric.name, metric]),
);

/** The short forms of the command line and what they stand for. */
export const shortForms: ReadonlyMap<string, string> = new Map([
  ['avg', 'latency.mean'],
  ['max', 'latency.max'],
  ['p50', 'latency.p50'],
  ['p90', 'latency.p90'],
  ['p95', 'latency.p95'],
  ['p99', 'latency.p99'],
  ['p999', 'latency.p999'],
]);

/** A level of a test that raises the load (`at_5.success_rate` is `success_rate` with 5 in flight), or a network. */
const levelPattern = new RegExp(`^(at_[1-9]\\d{0,5}|${networks.join('|')})\\.(.+)$`);

/**
 * The metric that a name stands for, short forms and levels (`at_5.success_rate`) included; undefined where there is
 * none. The name in the answer is the full one.
 */
export function findMetric(name: string): KnownMetric | undefined {
  const known = knownMetrics.get(shortForms.get(name) ?? name);
  const level = known ? null : levelPattern.exec(name);
  if (!level) return known;
  const inner = findMetric(level[2]!);
  return inner && !levelPattern.test(inner.name)
    ? { ...inner, name: `${level[1]!}.${inner.name}` }
    : undefined;
}

/** The known metric that was most likely meant by a name that is none. */
export function nearestMetric(name: string): string | undefined {
  return nearest(name, [...shortForms.keys(), ...knownMetrics.keys()]);
}
