import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../core/clock.js';
import type { JsonObject } from '../../core/json.js';
import { AnswerChecker, inputRequired, outcomeIndex } from '../lanes/answer-checker.js';
import { callTemplates, firstId } from '../lanes/call-template.js';
import { Lane, type OutcomeIndex } from '../lanes/lane.js';
import type { LoadTarget } from '../load-target.js';
import { Asking } from './asking.js';
import { AskRecorder } from './ask-recorder.js';
import { AskTotals } from './ask-totals.js';
import { mostRounds } from './input-rounds.js';

const operation = {
  name: 'tools/call ask',
  method: 'tools/call',
  tool: 'ask',
  weight: 1,
  params: [{ name: 'ask', arguments: { question: 'why?' } }],
};

class FakeLane extends Lane {
  readonly sent: JsonObject[] = [];
  override send(): void {
    const { prefix, suffix } = this.template;
    this.sent.push(JSON.parse(prefix + String(firstId + this.sent.length) + suffix) as JsonObject);
  }
  override expire(): void {
    // Nothing is under way on a wire.
  }
  override destroy(): void {
    // Nor open.
  }
}

function stage(era: LoadTarget['era'], answers?: LoadTarget['answers']) {
  const clock = new FakeClock();
  const recorder = new AskRecorder();
  const target: LoadTarget = {
    kind: 'stdio',
    command: 'x',
    args: [],
    env: {},
    era,
    protocolVersion: era === 'session' ? '2025-11-25' : '2026-07-28',
    ...(answers === undefined ? {} : { answers }),
  };
  const asking = new Asking({ target, recorder, clock, timeoutMs: 1000 });
  const outcomes: OutcomeIndex[] = [];
  const owner = asking.owner({
    settled: (lane, outcome) => {
      lane.busy = false;
      outcomes.push(outcome);
    },
  });
  const [template] = callTemplates(0, operation, target);
  const begin = (): FakeLane => {
    const lane = new FakeLane(0);
    Object.assign(lane, { template, busy: true, sentMs: clock.now(), deadlineMs: clock.now() + 1000 });
    lane.send();
    return lane;
  };
  const answers_: JsonObject[] = [];
  const from = {
    scope: {},
    deliver: (text: string) => {
      answers_.push(JSON.parse(text) as JsonObject);
      return true;
    },
  };
  const totals = () => {
    const all = new AskTotals();
    const delta = recorder.drain();
    if (delta !== undefined) all.add(delta);
    return all;
  };
  return { clock, asking, owner, outcomes, begin, from, answered: answers_, totals };
}

const roots = (count: number) => ({
  delayMs: 0,
  result: { roots: Array.from({ length: count }, () => ({})) },
});

