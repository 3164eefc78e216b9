import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DynoError, type JsonObject } from '../../core/index.js';
import { parseGivenArguments, Surroundings } from '../arguments/index.js';
import { planOperations } from './operation-planner.js';
import type { ServerAccess, TriedRequest } from './server-access.js';
import { expandTemplate, variablesOf } from './uri-variables.js';
import { parseOperations } from './wish.js';

const all = {
  tools: {},
  resources: { subscribe: true },
  prompts: {},
  completions: {},
  logging: {},
};

/** A server of lists and a function, with a log of what it was asked. */
function server(
  answer: (method: string, params: JsonObject) => TriedRequest = () => ({ ok: true, result: {} }),
  more: Partial<ServerAccess> = {},
): ServerAccess & { log: string[] } {
  const log: string[] = [];
  return {
    log,
    era: 'session',
    protocolVersion: '2025-11-25',
    capabilities: all,
    resources: () => Promise.resolve(['file:///a.txt', 'file:///b.txt', 'db://x?y=1']),
    templates: () => Promise.resolve(['item://{id}/{+path}', 'shop://{city}']),
    prompts: () =>
      Promise.resolve([
        { name: 'plan', arguments: [{ name: 'city', required: true }, { name: 'note' }] },
        { name: 'plain' },
      ]),
    request: (method, params) => {
      log.push(`${method} ${JSON.stringify(params)}`);
      return Promise.resolve(answer(method, params));
    },
    ...more,
  };
}

const no = (message: string): TriedRequest => ({ ok: false, class: 'rpc', message });

const plan = (wishes: string[], access: ServerAccess, args: string[] = []) =>
  planOperations({
    wishes: parseOperations(wishes, '--operation'),
    server: access,
    given: parseGivenArguments(args, '--args', '/'),
    around: new Surroundings(),
    saved: new Map(),
    seed: 1,
    now: 0,
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

describe('--operation', () => {
  it.each([
    ['ping', { method: 'ping', name: undefined, weight: 1 }],
    [' ping=2 ', { method: 'ping', name: undefined, weight: 2 }],
    [
      'resources/read file:///a b.txt=0.5',
      { method: 'resources/read', name: 'file:///a b.txt', weight: 0.5 },
    ],
    ['resources/read db://x?y=z', { method: 'resources/read', name: 'db://x?y=z', weight: 1 }],
    ['resources/read db://x?y=1', { name: 'db://x?y', weight: 1, unweighted: 'db://x?y=1' }],
    ['tools/call echo=3', { method: 'tools/call', name: 'echo', weight: 3 }],
  ])('reads %j', (text, wish) => {
    expect(parseOperations([text], '--operation')).toMatchObject([wish]);
  });

  it('reads any name and weight that it is written with', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z]+:\/\/[\w/.?&-]*[a-z]$/),
        fc.integer({ min: 1, max: 1000 }),
        (name, weight) => {
          const [wish] = parseOperations([`resources/read ${name}=${weight}`], '--operation');
          expect(wish).toMatchObject({ name, weight });
        },
      ),
    );
  });

  it.each([
    [
      ['resource/read'],
      /^104 Expected --operation to begin with a method.*'resource\/read' \| Did you mean 'resources\/read'/,
    ],
    [['fly'], /\| Methods: tools\/list, /],
    [['ping now'], /Expected nothing after ping in --operation, got 'now'/],
    [['ping=0'], /weight .* above 0/],
    [['ping', 'ping=2'], /names 'ping' twice/],
    [[''], /begin with a method/],
  ])('refuses %j', async (values, message) => {
    expect(await fault(() => parseOperations(values, '--operation'))).toMatch(message);
  });
});

