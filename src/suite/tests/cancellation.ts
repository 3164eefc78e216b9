import { setTimeout as wait } from 'node:timers/promises';
import { messageOf } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import { printableLine } from '../../core/printable.js';
import type { Metrics } from '../../core/run-result.js';
import { samplerOf, type ResourceSampler } from '../../measure/index.js';
import type { McpConnection } from '../../protocol/index.js';
import { closesStream } from '../cancellation/cancelled-call.js';
import { evidenceOf, isHeldUp, stillWorking, verdictOf, type Evidence } from '../cancellation/evidence.js';
import { round, type Round, type RoundSetting } from '../cancellation/round.js';
import { figure } from '../figure.js';
import { knownTools, slowestOf, toolName, type KnownCall } from '../serialization/quick-and-slow.js';
import type { SuiteTest, TestContext, TestOutcome } from '../suite-test.js';

/** So many more calls at once where fewer hold up nothing. */
const step = 4;
/** Answers to cancelled calls are listened for so many times what calls take that are not cancelled, ms at most. */
const listenShare = 1.3;
const longestListen = 20_000;
/** Where what is seen is not clear, at most so many times the rounds. */
const mostTimes = 3;
/** Rounds that come too late to tell whether calls hold up each other, before more calls at once are tried. */
const mostLate = 4;
/** How long an idle target's CPU is looked at, ms. */
const idleMs = 200;

/** Slow calls are cancelled: does the server stop, and is the session as good as before. */
export const cancellation: SuiteTest = {
  id: 'cancellation',
  title: 'What becomes of calls that are cancelled',
  tags: ['concurrency'],
  explain:
    'Makes calls of the slowest tool that may be called, cancels each after a third of its time (notifications/cancelled; over ' +
    'HTTP of the stateless era by closing its stream), and looks whether the server stops: whether a further call is held up by ' +
    'them (cancellation.held), whether it still computes (cancellation.cpu, where the process can be watched), whether it counts ' +
    'them as done (the bundled one does), answers them (cancellation.late_answers) or reports progress. Each is held against the ' +
    'same calls not cancelled; cancellation.still_working is the surest of them: near 0 it stops, near 1 it goes on. It is a ' +
    'finding, and fails only with a threshold on it. Decides itself that later calls on the same connection come out ok, also ' +
    'after calls were cancelled that never were. Needs a tool that takes at least 100 ms; name one with --tool.',
  parameters: {
    rounds: {
      what: 'rounds with cancelled calls; up to three times as many where they are not clear',
      smoke: 3,
      quick: 4,
      full: 8,
      min: 1,
      max: 1000,
    },
    inFlight: {
      what: 'calls at once, at most; fewer where they already hold up a further one',
      smoke: 16,
      quick: 32,
      full: 128,
      min: 1,
      max: 1000,
    },
    leastSlow: {
      what: 'time that a slow tool takes at least, ms',
      smoke: 100,
      quick: 100,
      full: 100,
      min: 20,
      max: 600_000,
    },
    budget: {
      what: 'no further round is begun after this time, ms',
      smoke: 10_000,
      quick: 20_000,
      full: 300_000,
      min: 1,
      max: 86_400_000,
    },
  },
  onlyNamed: ['smoke', 'quick'],
  limitMs: (parameters) => Number(parameters['budget']) + 4 * callMs + 60_000,
  async run(context) {
    const connection = await context.bench.connect();
    const slow = slowestOf(await knownTools(context, connection));
    const least = context.number('leastSlow');
    if (slow === undefined) return { status: 'skipped', reason: 'no tool that may be called answers' };
    if (slow.usualMs < least) {
      return {
        status: 'skipped',
        reason:
          `no tool is slow enough to be cancelled while it works: the slowest that may be called, ${toolName(slow)}, ` +
          `takes ${figure(slow.usualMs)} ms (${figure(least)} needed); name a slow one with --tool`,
      };
    }
    const sampler = samplerFor(context);
    try {
      return await measured(context, connection, slow, sampler);
    } finally {
      sampler?.stop();
    }
  },
};

/** How long one call may take, ms. */
const callMs = 30_000;

