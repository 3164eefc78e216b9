import { describe, expect, it } from 'vitest';
import { DynoError, type Json, type JsonObject } from '../../core/index.js';
import { parseGivenArguments, Surroundings } from '../arguments/index.js';
import type { CatalogueTool } from '../catalogue.js';
import type { ScriptedCall, ToolSettings } from '../config/index.js';
import type { CallAnswer, ToolCaller } from './caller.js';
import { planMix, type MixRequest } from './plan-mix.js';
import { runScript } from './script.js';
import { parseSelection } from './selection.js';

const readOnlyHint = { readOnlyHint: true };
const tool = (
  name: string,
  properties: JsonObject = {},
  annotations: CatalogueTool['annotations'] = readOnlyHint,
): CatalogueTool => ({
  name,
  inputSchema: { type: 'object', properties, required: Object.keys(properties) },
  annotations,
});
const text = { type: 'string' };

const ok = (structured: Json = {}): CallAnswer => ({
  ok: true,
  isError: false,
  structured,
  texts: [],
  result: { structuredContent: structured },
  ms: 1,
});
const refused = (message: string): CallAnswer => ({
  ok: true,
  isError: true,
  structured: undefined,
  texts: [message],
  result: {},
  ms: 1,
});

/** A server by a function, with a log of what it was asked. */
function server(
  answer: (tool: string, args: JsonObject, nth: number) => CallAnswer,
): ToolCaller & { log: [string, JsonObject][] } {
  const log: [string, JsonObject][] = [];
  return {
    log,
    call(name, args) {
      log.push([name, args]);
      return Promise.resolve(answer(name, args, log.length));
    },
  };
}

const plan = (tools: CatalogueTool[], caller: ToolCaller | undefined, more: Partial<MixRequest> = {}) =>
  planMix({
    tools,
    era: 'session',
    selection: parseSelection([], '--tool'),
    allow: [],
    allowWrites: false,
    deny: [],
    given: { byTool: new Map(), forAll: undefined },
    settings: new Map(),
    saved: new Map(),
    around: new Surroundings(),
    seed: 1,
    now: 0,
    caller,
    ...more,
  });

async function fault(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof DynoError)) throw error;
    return `${error.exitCode} ${error.message} | ${error.hint ?? ''}`;
  }
  throw new Error('Expected it to throw');
}

