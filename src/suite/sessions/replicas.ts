import { rateInterval } from '../../analysis/index.js';
import { messageOf } from '../../core/errors.js';
import { printableLine } from '../../core/printable.js';
import type { TestContext } from '../suite-test.js';
import { labPart, type LabPart } from './lab-part.js';
import { strangeId } from './refused-probes.js';
import { SessionWire } from './session-wire.js';
import { describeAnswer, isGood, isRefusal, type WireAnswer } from './wire-answer.js';

/** Fresh connections at once. */
const atOnce = 8;

/**
 * Uses a session of one instance on a second one that dyno starts: it has to be refused with 404, as by replicas behind a load
 * balancer that does not keep clients to theirs.
 */
export async function foreignReplica(context: TestContext, wire: SessionWire): Promise<LabPart> {
  const what = 'a session on another instance';
  if (!context.bench.startable) {
    return labPart({ notJudged: [`${what}: a target given by its URL is not ours to start twice`] });
  }
  let second;
  try {
    second = await context.bench.fresh();
  } catch (error) {
    return labPart({
      notJudged: [`${what}: no second instance can be started (${printableLine(messageOf(error))})`],
    });
  }
  const { loadTarget } = second;
  if (loadTarget.kind !== 'http') {
    await second.close();
    return labPart({ notJudged: [`${what}: the second instance is not reached over HTTP`] });
  }
  const [operation] = context.operations;
  const there = new SessionWire(loadTarget, { operation, patienceMs: wire.patienceMs });
  try {
    await second.ready();
    const session = await wire.open();
    const foreign = await there.call(session);
    // Whether it takes any id tells whether it knew this one.
    const unknown = isGood(foreign) ? await there.call(strangeId) : undefined;
    if (session !== undefined) await wire.end(session);
    return partOf(foreign, unknown);
  } finally {
    await there.close();
    await second.close();
  }
}

function partOf(foreign: WireAnswer, unknown: WireAnswer | undefined): LabPart {
  const said = describeAnswer(foreign);
  const details = { answer: said };
  if (unknown !== undefined) {
    const finding = isGood(unknown)
      ? 'A second instance answers a session of the first, as it answers any id: session ids are not checked.'
      : 'A second instance knows the sessions of the first: they are kept in common, and replicas need no stickiness.';
    return labPart({ findings: [finding], details });
  }
  if (!isRefusal(foreign)) {
    return labPart({ faults: [`a session of another instance: ${said}, 404 expected`], details });
  }
  const right = foreign.kind === 'answer' && foreign.status === 404;
  const clients = right
    ? 'so clients open a new one there'
    : 'the specification says 404, by which clients know that they must open a new one';
  return labPart({
    findings: [
      `A second instance refuses a session of the first (${said}): ${clients}. Replicas need stickiness.`,
    ],
    details,
  });
}

/**
 * Uses one session over many fresh connections: where some are told that it does not exist, replicas stand behind the URL and
 * nothing keeps a session to its own.
 */
export async function freshConnections(
  wire: SessionWire,
  { connections, stop }: { connections: number; stop: AbortSignal },
): Promise<LabPart> {
  const session = await wire.open();
  let begun = 0;
  let answered = 0;
  let refused = 0;
  let other = 0;
  let sample: string | undefined;
  let strange: string | undefined;
  const worker = async () => {
    while (begun < connections && !stop.aborted) {
      begun++;
      const apart = wire.apart();
      const answer = await apart.call(session);
      await apart.close();
      if (isGood(answer)) answered++;
      else if (isRefusal(answer)) {
        refused++;
        sample ??= describeAnswer(answer);
      } else {
        other++;
        strange ??= describeAnswer(answer);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (session !== undefined) await wire.end(session);
  const done = answered + refused + other;
  if (done === 0) return labPart({ notJudged: ['fresh connections: stopped'] });
  const faults: string[] = [];
  if (refused > 0) {
    const share = ((100 * refused) / done).toFixed(0);
    faults.push(
      `${refused} of ${done} fresh connections with one session (${share} %) were refused (${sample ?? ''}): replicas without ` +
        'stickiness, or sessions that are bound to their connection',
    );
  }
  if (other > 0) faults.push(`${other} of ${done} fresh connections with one session: ${strange ?? ''}`);
  return labPart({
    metrics: {
      'replicas.refused_share': { value: refused / done, unit: 'ratio', ci95: rateInterval(refused, done) },
    },
    faults,
    details: { connections: done, answered, refused, other },
  });
}
