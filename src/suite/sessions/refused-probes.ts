import { count, labPart, type LabPart } from './lab-part.js';
import type { SessionWire, WireRequest } from './session-wire.js';
import { describeAnswer, isGood, type WireAnswer } from './wire-answer.js';

/** A request that a server with good manners refuses, or at least survives. */
interface Probe {
  name: string;
  request: WireRequest;
  /** Statuses that the specification asks for or allows. */
  expected: readonly number[];
  /** A stream is as it should be, too. */
  stream?: boolean;
  /** Any answer but a 5xx will do: MCP says nothing of it. */
  anything?: boolean;
  /** A server may hold such a stream without a word. */
  mayHang?: boolean;
  /** What the specification says, for the finding. */
  because: string;
}

/** An id that no server has given out. */
export const strangeId = '00000000-0000-4000-8000-00d1f05e5510';

/**
 * Sends what a server has to refuse (streamable HTTP, 2025-11-25, "Sessions", "Listening for Messages"), and looks whether it
 * still answers afterwards. No answer, a closed connection and 5xx (501 apart, which is HTTP's word for a method that is not
 * known) are faults; other departures are findings.
 *
 * @param session an open one; undefined where the server has none.
 */
export async function refusedProbes(
  wire: SessionWire,
  session: string | undefined,
  stop: AbortSignal,
): Promise<LabPart> {
  const faults: string[] = [];
  const deviations: string[] = [];
  const rows: Record<string, { answer: string; verdict: string }> = {};
  for (const probe of probesOf(wire, session)) {
    if (stop.aborted)
      return labPart({
        faults,
        findings: told(deviations),
        details: rows,
        notJudged: ['refused requests: stopped'],
      });
    const answer = await wire.send(probe.request);
    const verdict = judge(probe, answer);
    const said = describeAnswer(answer);
    rows[probe.name] = { answer: said, verdict };
    if (verdict === 'fault') faults.push(`${probe.name}: ${said}`);
    if (verdict === 'deviation') deviations.push(`${probe.name}: ${said} (${probe.because})`);
  }
  const after = await stillAnswers(wire);
  if (after !== undefined)
    faults.push(`after the refused requests the server does not answer any more: ${after}`);
  return labPart({
    metrics: {
      'refusals.probes': count(Object.keys(rows).length),
      'refusals.deviations': count(deviations.length),
      'refusals.faults': count(faults.length),
    },
    summary: `${Object.keys(rows).length} requests to be refused, ${deviations.length} answered otherwise than specified`,
    faults,
    findings: told(deviations),
    details: rows,
  });
}

function told(deviations: readonly string[]): string[] {
  return deviations.length === 0 ? [] : [`Otherwise than specified: ${deviations.join('; ')}.`];
}

function judge(probe: Probe, answer: WireAnswer): 'as specified' | 'deviation' | 'fault' {
  if (answer.kind === 'none') return answer.how === 'hang' && probe.mayHang === true ? 'deviation' : 'fault';
  const { status, type } = answer;
  if (status >= 500 && status !== 501) return 'fault';
  const stream = status === 200 && type.startsWith('text/event-stream') && probe.request.method === 'GET';
  if (stream) return probe.stream === true ? 'as specified' : 'deviation';
  return probe.anything === true || probe.expected.includes(status) ? 'as specified' : 'deviation';
}

function probesOf(wire: SessionWire, session: string | undefined): Probe[] {
  const withIds = session !== undefined;
  const open = { session };
  const call = () => ({ method: 'POST', message: wire.callMessage() });
  const probes: Probe[] = [
    {
      name: 'GET without a session',
      request: { method: 'GET', headOnly: true },
      expected: [400, 405],
      stream: !withIds,
      because: 'the session id is missing: 400, or 405 where the server has no stream',
    },
    {
      name: 'HEAD',
      request: { method: 'HEAD', ...open },
      expected: [],
      anything: true,
      because: 'MCP says nothing of it',
    },
    {
      name: 'OPTIONS',
      request: { method: 'OPTIONS' },
      expected: [],
      anything: true,
      because: 'MCP says nothing of it',
    },
    {
      name: 'DELETE without a session',
      request: { method: 'DELETE' },
      expected: withIds ? [400, 405] : [400, 404, 405, 501],
      because: 'there is nothing to end: 400, or 405 where clients may not end sessions',
    },
    {
      name: 'POST without Accept',
      request: { ...call(), ...open, headers: { accept: undefined } },
      expected: [200, 400, 406],
      because: 'a client must send it; 406, 400 and a plain answer are all allowed',
    },
    {
      name: 'POST with an unknown session',
      request: { ...call(), session: strangeId },
      expected: withIds ? [404] : [200, 400, 404],
      because:
        'a session that does not exist is answered with 404, by which clients know that they must open a new one',
    },
  ];
  if (!withIds) return probes;
  return [
    ...probes,
    {
      name: 'GET with a session',
      request: { method: 'GET', ...open, headOnly: true },
      expected: [405],
      stream: true,
      mayHang: true,
      because: 'a GET opens a stream or is answered with 405',
    },
    {
      name: 'POST without a session',
      request: call(),
      expected: [400],
      because: 'a server that needs a session id answers 400 where it is missing',
    },
    {
      name: 'DELETE with an unknown session',
      request: { method: 'DELETE', session: strangeId },
      expected: [404, 405],
      because: 'a session that does not exist is answered with 404',
    },
    {
      name: 'POST with a session id of 8,000 characters',
      request: { ...call(), session: 'x'.repeat(8000) },
      expected: [400, 404, 413, 431],
      because: 'such a session does not exist',
    },
  ];
}

/** What came in place of an answer to a call in a new session; undefined where it is answered. */
export async function stillAnswers(wire: SessionWire): Promise<string | undefined> {
  const other = wire.apart();
  try {
    const session = await other.open();
    const answer = await other.call(session);
    if (session !== undefined) await other.end(session);
    return isGood(answer) ? undefined : describeAnswer(answer);
  } catch (error) {
    return (error as Error).message;
  } finally {
    await other.close();
  }
}
