import { sleep } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import { figure } from '../figure.js';
import { count, labPart, type LabPart } from './lab-part.js';
import type { SessionWire } from './session-wire.js';
import {
  describeAnswer,
  isGood,
  isRefusal,
  letsNobodyEnd,
  saysSessionLost,
  type WireAnswer,
} from './wire-answer.js';

/** Calls of the client whose session is ended behind its back, and how many of them are under way at once. */
const calls = 40;
const inFlight = 4;

/** What befell a client whose session ended in the middle of its calls. */
interface Loss {
  /** How the DELETE was answered. */
  ended: WireAnswer;
  /** How the first call on the ended session was answered; undefined where none was refused. */
  refusal: WireAnswer | undefined;
  refused: number;
  /** Calls without an answer in the end: cut off, or refused on the new session as well. */
  lost: number;
  why: string | undefined;
  /** From the first refusal to the first good answer on a new session, ms. */
  recoveryMs: number | undefined;
}

/**
 * A client calls, its session is ended by a DELETE over another connection, and it goes on: opens a new one when it is told
 * that the old one is gone, and makes the refused call again. Counts what it lost. With `idleMs` a session is left unused for
 * so long, too.
 */
export async function expiredSession(
  wire: SessionWire,
  { idleMs, stop }: { idleMs: number; stop: AbortSignal },
): Promise<LabPart> {
  const loss = await loseSession(wire, stop);
  const part = partOf(loss);
  if (idleMs <= 0 || stop.aborted) return part;
  const idle = await leaveUnused(wire, idleMs, stop);
  return {
    ...part,
    findings: [...part.findings, ...idle.findings],
    faults: [...part.faults, ...idle.faults],
    details: { after_delete: part.details, after_idle: idle.details },
  };
}

async function loseSession(wire: SessionWire, stop: AbortSignal): Promise<Loss> {
  const first = await wire.open();
  let session = first;
  let reopening: Promise<void> | undefined;
  let made = 0;
  let ended: WireAnswer | undefined;
  let refusal: WireAnswer | undefined;
  let refusedAt = 0;
  const loss: Omit<Loss, 'ended' | 'refusal'> = {
    refused: 0,
    lost: 0,
    why: undefined,
    recoveryMs: undefined,
  };
  const reopen = async () => {
    session = await wire.open();
  };
  const lose = (why: string) => {
    loss.lost++;
    loss.why ??= why;
  };
  const other = wire.apart();
  const callOnce = async () => {
    const used = session;
    let answer = await wire.call(used);
    if (isGood(answer)) return;
    if (isRefusal(answer)) {
      loss.refused++;
      if (refusal === undefined) refusedAt = performance.now();
      refusal ??= answer;
    }
    if (!saysSessionLost(answer)) {
      lose(describeAnswer(answer));
      return;
    }
    if (session === used) reopening ??= reopen().finally(() => (reopening = undefined));
    try {
      await reopening;
    } catch (error) {
      lose(messageOf(error));
      return;
    }
    answer = await wire.call(session);
    if (isGood(answer)) loss.recoveryMs ??= performance.now() - refusedAt;
    else lose(describeAnswer(answer));
  };
  const worker = async () => {
    while (made < calls && !stop.aborted) {
      const number = ++made;
      if (number === calls / 2 && first !== undefined) ended = await other.end(first);
      await callOnce();
    }
  };
  try {
    await Promise.all(Array.from({ length: inFlight }, worker));
    if (session !== undefined) await wire.end(session);
  } finally {
    await other.close();
  }
  const none: WireAnswer = { kind: 'none', how: 'hang', message: 'the run was stopped before it' };
  return { ended: ended ?? none, refusal, ...loss };
}

function partOf({ ended, refusal, refused, lost, why, recoveryMs }: Loss): LabPart {
  const details = {
    delete: describeAnswer(ended),
    refusal: refusal === undefined ? null : describeAnswer(refusal),
    refused,
    lost,
    lost_by: why ?? null,
    recovery_ms: recoveryMs ?? null,
  };
  if (letsNobodyEnd(ended)) {
    const notJudged = [
      `an ended session: the server lets no client end one (DELETE: ${describeAnswer(ended)})`,
    ];
    return labPart({ details, notJudged });
  }
  const metrics = {
    'expiry.refused': count(refused),
    'expiry.lost': count(lost),
    'expiry.recovery': { value: recoveryMs ?? null, unit: 'ms' },
  };
  const good = ended.kind === 'answer' && ended.status >= 200 && ended.status < 300;
  const faults: string[] = [];
  const findings: string[] = [];
  if (!good) {
    const what = `DELETE of an open session: ${describeAnswer(ended)}`;
    if (ended.kind === 'none' || ended.status >= 500) faults.push(what);
    else findings.push(`${what}; 200 or 204 ends it, 405 says that clients may not.`);
  }
  if (lost > 0)
    findings.push(`${lost} of ${calls} calls were lost when their session ended (${why ?? 'no answer'}).`);
  if (refusal === undefined && good) {
    const what =
      lost > 0 ? `not refused but answered with: ${why ?? 'nothing'}` : 'answered as if nothing had happened';
    faults.push(`calls on a session that was ended with DELETE are ${what}`);
  } else if (refusal !== undefined) {
    if (recoveryMs === undefined && saysSessionLost(refusal))
      faults.push(`a client whose session was ended does not get on with a new one: ${why ?? 'no answer'}`);
    else if (recoveryMs !== undefined) {
      findings.push(
        `A client whose session is ended gets on after ${figure(recoveryMs)} ms: ${refused} calls refused ` +
          `(${describeAnswer(refusal)}), ${lost} lost.`,
      );
    }
    findings.push(...statusFinding(refusal));
  }
  const summary =
    refusal === undefined
      ? {}
      : {
          summary: `calls on an ended session are refused (${describeAnswer(refusal)}), ${lost} of ${calls} lost`,
        };
  return labPart({ metrics, faults, findings, details, ...summary });
}

function statusFinding(refusal: WireAnswer): string[] {
  if (refusal.kind === 'none' || refusal.status === 404) return [];
  return [
    `A call on an ended session: ${describeAnswer(refusal)}; the specification says 404, and a client that knows only that does not open a new one.`,
  ];
}

async function leaveUnused(wire: SessionWire, idleMs: number, stop: AbortSignal): Promise<LabPart> {
  const session = await wire.open();
  await wire.call(session);
  await sleep(idleMs, undefined, stop).catch(() => undefined);
  if (stop.aborted) return labPart({});
  const answer = await wire.call(session);
  const after = `A session left unused for ${figure(idleMs / 1000)} s`;
  const details = { idle_ms: idleMs, answer: describeAnswer(answer) };
  if (isGood(answer)) {
    if (session !== undefined) await wire.end(session);
    return labPart({ findings: [`${after} still answers.`], details });
  }
  if (!saysSessionLost(answer))
    return labPart({ faults: [`${after.toLowerCase()}: ${describeAnswer(answer)}`], details });
  return labPart({
    findings: [`${after} has expired (${describeAnswer(answer)}).`, ...statusFinding(answer)],
    details,
  });
}