describe('requests of the server', () => {
  it('are answered by the replies in turn, the last one from then on', () => {
    const { asking, from, answered, totals } = stage('session', {
      'roots/list': [roots(1), { delayMs: 0, error: { code: -5, message: 'not now' } }, roots(3)],
    });
    for (let id = 0; id < 5; id++) asking.message({ id, method: 'roots/list' }, from);
    expect(answered.map((answer) => answer['id'])).toEqual([0, 1, 2, 3, 4]);
    expect(answered[1]).toEqual({ jsonrpc: '2.0', id: 1, error: { code: -5, message: 'not now' } });
    const lengths = answered.map(({ result }) => (result as { roots: [] } | undefined)?.roots.length);
    expect(lengths).toEqual([1, undefined, 3, 3, 3]);
    expect(totals().kinds.get('roots')).toMatchObject({ received: 5, answered: 4, refused: 1 });
  });

  it('wait for their delay, each for its own', async () => {
    const { asking, clock, from, answered, totals } = stage('session', {
      'sampling/createMessage': [
        { delayMs: 50, result: { n: 1 } },
        { delayMs: 10, result: { n: 2 } },
      ],
    });
    asking.message({ id: 'a', method: 'sampling/createMessage' }, from);
    asking.message({ id: 'b', method: 'sampling/createMessage' }, from);
    await clock.advance(10);
    expect(answered).toMatchObject([{ id: 'b', result: { n: 2 } }]);
    await clock.advance(40);
    expect(answered[1]).toMatchObject({ id: 'a', result: { n: 1 } });
    const { answerTime } = totals();
    expect([answerTime.count, answerTime.minMs, answerTime.maxMs]).toEqual([2, 10, 50]);
  });

  it('are refused with -32601 where there is no script, but for ping', () => {
    const { asking, from, answered, totals } = stage('session');
    asking.message({ id: 1, method: 'sampling/createMessage' }, from);
    asking.message({ id: 2, method: 'ping' }, from);
    asking.message({ method: 'notifications/message' }, from);
    expect(answered).toMatchObject([
      { id: 1, error: { code: -32601 } },
      { id: 2, result: {} },
    ]);
    expect(answered).toHaveLength(2);
    const { kinds } = totals();
    expect(kinds.get('sampling')).toMatchObject({ received: 1, refused: 1 });
    expect(kinds.get('ping')).toMatchObject({ received: 1, answered: 1 });
  });

  it('that the server takes back are not answered', async () => {
    const { asking, clock, from, answered, totals } = stage('session', {
      'elicitation/create': [{ delayMs: 20, result: { action: 'accept' } }],
    });
    asking.message({ id: 7, method: 'elicitation/create' }, from);
    asking.message({ method: 'notifications/cancelled', params: { requestId: 7 } }, { ...from, scope: {} });
    asking.message({ method: 'notifications/cancelled', params: { requestId: 7 } }, from);
    await clock.advance(100);
    expect(answered).toEqual([]);
    expect(totals().kinds.get('elicitation')).toMatchObject({ received: 1, cancelled: 1, answered: 0 });
  });

  it('whose answer the server did not take are counted so', async () => {
    const { asking, from, totals } = stage('session', { 'roots/list': [roots(0)] });
    asking.message({ id: 1, method: 'roots/list' }, { ...from, deliver: () => Promise.resolve(false) });
    await Promise.resolve();
    expect(totals().kinds.get('roots')).toMatchObject({ received: 1, answered: 0, undelivered: 1 });
  });

  it('tell the time that the server waited for us from its own, overlaps counted once', async () => {
    const { asking, clock, owner, begin, from, totals } = stage('session', {
      'sampling/createMessage': [{ delayMs: 30, result: {} }],
    });
    const lane = begin();
    await clock.advance(5);
    asking.message({ id: 1, method: 'sampling/createMessage' }, { ...from, lane });
    await clock.advance(10);
    asking.message({ id: 2, method: 'sampling/createMessage' }, { ...from, lane });
    await clock.advance(37);
    lane.endMs = clock.now();
    owner.settled(lane, outcomeIndex.ok);
    const asks = totals().operations.get(0)!;
    // 5 ms, then 10 + 30 ms waiting, then 7 ms.
    expect([asks.clientWait.sumMs, asks.serverTime.sumMs]).toEqual([40, 12]);
  });
});

