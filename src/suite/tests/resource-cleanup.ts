import { setTimeout as wait } from 'node:timers/promises';
import type { Bench, OpenedBench } from '../bench.js';
import { grownBy, heldBy, type Held } from '../cleanup/held-by-target.js';
import { leftByStop, type LeftBy, type Leftover } from '../cleanup/leftover.js';
import { ScratchFolder } from '../cleanup/scratch-folder.js';
import { callAll } from '../connections/call-all.js';
import { processesAtOnce } from '../connections/processes-at-once.js';
import { raiseConnections, type Raised } from '../connections/raise-connections.js';
import { sessionsLeft, type SessionEnds } from '../connections/sessions-left.js';
import type { McpConnection } from '../../protocol/index.js';
import type { SuiteTest, TestContext, TestOutcome } from '../suite-test.js';

const callTimeoutMs = 10_000;
/** So long a target may take to let go of closed connections, ms. */
const settleMs = 2000;

/** What is left of connections, sessions, processes and files when they should be gone. */
export const resourceCleanup: SuiteTest = {
  id: 'resource-cleanup',
  title: 'What is left behind',
  tags: ['cleanup'],
  explain:
    'Opens connections (over stdio, processes), makes a call on each, and closes them. Then sessions must refuse further ' +
    'calls, the target must hold no more descriptors and child processes than before, its processes must have ended with ' +
    'their input or at SIGTERM and left no process and no temporary file behind, and dyno itself must hold no connection. ' +
    'It also judges what every other test of the run left. What is left is named, and removed where it was started by dyno.',
  parameters: {
    connections: {
      what: 'connections that are opened and closed',
      smoke: 5,
      quick: 20,
      full: 100,
      min: 1,
      max: 10_000,
    },
    processes: {
      what: 'the same over stdio, where each is a process',
      smoke: 2,
      quick: 3,
      full: 10,
      min: 1,
      max: 1000,
    },
    budget: {
      what: 'time for opening them at most, ms',
      smoke: 4000,
      quick: 10_000,
      full: 60_000,
      min: 1,
      max: 3_600_000,
    },
  },
  sharesMachine: true,
  provesSessions: true,
  limitMs: (parameters) => 2 * Number(parameters['budget']) + 2 * callTimeoutMs + settleMs,
  needs: (parameters, bench) => {
    const stdio = bench.loadTarget.kind === 'stdio';
    return stdio
      ? { fds: 3 * Number(parameters['processes']) }
      : { fds: Number(parameters['connections']), ports: Number(parameters['connections']) };
  },
  run: (context) => (context.bench.loadTarget.kind === 'stdio' ? overStdio(context) : overHttp(context)),
};

async function overHttp(context: TestContext): Promise<TestOutcome> {
  const { bench } = context;
  const wanted = context.number('connections');
  // What a target opens once and keeps, it opens in the first round.
  await round(context, bench, Math.min(wanted, 3));
  const before = heldBy(bench.resources([]));
  const done = await round(context, bench, wanted);
  const left: Leftover[] = [];
  const unseen =
    before === undefined ? ['what the target itself still holds: its process cannot be seen'] : [];
  if (before !== undefined) left.push(...(await grownSince(before, bench, done.opened)));
  const { loadTarget } = bench;
  const ends =
    loadTarget.kind === 'http' && done.sessions.length > 0
      ? await sessionsLeft(loadTarget, done.sessions)
      : undefined;
  if (ends !== undefined) left.push(...leftOfSessions(ends));
  return outcomeOf(context, done, left, unseen);
}

async function overStdio(context: TestContext): Promise<TestOutcome> {
  const scratch = new ScratchFolder();
  let files: Leftover[] = [];
  let opened: OpenedBench | undefined;
  try {
    // The bundled server has no environment of ours; where the command is given, its files are told apart.
    opened = await context.bench.fresh(scratch.env);
    // The process that it was explored in is one of them.
    const done = await round(context, opened, context.number('processes'), opened.connection);
    await opened.close();
    const left = opened.stops.flatMap((report) => leftByStop(report, true));
    files = scratch.close(done.opened + 1);
    return outcomeOf(context, done, [...left, ...files], []);
  } finally {
    await opened?.close();
    scratch.close(1);
  }
}

/** How a round of opening, calling and closing went. */
interface Round {
  opened: number;
  answered: number;
  sessions: string[];
  end: Raised['end'];
}

async function round(
  context: TestContext,
  bench: Bench,
  wanted: number,
  ...open: McpConnection[]
): Promise<Round> {
  const raised = await raiseConnections(bench, {
    wanted: wanted - open.length,
    budgetMs: context.number('budget'),
    timeoutMs: callTimeoutMs,
    stop: context.stop,
    ...(bench.loadTarget.kind === 'stdio' ? { atOnce: processesAtOnce() } : {}),
  });
  const { end } = raised;
  const connections = [...open, ...raised.connections];
  const operation = context.operations.find((one) => one.tool !== undefined);
  const { alive } = await callAll(connections, operation, callTimeoutMs);
  const sessions = connections.flatMap((connection) => connection.sessionId ?? []);
  await Promise.all(connections.map((connection) => connection.close()));
  return { opened: connections.length, answered: alive, sessions, end };
}

async function grownSince(before: Held, bench: Bench, connections: number): Promise<Leftover[]> {
  const deadline = performance.now() + settleMs;
  for (;;) {
    const now = heldBy(bench.resources([]));
    const grown = now === undefined ? [] : grownBy(before, now, connections);
    if (grown.length === 0 || performance.now() > deadline) return grown;
    await wait(50);
  }
}

function leftOfSessions({ left, refused, unknown }: SessionEnds): Leftover[] {
  const found: Leftover[] = [];
  if (left > 0)
    found.push({ kind: 'fault', what: `${left} sessions still answer although their DELETE was accepted` });
  if (refused > 0)
    found.push({
      kind: 'note',
      what: `${refused} sessions live on: the target does not let clients end them`,
    });
  if (unknown > 0)
    found.push({ kind: 'note', what: `of ${unknown} sessions it is not known whether they ended` });
  return found;
}

function outcomeOf(context: TestContext, done: Round, own: Leftover[], unseen: string[]): TestOutcome {
  const all: LeftBy[] = [...context.earlier, ...own.map((left) => ({ ...left, test: '' }))];
  const named = [...new Map(all.map((left) => [keyOf(left), left])).values()];
  const bad = named.filter(({ kind }) => kind !== 'note');
  const notes = named.map(({ what, test }) => `${test === '' ? 'Left' : `Left by ${test}`}: ${what}.`);
  const things = context.bench.loadTarget.kind === 'stdio' ? 'processes' : 'connections';
  const measured: TestOutcome = {
    metrics: {
      'calls.total': { value: done.opened, unit: 'count' },
      'calls.ok': { value: done.answered, unit: 'count' },
      'cleanup.left': { value: bad.length, unit: 'count' },
    },
    notes,
    notJudged: unseen,
  };
  const [first] = bad;
  if (first !== undefined) {
    const more = bad.length > 1 ? `, and ${bad.length - 1} more` : '';
    return { ...measured, status: 'fail', reason: `${first.what}${more}` };
  }
  if (done.opened === 0 && done.end.kind === 'refused')
    return { ...measured, status: 'error', reason: `no connection could be opened: ${done.end.why}` };
  return {
    ...measured,
    finding: `${done.opened} ${things} were opened and closed, and nothing is left of them`,
  };
}

/** The same fault of many processes is told once. */
function keyOf({ kind, what }: Leftover): string {
  return `${kind} ${what.replace(/^process \d+/, 'process')}`;
}