describe('what is planned', () => {
  const params = async (wishes: string[], access: ServerAccess, args: string[] = []) =>
    (await plan(wishes, access, args)).operations.map((one) => [one.name, one.weight, one.params]);

  it('takes one resource, or all in turn, each tried once', async () => {
    const access = server();
    expect(await params(['resources/read file:///a.txt=2', 'resources/read'], access)).toEqual([
      ['resources/read file:///a.txt', 2, [{ uri: 'file:///a.txt' }]],
      ['resources/read', 1, [{ uri: 'file:///a.txt' }, { uri: 'file:///b.txt' }, { uri: 'db://x?y=1' }]],
    ]);
    expect(access.log).toHaveLength(4);
  });

  it('takes a URI that ends like a weight for what is listed', async () => {
    expect(await params(['resources/read db://x?y=1'], server())).toEqual([
      ['resources/read db://x?y=1', 1, [{ uri: 'db://x?y=1' }]],
    ]);
  });

  it('leaves out what cannot be read, and says so', async () => {
    const access = server((_method, { uri }) =>
      uri === 'file:///b.txt' ? no('gone') : { ok: true, result: {} },
    );
    const { operations, warnings } = await plan(['resources/read'], access);
    expect(operations[0]!.params).toHaveLength(2);
    expect(warnings).toEqual([
      'resources/read: 1 of 3 failed at first and are left out, such as {"uri":"file:///b.txt"}: rpc: gone',
    ]);
  });

  it('reads what is not listed where the server has it all the same', async () => {
    expect(await params(['resources/read hidden://1'], server())).toHaveLength(1);
  });

  it('fills a template with what the server completes', async () => {
    const access = server((method) =>
      method === 'completion/complete'
        ? { ok: true, result: { completion: { values: ['Oslo', 'Å'] } } }
        : { ok: true, result: {} },
    );
    expect(await params(['resources/read shop://{city}'], access)).toEqual([
      ['resources/read shop://{city}', 1, [{ uri: 'shop://Oslo' }, { uri: 'shop://%C3%85' }]],
    ]);
  });

  it('unsubscribes as often as it subscribes', async () => {
    expect(await params(['resources/subscribe file:///a.txt=3'], server())).toEqual([
      ['resources/subscribe file:///a.txt', 3, [{ uri: 'file:///a.txt' }]],
      ['resources/unsubscribe file:///a.txt', 3, [{ uri: 'file:///a.txt' }]],
    ]);
  });

  it('gives a prompt made arguments that the server takes, or those that were given', async () => {
    const access = server((method, { arguments: args }) => {
      if (method === 'completion/complete')
        return { ok: true, result: { completion: { values: ['Rome', 'Oslo'] } } };
      return (args as JsonObject)['city'] === 'Oslo' ? { ok: true, result: {} } : no('no such city');
    });
    const made = await plan(['prompts/get plan'], access);
    expect(made.operations[0]!.params).toContainEqual({ name: 'plan', arguments: { city: 'Oslo' } });
    expect(
      await params(['prompts/get plan'], access, ['plan=[{"city":"A"},{"city":"B","note":"c"}]']),
    ).toEqual([
      [
        'prompts/get plan',
        1,
        [
          { name: 'plan', arguments: { city: 'A' } },
          { name: 'plan', arguments: { city: 'B', note: 'c' } },
        ],
      ],
    ]);
  });

  it('completes every argument of prompts and templates', async () => {
    const [[, , sets]] = (await params(['completion/complete'], server())) as [
      [string, number, JsonObject[]],
    ];
    expect(sets.map(({ argument }) => (argument as JsonObject)['name'])).toEqual([
      'city',
      'note',
      'id',
      'path',
      'city',
    ]);
    expect(await params(['completion/complete plan'], server(), ['{"city":"O"}'])).toEqual([
      [
        'completion/complete plan',
        1,
        [{ ref: { type: 'ref/prompt', name: 'plan' }, argument: { name: 'city', value: 'O' } }],
      ],
    ]);
  });

  it('asks for nothing but listings in a dry run', async () => {
    const access = server(undefined, { request: undefined });
    const { operations, warnings } = await plan(
      ['resources/read', 'resources/read other://1', 'prompts/get', 'completion/complete', 'ping'],
      access,
    );
    expect(operations).toHaveLength(5);
    expect(warnings).toEqual([
      "The server does not list the resource 'other://1'; only reading it tells whether it has it.",
    ]);
  });

  const stateless = { era: 'stateless', protocolVersion: '2026-07-28' } as const;
  it.each<[string, ServerAccess, RegExp]>([
    [
      'ping',
      server(undefined, stateless),
      /^104 ping is of the session era, and this server speaks 2026-07-28 \| .*server\/discover/,
    ],
    ['server/discover', server(), /of the stateless era.*\| .*ping instead/],
    ['logging/setLevel', server(undefined, stateless), /logging\/setLevel is of the session era/],
    [
      'prompts/list',
      server(undefined, { capabilities: { tools: {} } }),
      /no capability 'prompts', so prompts\/list cannot be loaded \| It has: tools\./,
    ],
    [
      'resources/subscribe',
      server(undefined, { capabilities: { resources: {} } }),
      /no capability 'resources.subscribe'/,
    ],
    [
      'resources/read file:///aa.txt',
      server(() => no('not found')),
      /no resource 'file:\/\/\/aa.txt' \(rpc: not found\) \| Did you mean 'file:\/\/\/a.txt'/,
    ],
    ['resources/read far://away', server(() => no('not found')), /\| It lists: file:\/\/\/a.txt, /],
    ['resources/read shop://{town}', server(), /no URI template 'shop:\/\/\{town\}'/],
    [
      'resources/read',
      server(() => no('broken')),
      /resources\/read fails for all that it would be loaded with, such as .*broken/,
    ],
    ['resources/read', server(undefined, { resources: () => Promise.resolve([]) }), /lists no resource/],
    ['resources/subscribe file:///c.txt', server(() => no('not found')), /no resource 'file:\/\/\/c.txt'/],
    ['prompts/get plam', server(), /no prompt 'plam' \(--operation\) \| Did you mean 'plan'/],
    [
      'prompts/get plan',
      server(() => no('never')),
      /No made arguments work for prompts\/get plan: rpc: never \| Give it arguments: --args 'plan=/,
    ],
    [
      'completion/complete plain',
      server(),
      /no prompt and no URI template 'plain' with arguments to be completed \| Did you mean 'plan'/,
    ],
    ['logging/setLevel waring', server(), /no log level 'waring' \| Did you mean 'warning'/],
  ])('refuses before the run: %s', async (wish, access, message) => {
    expect(await fault(() => plan([wish], access))).toMatch(message);
  });

  it.each([
    ['prompts/get plan', '{"town":"Oslo"}', /fit the schema of plan: .* \| It takes texts: city, note\?\./],
    ['completion/complete plan', '{"town":"O"}', /plan has no argument 'town' to be completed/],
    ['completion/complete plan', '{"city":5}', /beginning of 'city' in --args to be a text/],
  ])('refuses arguments that do not fit %s', async (wish, args, message) => {
    expect(await fault(() => plan([wish], server(), [args]))).toMatch(message);
  });
});

describe('URI templates', () => {
  it('have variables, and encode what is reserved', () => {
    expect(variablesOf('a://{x}/{+y}')).toEqual(['x', 'y']);
    expect(variablesOf('a://{?x}')).toBeUndefined();
    expect(expandTemplate('a://{x}/{+y}', { x: 'b/c', y: 'd/e f' })).toBe('a://b%2Fc/d/e%20f');
  });
});
