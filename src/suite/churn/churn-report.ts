import type { JsonObject } from '../../core/json.js';
import type { Metric, Metrics } from '../../core/run-result.js';
import { figure } from '../figure.js';
import type { LoadedPart } from '../suite-test.js';
import type { Churned } from './churn-sessions.js';
import type { SessionGrowth } from './session-memory.js';

/** What churned sessions came to, for the result of a test. */
export interface ChurnReport {
  metrics: Metrics;
  finding?: string;
  notes: string[];
  notJudged: string[];
  details: JsonObject;
  /** Ended sessions are shown to leave more than the bound. */
  fault?: string;
  /** How the target came to its end. */
  died?: string;
}

/** Puts the growth per session into metrics and sentences. */
export function churnReport({ loads, ended, leak, held }: Churned): ChurnReport {
  const died = loads.find((part) => part.report.died !== undefined)?.report.died;
  return {
    metrics: {
      ...(ended === undefined ? {} : rateOf(ended)),
      ...growthMetric('leak.bytes_per_session', leak),
      ...growthMetric('sessions.bytes_abandoned', held),
    },
    ...(leak?.perSession == null
      ? {}
      : { finding: `each ended session leaves ${bytesText(leak.perSession)}` }),
    notes: [
      ...(leak === undefined ? [] : [`Ended sessions: ${ofSessions(leak.finding.reason)}.`]),
      ...(held?.perSession == null
        ? []
        : [`Each abandoned session holds ${bytesText(held.perSession)} while the server keeps it.`]),
    ],
    notJudged:
      leak?.finding.verdict === 'undecidable'
        ? [`leak of ended sessions: ${ofSessions(leak.finding.reason)}`]
        : [],
    details: { ended: detailsOf(leak), abandoned: detailsOf(held) },
    ...(leak?.finding.verdict === 'leaking'
      ? { fault: `each ended session leaves ${bytesText(leak.perSession!)} in memory` }
      : {}),
    ...(died === undefined ? {} : { died }),
  };
}

/** The analysis counts calls; here each has a session of its own. */
function ofSessions(reason: string): string {
  return reason.replaceAll('per call', 'per session').replaceAll('calls', 'sessions');
}

function rateOf({ parts }: LoadedPart): Metrics {
  const throughput = parts.metrics['throughput'];
  return throughput === undefined ? {} : { 'sessions.rate': throughput };
}

function growthMetric(name: string, growth: SessionGrowth | undefined): Metrics {
  const seen = growth?.perSession;
  if (seen == null) return {};
  const metric: Metric = { value: seen.value, unit: 'B', ci95: seen.ci95 };
  return { [name]: metric };
}

function bytesText({ value, ci95 }: { value: number; ci95: [number, number] }): string {
  const kilobytes = (bytes: number) => figure(bytes / 1000);
  return `${kilobytes(value)} kB (95 %: ${kilobytes(ci95[0])} to ${kilobytes(ci95[1])})`;
}

function detailsOf(growth: SessionGrowth | undefined) {
  if (growth === undefined) return null;
  const { perSession, finding } = growth;
  return {
    verdict: finding.verdict,
    reason: finding.reason,
    bytes_per_session: perSession === null ? null : { value: perSession.value, ci95: perSession.ci95 },
  };
}
