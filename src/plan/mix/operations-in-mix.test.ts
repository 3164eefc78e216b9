import { describe, expect, it } from 'vitest';
import { DynoError, type JsonObject } from '../../core/index.js';
import { parseGivenArguments, Surroundings } from '../arguments/index.js';
import type { CatalogueTool } from '../catalogue.js';
import { parseOperations, type ServerAccess } from '../operations/index.js';
import type { CallAnswer } from './caller.js';
import { planMix, type Mix } from './plan-mix.js';
import { parseSelection } from './selection.js';

const tool = (name: string, more: JsonObject = {}): CatalogueTool => ({
  name,
  inputSchema: { type: 'object' },
  annotations: { readOnlyHint: true },
  ...more,
});
const ok: CallAnswer = { ok: true, isError: false, structured: {}, texts: [], result: {}, ms: 1 };

const server: ServerAccess = {
  era: 'session',
  protocolVersion: '2025-11-25',
  capabilities: { tools: {}, resources: {}, prompts: {} },
  resources: () => Promise.resolve(['file:///a']),
  templates: () => Promise.resolve([]),
  prompts: () => Promise.resolve([{ name: 'echo', arguments: [{ name: 'text', required: true }] }]),
  request: () => Promise.resolve({ ok: true, result: {} }),
};

/** The mix of a server with two safe tools, and the tools that were called to find it. */
async function mixOf(
  operations: string[],
  { tools = [], args = [], more = [] }: { tools?: string[]; args?: string[]; more?: CatalogueTool[] } = {},
): Promise<Mix & { called: string[] }> {
  const called: string[] = [];
  const mix = await planMix({
    tools: [tool('echo'), tool('list'), ...more],
    era: 'session',
    selection: parseSelection(tools, '--tool'),
    allow: [],
    allowWrites: false,
    deny: [],
    given: parseGivenArguments(args, '--args', '/'),
    settings: new Map(),
    saved: new Map(),
    around: new Surroundings(),
    seed: 1,
    now: 0,
    caller: {
      call: (name) => {
        called.push(name);
        return Promise.resolve(ok);
      },
    },
    operations:
      operations.length === 0 ? undefined : { wishes: parseOperations(operations, '--operation'), server },
  });
  return { ...mix, called };
}

const shares = ({ operations }: Mix) => operations.map(({ name, weight }) => [name, weight]);

describe('operations in a mix', () => {
  it('stand alone where no tool is named', async () => {
    const mix = await mixOf(['resources/read=2', 'ping']);
    expect(shares(mix)).toEqual([
      ['resources/read', 2],
      ['ping', 1],
    ]);
    expect(mix).toMatchObject({ called: [], used: [], fallback: false });
  });

  it('stand beside the tools that are named, or every safe one', async () => {
    expect(shares(await mixOf(['ping'], { tools: ['echo=3'] }))).toEqual([
      ['tools/call echo', 3],
      ['ping', 1],
    ]);
    expect(shares(await mixOf(['ping'], { tools: ['all'] })).map(([name]) => name)).toEqual([
      'tools/call echo',
      'tools/call list',
      'ping',
    ]);
  });

  it('may be calls of tools', async () => {
    const mix = await mixOf(['tools/call list=4', 'ping']);
    expect(shares(mix)).toEqual([
      ['tools/call list', 4],
      ['ping', 1],
    ]);
    expect(mix.called).toEqual(['list']);
    expect(shares(await mixOf(['tools/call echo']))).toEqual([['tools/call echo', 1]]);
  });

  it.each<[string[], string[], RegExp]>([
    [['tools/call'], [], /tools\/call needs the name of a tool/],
    [['tools/call echo'], ['echo'], /--operation and --tool both name 'echo'/],
    [['tools/call ecco'], [], /no tool 'ecco'/],
  ])('are refused: %j beside %j', async (operations, tools, message) => {
    await expect(mixOf(operations, { tools })).rejects.toThrow(message);
    await expect(mixOf(operations, { tools })).rejects.toBeInstanceOf(DynoError);
  });

  it('take arguments by their own name where a tool has the same', async () => {
    const args = ['prompts/get echo={"text":"a"}'];
    const mix = await mixOf(['prompts/get echo', 'tools/call echo'], { args });
    expect(mix.operations.map(({ params }) => params[0])).toEqual([
      { name: 'echo', arguments: {} },
      { name: 'echo', arguments: { text: 'a' } },
    ]);
    await expect(mixOf(['ping'], { args })).rejects.toThrow("no tool 'prompts/get echo' (--args)");
  });

  it('leave out a tool that runs only as a task, and call it where it is named', async () => {
    const more = [tool('long', { execution: { taskSupport: 'required' } })];
    const unnamed = await mixOf([], { more });
    expect(unnamed.leftOut).toMatchObject([
      { name: 'long', reason: 'task-only', hint: 'Measure it: dyno test --only tasks --tool long' },
    ]);
    expect(unnamed.called).not.toContain('long');
    const named = await mixOf([], { more, tools: ['long'] });
    expect(shares(named)).toEqual([['tools/call long', 1]]);
    expect(named.warnings).toEqual([
      'long runs only as a task: plain calls of it fail (dyno test --only tasks measures it)',
    ]);
    expect(named.called).toEqual([]);
  });
});
