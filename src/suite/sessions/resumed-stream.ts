import { sleep } from '../../core/clock.js';
import { messageOf } from '../../core/errors.js';
import { printableLine } from '../../core/printable.js';
import { SseParser, type SseEvent } from '../../protocol/framing/index.js';
import { figure } from '../figure.js';
import { count, labPart, type LabPart } from './lab-part.js';
import type { SessionWire } from './session-wire.js';
import { messageIn } from './wire-answer.js';

/** Where the server names no time: what clients take, ms. */
const defaultRetryMs = 1000;
/** Nobody waits longer here, ms. */
const mostRetryMs = 5000;
/** How long a second copy of the answer is waited for, ms. */
const secondCopyMs = 150;
const maxEvent = 16 * 1024 * 1024;

/** How one stream that was cut came to its end. */
type Resumption =
  /** There is nothing to resume with. */
  | { kind: 'impossible'; why: string }
  /** The server refused, or did not answer. */
  | { kind: 'refused'; status: number | undefined; why: string }
  /** How often the answer came on the resumed stream, and when for the first time, ms from the cut. */
  | {
      kind: 'resumed';
      copies: number;
      expected: number;
      ms: number | undefined;
      retryMs: number | undefined;
    };

/**
 * Makes calls, cuts each one's stream at its first event that has an id, waits as long as the server's `retry` says, and asks
 * for the rest by GET with Last-Event-ID: did the answer arrive, and exactly once (2025-11-25, "Resumability and Redelivery")?
 */
export async function resumedStreams(
  wire: SessionWire,
  { times, stop }: { times: number; stop: AbortSignal },
): Promise<LabPart> {
  const found: Extract<Resumption, { kind: 'refused' | 'resumed' }>[] = [];
  for (let i = 0; i < times && !stop.aborted; i++) {
    const resumption = await cutAndResume(wire, stop).catch((error: unknown): Resumption => ({
      kind: 'refused',
      status: undefined,
      why: printableLine(messageOf(error)),
    }));
    if (resumption.kind === 'impossible')
      return labPart({ notJudged: [`resumed streams: ${resumption.why}`] });
    found.push(resumption);
  }
  return stop.aborted && found.length < times
    ? labPart({ notJudged: ['resumed streams: stopped'] })
    : partOf(found);
}

function partOf(found: readonly Exclude<Resumption, { kind: 'impossible' }>[]): LabPart {
  const resumed = found.flatMap((one) => (one.kind === 'resumed' ? [one] : []));
  const refused = found.flatMap((one) => (one.kind === 'refused' ? [one] : []));
  const lost = resumed.filter((one) => one.copies < one.expected).length;
  const doubled = resumed.filter((one) => one.copies > one.expected).length;
  const arrived = resumed.length - lost;
  const times = resumed.flatMap((one) => one.ms ?? []).sort((a, b) => a - b);
  const median = times[Math.floor(times.length / 2)];
  const faults: string[] = [];
  const findings: string[] = [];
  const of = `of ${found.length} answers whose stream was cut`;
  if (lost > 0) faults.push(`${lost} ${of} did not arrive when it was resumed`);
  if (doubled > 0) faults.push(`${doubled} ${of} arrived more than once`);
  const bad = refused.find(({ status }) => status === undefined || status >= 500);
  if (bad !== undefined) faults.push(`resuming a stream: ${bad.why}`);
  else if (refused[0] !== undefined)
    findings.push(
      `The server gives event ids, but ${refused.length} ${of} could not be resumed: ${refused[0].why}.`,
    );
  if (arrived > 0 && lost + doubled === 0) {
    const retry = resumed[0]?.retryMs;
    const waited = retry === undefined ? 'it names no retry time' : `retry ${figure(retry)} ms`;
    findings.push(`${arrived} ${of} arrived exactly once after GET with Last-Event-ID (${waited}).`);
  }
  return labPart({
    metrics: {
      'resume.cuts': count(found.length),
      'resume.arrived': count(arrived - doubled),
      'resume.lost': count(lost + refused.length),
      'resume.doubled': count(doubled),
      'resume.time': { value: median ?? null, unit: 'ms' },
    },
    ...(found.length === 0
      ? {}
      : { summary: `${arrived} of ${found.length} cut answers arrived when resumed` }),
    faults,
    findings,
    details: {
      retry_ms: resumed[0]?.retryMs ?? null,
      refused: refused.map(({ why }) => why).slice(0, 3),
      times_ms: times,
    },
  });
}