describe('the mix', () => {
  it('calls each safe tool once before the load, and nothing else', async () => {
    const caller = server(() => ok());
    const mix = await plan(
      [tool('echo', { message: text }), tool('delete_all'), tool('save', {}, {}), tool('list_items')],
      caller,
    );
    // Tools that need nothing come first.
    expect(caller.log.map(([name]) => name)).toEqual(['list_items', 'echo']);
    expect(mix.operations.map(({ name }) => name)).toEqual(['tools/call list_items', 'tools/call echo']);
    expect(mix.leftOut.map(({ name, reason }) => [name, reason])).toEqual([
      ['delete_all', 'contradictory'],
      ['save', 'destructive'],
    ]);
    expect(mix).toMatchObject({ readOnly: 3, fallback: false });
    expect(mix.operations[1]!.params).toEqual([{ name: 'echo', arguments: mix.used[1]!.args }]);
  });

  it('leaves out a tool that answers isError to everything made, with its message and the way out', async () => {
    const caller = server((name) => (name === 'search_orders' ? refused('customer_id unknown') : ok()));
    const mix = await plan(
      [tool('search_orders', { customer_id: text }), tool('echo', { message: text })],
      caller,
    );
    expect(mix.used.map(({ name }) => name)).toEqual(['echo']);
    expect(mix.leftOut).toEqual([
      {
        name: 'search_orders',
        reason: 'failed',
        why: 'isError: customer_id unknown',
        hint: expect.stringMatching(/^Give it arguments: --args 'search_orders=\{"customer_id":/) as string,
      },
    ]);
    expect(caller.log.filter(([name]) => name === 'search_orders').length).toBeGreaterThanOrEqual(3);
  });

  it('learns from a list what to get', async () => {
    const caller = server((name, args) => {
      if (name === 'list_items') return ok({ items: [{ id: 'ITEM-7' }] });
      return args['id'] === 'ITEM-7' ? ok() : refused('no such item');
    });
    const mix = await plan([tool('get_item', { id: text }), tool('list_items')], caller);
    expect(mix.used.find(({ name }) => name === 'get_item')?.args).toEqual({ id: 'ITEM-7' });
  });

  it('gives a server that fails now and then another chance', async () => {
    const caller = server((_name, _args, nth) => (nth < 3 ? refused('by design') : ok()));
    expect((await plan([tool('ping_it')], caller)).used).toHaveLength(1);
  });

  it('asks a server that does not answer in time only once', async () => {
    const caller = server(() => ({
      ok: false,
      class: 'timeout',
      message: 'no answer within 30 s',
      ms: 30_000,
    }));
    const mix = await plan([tool('slow', { a: text, b: text })], caller);
    expect(caller.log).toHaveLength(1);
    // Nothing else is left to load: a server that answers nothing must not pass by being asked something else.
    expect(mix.used).toMatchObject([{ name: 'slow' }]);
    expect(mix.warnings.join(' ')).toContain('no answer within 30 s');
  });

  it('says which argument is missing where none can be made', async () => {
    const mix = await plan(
      [tool('odd', { since: false })],
      server(() => ok()),
    );
    expect(mix.leftOut[0]).toMatchObject({
      reason: 'no-arguments',
      why: "no value for 'since': the schema allows no value",
      hint: `Give it arguments: --args 'odd={"since":"…"}'`,
    });
  });

  it.each([
    ['session', ['tools/list', 'ping']],
    ['stateless', ['tools/list', 'server/discover']],
  ] as const)('loads lists and pings where no tool can be used (%s era)', async (era, names) => {
    const mix = await plan(
      [tool('save', {}, {})],
      server(() => ok()),
      { era },
    );
    expect(mix.fallback).toBe(true);
    expect(mix.operations.map(({ name }) => name)).toEqual(names);
    expect(mix.leftOut).toHaveLength(1);
  });

  it('calls nothing in a dry run', async () => {
    const mix = await plan([tool('echo', { message: text })], undefined);
    expect(mix.used).toHaveLength(1);
    expect(mix.used[0]).not.toHaveProperty('probeMs');
  });

  it('takes what is named with its weight, and only that', async () => {
    const caller = server(() => ok());
    const tools = [
      tool('echo', { message: text }),
      tool('wipe', {}, { destructiveHint: true }),
      tool('list_items'),
    ];
    const selection = parseSelection(['echo=3', 'wipe', 'ping=2'], '--tool');
    const mix = await plan(tools, caller, { selection });
    expect(mix.operations.map(({ name, weight }) => [name, weight])).toEqual([
      ['tools/call wipe', 1],
      ['tools/call echo', 3],
      ['ping', 2],
    ]);
    expect(mix.leftOut).toMatchObject([{ name: 'list_items', reason: 'not-selected' }]);
  });

  it('fails where a named tool only fails', async () => {
    const selection = parseSelection(['echo'], '--tool');
    expect(
      await fault(() =>
        plan(
          [tool('echo', { message: text })],
          server(() => refused('not today')),
          { selection },
        ),
      ),
    ).toMatch(/^104 No made arguments work for echo: isError: not today \| Give it arguments: --args 'echo=/);
  });
});

describe('given arguments', () => {
  const given = (...values: string[]) => ({ given: parseGivenArguments(values, '--args', '/') });
  const selection = parseSelection(['echo'], '--tool');
  const echo = tool('echo', { message: text });

  it('are used as they are, several sets in turn, and stay in the mix though they fail', async () => {
    const mix = await plan(
      [echo],
      server(() => refused('no')),
      { selection, ...given('[{"message":"a"},{"message":"b"}]') },
    );
    expect(mix.operations[0]!.params.map((set) => set['arguments'])).toEqual([
      { message: 'a' },
      { message: 'b' },
    ]);
    expect(mix.warnings).toEqual(['echo failed in its first call: isError: no']);
  });

  it('fill templates before the run, each set different and of the type that the schema wants', async () => {
    const properties = { message: text, n: { type: 'integer' } };
    const mix = await plan([tool('echo', properties)], undefined, {
      selection,
      ...given('{"message":"{{seq}}","n":"{{seq 10}}"}'),
    });
    const sets = mix.operations[0]!.params.map((set) => set['arguments']);
    expect(sets.slice(0, 2)).toEqual([
      { message: '1', n: 10 },
      { message: '2', n: 11 },
    ]);
    expect(sets).toHaveLength(1000);
  });

  it.each([
    [['{"mesage":"a"}'], /104 Expected --args to fit the schema of echo: message is missing/],
    [['{"message":5}'], /message must be string/],
    [['echo={"message":"a"}', 'ecoh={}'], /no tool 'ecoh' \(--args\).*Did you mean 'echo'/],
    [['{"message":"{{sequence}}"}'], /no template '\{\{sequence\}\}'/],
    [['{"message":"{{pik a b}}"}'], /Did you mean 'pick'/],
    [['{"message":"{{int 9 1}}"}'], /smaller one/],
    [['{"message":"{{saved id}}"}'], /nothing that a setup call kept/],
  ])('are refused: %s', async (values, message) => {
    expect(await fault(() => plan([echo], undefined, { selection, ...given(...values) }))).toMatch(message);
  });

  it.each([
    ['{"a":', /Expected --args to be JSON/],
    ['hello', /JSON, @FILE, TOOL=JSON or TOOL=@FILE, got 'hello'/],
    ['@/no/such/file.json', /Cannot read the arguments file '\/no\/such\/file.json'/],
    ['[]', /an array of them, got \[\]/],
    ['[1]', /a JSON object/],
  ])('are refused before anything is started: %s', async (value, message) => {
    expect(await fault(() => given(value))).toMatch(message);
  });

  it('need to know their tool', async () => {
    expect(await fault(() => plan([echo], undefined, given('{"message":"a"}')))).toMatch(
      /104 --args needs to know for which tool.*--args 'echo=/,
    );
  });

  it('come from the config too, and --args wins over them', async () => {
    const settings = new Map<string, ToolSettings>([
      ['echo', { args: [{ message: 'config' }], weight: 2, allow: false, deny: false }],
    ]);
    const fromConfig = await plan([echo], undefined, { settings });
    expect(fromConfig.used[0]).toMatchObject({ args: { message: 'config' }, argsFrom: 'given', weight: 2 });
    const fromFlag = await plan([echo], undefined, { settings, ...given('echo={"message":"flag"}') });
    expect(fromFlag.used[0]!.args).toEqual({ message: 'flag' });
  });
});

describe('--tool', () => {
  it.each([
    [['echo=0'], /weight.*above 0/],
    [['echo=fast'], /weight.*number above 0, got 'fast'/],
    [['echo', 'echo'], /names 'echo' twice/],
    [['all', 'echo'], /'all' and 'echo' contradict/],
  ])('%s is refused', async (values, message) => {
    expect(await fault(() => parseSelection(values, '--tool'))).toMatch(message);
  });

  it('refuses what the server does not have', async () => {
    expect(
      await fault(() => plan([tool('echo')], undefined, { selection: parseSelection(['ecoh'], '--tool') })),
    ).toMatch(/104 The server has no tool 'ecoh' \(--tool\) \| Did you mean 'echo'/);
    expect(await fault(() => plan([], undefined, { selection: parseSelection(['x'], '--tool') }))).toMatch(
      /It has none/,
    );
  });
});

describe('setup and teardown', () => {
  const call = {
    tool: 'create',
    args: { name: 'n{{seq}}' },
    save: { id: 'structuredContent.item.id' },
    allowError: false,
  };
  const run = (answer: CallAnswer, calls: ScriptedCall[] = [call]) => {
    const saved = new Map<string, Json>();
    const caller = server(() => answer);
    return runScript('setup', calls, { caller, seed: 1, now: 0, saved }).then(() => ({
      saved,
      log: caller.log,
    }));
  };

  it('fills templates and keeps parts of answers', async () => {
    const { saved, log } = await run(ok({ item: { id: 'I-1' } }));
    expect(log).toEqual([['create', { name: 'n1' }]]);
    expect([...saved]).toEqual([['id', 'I-1']]);
  });

  it('keeps parts of a text that is JSON', async () => {
    const answer: CallAnswer = {
      ok: true,
      isError: false,
      structured: undefined,
      texts: ['{"a":[{"b":7}]}'],
      result: {},
      ms: 1,
    };
    expect([...(await run(answer, [{ ...call, save: { b: 'json.a.0.b' } }])).saved]).toEqual([['b', 7]]);
  });

  it('ends the run where a call fails, unless it may', async () => {
    expect(await fault(() => run(refused('exists already')))).toMatch(
      /^99 The setup call create failed: exists already/,
    );
    expect(
      (await run(refused('exists already'), [{ ...call, save: {}, allowError: true }])).log,
    ).toHaveLength(1);
    expect(await fault(() => run(ok({})))).toMatch(/nothing at 'structuredContent.item.id' to save as 'id'/);
  });
});
