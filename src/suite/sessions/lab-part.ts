import type { Json } from '../../core/json.js';
import type { Metrics } from '../../core/run-result.js';

/** What one part of the laboratory came to. */
export interface LabPart {
  metrics: Metrics;
  /** What fails the test. */
  faults: string[];
  /** What departs from the specification, or a client should know: told, not failed. */
  findings: string[];
  notJudged: string[];
  /** The most important, in a few words. */
  summary?: string;
  details: Json;
}

/** A part with nothing in it but what is given. */
export function labPart(given: Partial<LabPart>): LabPart {
  return { metrics: {}, faults: [], findings: [], notJudged: [], details: null, ...given };
}

/** A number of things. */
export function count(value: number) {
  return { value, unit: 'count' };
}