async function cutAndResume(wire: SessionWire, stop: AbortSignal): Promise<Resumption> {
  const session = await wire.open();
  const message = wire.callMessage();
  const limit = AbortSignal.any([stop, AbortSignal.timeout(wire.patienceMs)]);
  const cut = await cutAtFirstId(wire, { method: 'POST', session, message }, limit);
  if ('why' in cut) return { kind: 'impossible', why: cut.why };
  const cutAt = performance.now();
  const { lastEventId, retryMs } = cut;
  await sleep(Math.min(retryMs ?? defaultRetryMs, mostRetryMs), undefined, stop);
  const late = AbortSignal.any([stop, AbortSignal.timeout(wire.patienceMs)]);
  const headers = { 'last-event-id': lastEventId };
  const answer = await wire.request({ method: 'GET', session, headers }, late);
  if (answer.status !== 200 || !answer.eventStream) {
    answer.cancel();
    return { kind: 'refused', status: answer.status, why: `HTTP ${answer.status} to GET with Last-Event-ID` };
  }
  let copies = 0;
  let ms: number | undefined;
  let enough: NodeJS.Timeout | undefined;
  // Where the event before the cut was the answer, nothing is left to come.
  const expected = cut.answered ? 0 : 1;
  const leave = () => {
    answer.cancel();
  };
  if (expected === 0) enough = setTimeout(leave, secondCopyMs);
  const parser = new SseParser({
    maxBytes: maxEvent,
    onEvent: ({ data }) => {
      if (messageIn(data, message.id) === undefined) return;
      copies++;
      ms ??= performance.now() - cutAt;
      enough ??= setTimeout(leave, secondCopyMs);
    },
  });
  try {
    for await (const piece of answer.body()) parser.push(piece);
  } catch {
    // It was left, or nothing came in time; what counts is what had come by then.
  } finally {
    clearTimeout(enough);
    answer.cancel();
  }
  if (session !== undefined) await wire.end(session);
  return { kind: 'resumed', copies, expected, ms, retryMs };
}

/** Reads a call's stream up to its first event with an id and drops the connection there, as a broken network would. */
async function cutAtFirstId(
  wire: SessionWire,
  request: { method: 'POST'; session: string | undefined; message: { id: number } },
  signal: AbortSignal,
): Promise<{ lastEventId: string; retryMs: number | undefined; answered: boolean } | { why: string }> {
  const answer = await wire.request(request, signal);
  if (answer.status !== 200 || !answer.eventStream) {
    const json = answer.status === 200;
    answer.cancel();
    return {
      why: json
        ? 'calls are answered with JSON, so there is no stream to cut'
        : `a call was answered with HTTP ${answer.status}`,
    };
  }
  let first: SseEvent | undefined;
  let retryMs: number | undefined;
  const parser = new SseParser({
    maxBytes: maxEvent,
    onEvent: (event) => {
      if (first !== undefined) return;
      retryMs = event.retry ?? retryMs;
      if (event.id !== undefined && event.id !== '') first = event;
    },
  });
  for await (const piece of answer.body()) {
    parser.push(piece);
    if (first !== undefined) break;
  }
  answer.cancel();
  if (first?.id === undefined)
    return {
      why: 'the server gives no event ids, so a stream that breaks off cannot be resumed and its answer is lost',
    };
  return {
    lastEventId: first.id,
    retryMs,
    answered: messageIn(first.data, request.message.id) !== undefined,
  };
}
