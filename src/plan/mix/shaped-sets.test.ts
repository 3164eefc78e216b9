import { expect, it } from 'vitest';
import { DynoError, seededRandom, unreachableError, type JsonObject } from '../../core/index.js';
import { Surroundings } from '../arguments/index.js';
import type { CatalogueTool } from '../catalogue.js';
import type { CallAnswer, ToolCaller } from './caller.js';
import { shapedSets, type DataWish } from './shaped-sets.js';

const tool: CatalogueTool = {
  name: 'look_up',
  inputSchema: { type: 'object', properties: { word: { type: 'string', minLength: 1 } }, required: ['word'] },
};
const fine: CallAnswer = { ok: true, isError: false, structured: undefined, texts: [], result: {}, ms: 1 };
const isError: CallAnswer = { ...fine, isError: true, texts: ['no such word'] };

function setsOf(wish: Partial<DataWish>, call: (args: JsonObject) => CallAnswer) {
  const caller: ToolCaller = { call: (_, args) => Promise.resolve().then(() => call(args)) };
  const around = { around: new Surroundings(), random: seededRandom(1), caller };
  return shapedSets(tool, { word: 'lamp' }, { shape: 'unicode', bytes: 10_000, ...wish }, around);
}

it('leaves out what the server refuses though its schema allows it, and says so', async () => {
  const { sets, warnings } = await setsOf({}, ({ word }) =>
    String(word).includes('\u0000') ? isError : fine,
  );
  expect(sets).toHaveLength(9);
  expect(warnings).toEqual([
    'look_up refused 1 of 10 sets of made data that its schema allows, left out (first unicode: NUL and control characters: no such word)',
  ]);
});

it('keeps the plain arguments where all of it is refused', async () => {
  const { sets, warnings } = await setsOf({}, () => isError);
  expect(sets).toBeUndefined();
  expect(warnings[0]).toMatch(/^look_up refused 10 of 10 .*; its plain arguments are used$/);
});

it('keeps what is answered badly: that is the fault of the server', async () => {
  const { sets, warnings } = await setsOf({}, () => ({
    ok: false,
    class: 'parse',
    message: 'not JSON',
    ms: 1,
  }));
  expect(sets).toHaveLength(10);
  expect(warnings).toEqual([]);
});

it('stops trying where that takes too long', async () => {
  let calls = 0;
  const { sets } = await setsOf({}, () => ({ ...fine, ms: 3000 * ++calls }));
  expect(calls).toBe(2);
  expect(sets).toHaveLength(10);
});

it.each<[string, () => CallAnswer]>([
  ['HTTP 413', () => ({ ok: false, class: 'http', message: 'HTTP 413', ms: 1 })],
  [
    'the connection was closed',
    () => ({ ok: false, class: 'transport', message: 'the connection was closed', ms: 1 }),
  ],
  ['request too large', () => ({ ok: false, class: 'rpc', message: 'request too large', ms: 1 })],
  [
    'The connection ended in the call',
    () => {
      throw unreachableError('The connection ended in the call');
    },
  ],
])('says how large arguments were and what the server answered: %s', async (said, call) => {
  const failed = setsOf({ shape: 'large', bytes: 5000 }, call);
  await expect(failed).rejects.toThrow(DynoError);
  await expect(failed).rejects.toMatchObject({
    message: `The server does not take 5000 bytes of arguments for look_up: ${said}`,
    exitCode: 104,
  });
});

it('tries nothing of what is to be refused, and says what is wrong with each', async () => {
  let calls = 0;
  const { sets, expect: expected } = await setsOf({ shape: 'invalid' }, () => {
    calls++;
    return fine;
  });
  expect(calls).toBe(0);
  expect(expected!.violations).toHaveLength(sets!.length);
  expect(sets![expected!.violations.indexOf('word missing')]).toEqual({});
});