/** Over stdio each connection is a process that the bench does not know. */
function samplerFor({ bench }: TestContext): ResourceSampler | undefined {
  const sampler = samplerOf(bench.resources([]), { intervalMs: 3_600_000 });
  return 'reason' in sampler ? undefined : sampler;
}

async function measured(
  context: TestContext,
  connection: McpConnection,
  slow: KnownCall,
  sampler: ResourceSampler | undefined,
): Promise<TestOutcome> {
  const began = performance.now();
  const setting: RoundSetting = {
    connection,
    request: { method: 'tools/call', params: paramsOf(context, slow) },
    usualMs: slow.usualMs,
    timeoutMs: callMs,
    sampler,
    stop: context.stop,
  };
  const idleCpu = await idle(sampler);
  const goesOn = () => !context.stop.aborted && performance.now() - began < context.number('budget');
  const rounds: Round[] = [];
  let inFlight = Math.min(step, context.number('inFlight'));
  for (;;) {
    const kept = await round(setting, { inFlight, cancels: false, listenMs: 0 });
    rounds.push(kept);
    if (kept.late && kept.fault === undefined && rounds.length < mostLate && goesOn()) continue;
    const next = Math.min(inFlight * step, context.number('inFlight'));
    if (kept.fault !== undefined || isHeldUp(kept, slow.usualMs) || next === inFlight || !goesOn()) break;
    inFlight = next;
    // Only rounds with as many calls can be compared.
    rounds.length = 0;
  }
  const listenMs = Math.min(longestListen, listenShare * rounds[0]!.tookMs);
  const wanted = context.number('rounds');
  for (let i = 0; !context.stop.aborted && (i === 0 || goesOn()); i++) {
    // A busy machine blurs what is seen: more rounds tell.
    if (i >= wanted && (i >= mostTimes * wanted || isClear(rounds, setting.usualMs, idleCpu))) break;
    const cancelled = await round(setting, { inFlight, cancels: true, listenMs });
    rounds.push(cancelled);
    if (cancelled.fault !== undefined || !goesOn()) break;
    rounds.push(await round(setting, { inFlight, cancels: false, listenMs }));
    setting.usualMs = Math.min(setting.usualMs, (await aloneMs(setting, slow)) ?? Infinity);
  }
  const astray = context.stop.aborted ? undefined : await cancelAstray(setting, slow);
  const known = { ...slow, usualMs: setting.usualMs };
  return outcomeOf({ connection, slow: known, rounds, astray, idleCpu, inFlight });
}

/** Whether it can be told what the server does, one way or the other. */
function isClear(rounds: readonly Round[], usualMs: number, idleCpu: number | undefined): boolean {
  const verdict = verdictOf(stillWorking(evidenceOf(rounds, usualMs, idleCpu)));
  if (verdict !== 'not seen') return verdict !== 'partly';
  return !rounds.some((one) => !one.cancelled && isHeldUp(one, usualMs));
}

/** What a call takes while nothing else goes on; undefined where it fails, which the next round tells. */
async function aloneMs({ connection, stop }: RoundSetting, slow: KnownCall): Promise<number | undefined> {
  const at = performance.now();
  return await slow.make(connection, stop).then(
    () => performance.now() - at,
    () => undefined,
  );
}

function paramsOf({ operations }: TestContext, slow: KnownCall): JsonObject {
  return operations.find(({ name }) => name === slow.name)!.params[0] ?? {};
}

async function idle(sampler: ResourceSampler | undefined): Promise<number | undefined> {
  if (sampler === undefined) return undefined;
  sampler.start();
  await wait(idleMs);
  return (await sampler.sample()).cpuPercent ?? undefined;
}

