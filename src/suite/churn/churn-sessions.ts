import type { LoadPlan } from '../../plan/load-plan.js';
import type { LoadedPart, TestContext } from '../suite-test.js';
import { judgeSessions, memoryByCalls, type SessionGrowth } from './session-memory.js';

/** Sessions under way at once. */
export const churnVus = 8;

/** How many sessions, over how long. */
export interface ChurnWish {
  /** Opened, called and ended. */
  sessions: number;
  /** Opened, called and left. */
  abandoned: number;
  /** Before it starts. */
  warmup: number;
  /** For the sessions that are ended; half of it for the calls in one session and for the abandoned. */
  durationMs: number;
  /** What an ended session may leave. */
  boundBytes: number;
}

/** What was loaded, in its order, and what it left in the target's memory; what was not made because of a stop is missing. */
export interface Churned {
  loads: LoadedPart[];
  ended?: LoadedPart;
  /** Per session that was ended. */
  leak?: SessionGrowth;
  /** Per session that was abandoned. */
  held?: SessionGrowth;
}

/** The same calls all in one session, each in one that is ended, and each in one that is abandoned; with what they leave. */
export async function churnSessions(context: TestContext, wish: ChurnWish): Promise<Churned> {
  const { sessions, abandoned, warmup, durationMs, boundBytes } = wish;
  const warmed = await load(context, 'warm-up', 'per-call', warmup, durationMs / 8);
  const shared = await load(
    context,
    'calls in one session',
    'shared',
    Math.ceil(sessions / 2),
    durationMs / 2,
  );
  const ended = await load(context, 'sessions ended', 'per-call', sessions, durationMs);
  const left = await load(context, 'sessions abandoned', 'abandoned', abandoned, durationMs / 2);
  const control = shared === undefined ? [] : memoryByCalls(shared);
  const growth = (part: LoadedPart) => judgeSessions(memoryByCalls(part), control, boundBytes);
  return {
    loads: [warmed, shared, ended, left].flatMap((part) => part ?? []),
    ...(ended === undefined ? {} : { ended, leak: growth(ended) }),
    ...(left === undefined ? {} : { held: growth(left) }),
  };
}

/** So many calls spread over the time, or over twice of it where the server is slow. */
async function load(
  context: TestContext,
  phase: string,
  session: LoadPlan['session'],
  calls: number,
  durationMs: number,
): Promise<LoadedPart | undefined> {
  if (calls < 1 || context.stop.aborted) return undefined;
  return await context.load(
    {
      executor: {
        kind: 'shared-iterations',
        vus: churnVus,
        iterations: Math.round(calls),
        maxDurationMs: 2 * durationMs,
      },
      session,
      thinkTime: { kind: 'constant', ms: (churnVus * durationMs) / calls },
      warmup: { kind: 'none' },
    },
    phase,
  );
}