describe('rounds of input', () => {
  const asks = (inputRequests: JsonObject | undefined, requestState?: unknown) =>
    JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      result: { resultType: 'input_required', inputRequests, requestState },
    });
  const script = {
    'roots/list': [roots(2)],
    'sampling/createMessage': [{ delayMs: 40, result: { role: 'assistant' } }],
    'elicitation/create': [{ delayMs: 0, error: { code: -1, message: 'no' } }],
  };
  const settleWith = (lane: FakeLane, text: string, { owner }: ReturnType<typeof stage>) => {
    lane.response = text;
    owner.settled(lane, inputRequired);
  };

  it('are told from complete results by the checker', () => {
    const text = asks({ a: { method: 'roots/list' } });
    expect(new AnswerChecker([operation], [], 'stateless').check(text, 1, 0)).toBe(inputRequired);
    expect(new AnswerChecker([operation], [], 'stateless').check(text, 2, 0)).toBe(outcomeIndex.mismatch);
    expect(new AnswerChecker([operation], [], 'session').check(text, 1, 0)).toBe(outcomeIndex.mismatch);
  });

  it('go on with the same params, the answers by key, and the state as it came', () => {
    const set = stage('stateless', script);
    const lane = set.begin();
    const state = 'sealed:"\\ €\u2028 žluť \ud83d\ude00';
    lane.deadlineMs = 5;
    settleWith(
      lane,
      asks({ where: { method: 'roots/list', params: {} }, __proto__x: { method: 'ping' } }, state),
      set,
    );
    expect(set.outcomes).toEqual([outcomeIndex.mismatch]);
    const again = set.begin();
    settleWith(again, asks({ where: { method: 'roots/list', params: {} } }, state), set);
    expect(again.sent).toHaveLength(2);
    expect(again.sent[1]!['id']).not.toBe(again.sent[0]!['id']);
    expect(again.sent[1]!['params']).toMatchObject({
      name: 'ask',
      arguments: { question: 'why?' },
      inputResponses: { where: { roots: [{}, {}] } },
      requestState: state,
    });
    expect((again.sent[1]!['params'] as JsonObject)['_meta']).toEqual(
      (again.sent[0]!['params'] as JsonObject)['_meta'],
    );
    again.endMs = set.clock.now();
    set.owner.settled(again, outcomeIndex.ok);
    expect(set.totals().operations.get(0)).toMatchObject({ calls: 2, maxRounds: 2 });
  });

  it('wait for the longest delay, and the deadline stays that of the call', async () => {
    const set = stage('stateless', script);
    const lane = set.begin();
    await set.clock.advance(100);
    lane.deadlineMs = 101;
    settleWith(lane, asks({ a: { method: 'roots/list' }, b: { method: 'sampling/createMessage' } }), set);
    await set.clock.advance(39);
    expect(lane.sent).toHaveLength(1);
    await set.clock.advance(1);
    expect(lane.sent).toHaveLength(2);
    expect(lane.deadlineMs).toBe(1000);
    await set.clock.advance(60);
    lane.endMs = set.clock.now();
    set.owner.settled(lane, outcomeIndex.ok);
    const asked = set.totals().operations.get(0)!;
    expect([asked.clientWait.sumMs, asked.serverTime.sumMs]).toEqual([40, 160]);
  });

  it('of a call that was given up meanwhile are not begun', async () => {
    const set = stage('stateless', script);
    const lane = set.begin();
    settleWith(lane, asks({ b: { method: 'sampling/createMessage' } }), set);
    lane.message = 'no answer after 20 ms';
    set.owner.settled(lane, outcomeIndex.timeout);
    expect(lane.message).toContain('was not due yet');
    await set.clock.advance(1000);
    expect(lane.sent).toHaveLength(1);
  });

  it('need no script where there is only a state to bring back', () => {
    const set = stage('stateless');
    const lane = set.begin();
    settleWith(lane, asks(undefined, 'later'), set);
    expect(lane.sent[1]!['params']).toMatchObject({ requestState: 'later' });
    expect(lane.sent[1]!['params']).not.toHaveProperty('inputResponses');
  });

  it('end after so many', () => {
    const set = stage('stateless', script);
    const lane = set.begin();
    for (let round = 0; round < mostRounds; round++)
      settleWith(lane, asks({ a: { method: 'roots/list' } }), set);
    expect(set.outcomes).toEqual([]);
    settleWith(lane, asks({ a: { method: 'roots/list' } }), set);
    expect(set.outcomes).toEqual([outcomeIndex.mismatch]);
    expect(lane.message).toBe(
      'the server asked for input in 16 rounds of one call and asks again; mcp-dyno stops there',
    );
  });

  it.each([
    [
      'what the script refuses',
      asks({ a: { method: 'elicitation/create' } }),
      outcomeIndex.rpc,
      /refuses \(-1: no\)/,
    ],
    ['what there is no script for', asks({ a: { method: 'x/y' } }), outcomeIndex.mismatch, /no script/],
    ['nothing at all', asks(undefined), outcomeIndex.mismatch, /neither/],
    ['input without a method', asks({ a: {} }), outcomeIndex.mismatch, /'a' without a method/],
    [
      'more than can be',
      asks(Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`k${i}`, { method: 'roots/list' }]))),
      outcomeIndex.mismatch,
      /101 inputs/,
    ],
  ])('end the call where the server asks for %s', (_, text, outcome, message) => {
    const set = stage('stateless', script);
    const lane = set.begin();
    settleWith(lane, text, set);
    expect(set.outcomes).toEqual([outcome]);
    expect(lane.message).toMatch(message);
  });
});
