/** The end of one stream. ms */
export interface Drop {
  atMs: number;
  /** How long it had been open. */
  lifeMs: number;
  /** Since its last event (or its opening). */
  eventlessMs: number;
  /** Since its last byte, comments among them. */
  silentMs: number;
}

/** What ends of streams have in common: the same time without an event, without a byte, of life, or the same moment. */
export interface DropPattern {
  kind: 'eventless' | 'silent' | 'life' | 'moment';
  /** Their median, ms; 0 for the same moment. */
  ms: number;
  /** How many ends it is drawn from. */
  drops: number;
  /** It lasted exactly as long as the stream, so that it may be either a limit on idle streams or on all. */
  either: boolean;
}

const least = 3;
/** Servers look at their idle streams now and then: ends that differ by less than this are alike. */
const alikeMs = 300;
const alikeShare = 0.06;
/** Below this a time without events says nothing: events are just further apart. */
const leastIdleMs = 500;

/**
 * What most of these ends have in common, undefined where nothing. Three ends are needed; each explanation holds where the
 * middle 80 % of them are alike within 6 % (or 300 ms), and the tightest one is taken.
 */
export function dropPattern(drops: readonly Drop[]): DropPattern | undefined {
  if (drops.length < least) return undefined;
  const candidates = (['eventless', 'silent', 'life'] as const)
    .map((kind) => {
      const field = `${kind}Ms` as const;
      return { kind, ...middle(drops.map((drop) => drop[field])) };
    })
    .filter(
      ({ median, spread }) => median >= leastIdleMs && spread <= Math.max(alikeMs, median * alikeShare),
    );
  const moment = middle(drops.map((drop) => drop.atMs)).spread;
  const [best] = candidates.toSorted((a, b) => order(a) - order(b));
  if (best === undefined || (moment <= alikeMs && moment * 2 < best.spread)) {
    return moment <= alikeMs ? { kind: 'moment', ms: 0, drops: drops.length, either: false } : undefined;
  }
  const life = candidates.find(({ kind }) => kind === 'life');
  const either = best.kind !== 'life' && life !== undefined && Math.abs(life.median - best.median) <= alikeMs;
  return { kind: best.kind, ms: best.median, drops: drops.length, either };
}

/** Ties go to the time without an event, which is what servers limit most. */
function order({ kind, spread }: { kind: string; spread: number }): number {
  return spread + (kind === 'eventless' ? 0 : kind === 'silent' ? 20 : 40);
}

function middle(values: number[]): { median: number; spread: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round((sorted.length - 1) * share)]!;
  return { median: at(0.5), spread: at(0.9) - at(0.1) };
}