/** Cancels calls that never were, or are over; says what went wrong with a call after that. */
async function cancelAstray(
  { connection, stop }: RoundSetting,
  slow: KnownCall,
): Promise<string | undefined> {
  try {
    if (!closesStream(connection)) {
      for (const requestId of [1, 999_999_999, 'never-sent'])
        await connection.notify('notifications/cancelled', { requestId, reason: 'it never was' });
    }
    await slow.make(connection, stop);
    await connection.ping({ signal: stop });
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function outcomeOf({
  connection,
  slow,
  rounds,
  astray,
  idleCpu,
  inFlight,
}: {
  connection: McpConnection;
  slow: KnownCall;
  rounds: readonly Round[];
  astray: string | undefined;
  idleCpu: number | undefined;
  inFlight: number;
}): TestOutcome {
  const evidence = evidenceOf(rounds, slow.usualMs, idleCpu);
  const working = stillWorking(evidence);
  const cancelled = rounds.filter((one) => one.cancelled);
  const faults = [
    ...cancelled.flatMap(({ fault }) =>
      fault === undefined
        ? []
        : [`a call after cancelled ones failed: ${printableLine(messageOf(fault), 200)}`],
    ),
    ...(astray === undefined
      ? []
      : [`a call after cancellations of no call failed: ${printableLine(astray, 200)}`]),
  ];
  const failed = rounds.filter(({ fault }) => fault !== undefined).length;
  const total = rounds.reduce((sum, one) => sum + 1 + (one.cancelled ? 0 : one.inFlight), 0);
  const count = (value: number) => ({ value, unit: 'count' });
  const ratio = (value: number | undefined) => ({ value: value ?? null, unit: 'ratio' });
  const heard = !closesStream(connection);
  const metrics: Metrics = {
    'calls.total': count(total),
    'calls.ok': count(total - failed),
    'calls.failed': count(failed),
    'cancellation.cancelled': count(evidence.cancelled),
    'cancellation.still_working': ratio(working),
    'cancellation.held': ratio(evidence.held),
    'cancellation.cpu': ratio(evidence.cpu),
    ...(heard
      ? {
          'cancellation.late_answers': count(evidence.lateAnswers),
          'cancellation.error_answers': count(evidence.errorAnswers),
          'cancellation.progress_after': count(evidence.progressAfter),
        }
      : {}),
  };
  const [reason] = faults;
  if (evidence.cancelled === 0 && reason === undefined) {
    return { metrics, status: 'inconclusive', reason: 'no call was still under way when it was cancelled' };
  }
  return {
    metrics,
    operations: {
      [slow.name]: { metrics: { 'calls.total': count(total), 'calls.ok': count(total - failed) } },
    },
    ...(reason === undefined ? {} : { status: 'fail', reason }),
    finding: findingOf(evidence, working),
    notes: [
      `Tried with ${slow.name} (${figure(slow.usualMs)} ms), ${inFlight} at once, ${cancelled.length} rounds cancelled.`,
      ...notesOf(evidence),
    ],
    notJudged: notJudged(working, { heard, inFlight, late: rounds.some((one) => one.late) }),
    details: { cancellation: { verdict: verdictOf(working), ...evidence } as unknown as JsonObject },
  };
}

function findingOf(evidence: Evidence, working: number | undefined): string {
  const after = `after cancellation (${evidence.cancelled} calls)`;
  switch (verdictOf(working)) {
    case 'stops':
      return `the server stops working on calls ${after}`;
    case 'goes on':
      return `the server goes on working on calls ${after}`;
    case 'partly':
      return `the server goes on working on some calls ${after}`;
    case 'not seen':
      return `later calls come out ok ${after}`;
  }
}

function notesOf({ lateAnswers, errorAnswers, firstError, cancelled, progressAfter }: Evidence): string[] {
  return [
    ...(lateAnswers > 0
      ? [`${lateAnswers} of ${cancelled} cancelled calls were answered all the same.`]
      : []),
    ...(errorAnswers > 0
      ? [
          `${errorAnswers} of ${cancelled} cancelled calls were answered with an error ` +
            `(${printableLine(firstError ?? '', 150)}); the specification wants no answer.`,
        ]
      : []),
    ...(progressAfter > 0 ? [`${progressAfter} reports of progress came after the cancellation.`] : []),
  ];
}

function notJudged(
  working: number | undefined,
  { heard, inFlight, late }: { heard: boolean; inFlight: number; late: boolean },
): string[] {
  return [
    ...(working === undefined
      ? [
          `whether work stops: ${inFlight} calls at once hold up no other, their CPU does not stand out, and this server does ` +
            'not count (the bundled one does)' +
            (late ? '; this machine was too busy for some rounds' : ''),
        ]
      : []),
    ...(heard ? [] : ['late answers: in this era cancelling a call closes the stream that would bring one']),
  ];
}
