import { median, theilSen } from '../../analysis/index.js';
import type { Metrics } from '../../core/run-result.js';
import { callAll, type CalledAll } from '../connections/call-all.js';
import { descriptorRoom } from '../../measure/index.js';
import { processRoom } from '../connections/process-room.js';
import { processesAtOnce } from '../connections/processes-at-once.js';
import { raiseConnections, type RaiseEnd, type Raised } from '../connections/raise-connections.js';
import { sessionsLeft, type SessionEnds } from '../connections/sessions-left.js';
import { figure } from '../figure.js';
import type { SuiteTest, TestContext, TestOutcome } from '../suite-test.js';
import { TargetWatch, type TargetUse } from '../target-watch.js';
import { timesAsMetrics } from '../time-summary.js';

const callTimeoutMs = 30_000;
/** Where processes start slowly, opening them may take so many times the budget: a number cut short decides nothing. */
const stretch = 3;
/** Pipes of a process to this one. */
const fdsPerProcess = 3;

/** More and more sessions held at once: how many, why no more, and whether opening one takes longer and longer. */
export const maxConnections: SuiteTest = {
  id: 'max-connections',
  title: 'How many connections it holds at once',
  tags: ['stress'],
  originalName: 'test_maximum_concurrent_connections',
  explain:
    'Opens sessions one after the other and holds them, each on a connection of its own, until the target refuses three times ' +
    'in a row or the number asked for is reached; then calls on all of them at once, and counts those that answer. Gives the ' +
    'exact number, the reason why it ended there, and by how much opening one takes longer the more are held. All sessions ' +
    'are ended with DELETE, and called afterwards: one that still answers fails the test. In the stateless era held sockets ' +
    'are counted, with a call on each; over stdio processes, as far as memory goes: the first is started alone, then some ' +
    'beside each other, and where a start takes long there is up to three times the budget. Decides ' +
    'PERF_MIN_CONCURRENT_CONNECTIONS.',
  parameters: {
    connections: {
      what: 'connections wanted (HTTP)',
      smoke: 20,
      quick: 200,
      full: 1000,
      min: 1,
      max: 100_000,
    },
    processes: { what: 'processes wanted (stdio)', smoke: 10, quick: 12, full: 50, min: 1, max: 1000 },
    openTimeout: {
      what: 'time that one may take to open, ms',
      smoke: 10_000,
      quick: 10_000,
      full: 30_000,
      min: 1,
      max: 600_000,
    },
    budget: {
      what: 'no further one is opened after this time (three times of it for slow processes), ms',
      smoke: 5000,
      quick: 12_000,
      full: 180_000,
      min: 1,
      max: 86_400_000,
    },
  },
  sharesMachine: true,
  provesSessions: true,
  needs: (parameters, bench) => {
    if (bench.loadTarget.kind === 'stdio') return { fds: fdsPerProcess * Number(parameters['processes']) };
    const connections = Number(parameters['connections']);
    return { fds: connections, ports: connections };
  },
  limitMs: (parameters) =>
    stretch * Number(parameters['budget']) + 3 * Number(parameters['openTimeout']) + callTimeoutMs,
  async run(context) {
    const stdio = context.bench.loadTarget.kind === 'stdio';
    const watch = new TargetWatch();
    watch.start(context.bench.resources([]));
    const raised = await raiseConnections(context.bench, {
      wanted: wantedOf(context),
      timeoutMs: context.number('openTimeout'),
      stop: context.stop,
      budgetMs: context.number('budget'),
      // Processes start slowly, and wait for much: some are started beside each other.
      ...(stdio
        ? { stretch, atOnce: processesAtOnce(), roomLeft: processRoom() }
        : { roomLeft: descriptorRoom() }),
    });
    const called = await callHeld(context, raised);
    const use = await watch.stop();
    const ends = await closeAll(context, raised);
    return outcomeOf(context, raised, called, { use, ends });
  },
};

async function callHeld(context: TestContext, { connections }: Raised): Promise<CalledAll | undefined> {
  if (context.stop.aborted || connections.length === 0) return undefined;
  const sessions = connections.some((connection) => connection.sessionId !== undefined);
  // A session answers pings for nothing; a socket or a process is held for the calls that go over it.
  const operation = sessions ? undefined : context.operations.find((one) => one.tool !== undefined);
  return await callAll(connections, operation, callTimeoutMs);
}

async function closeAll(context: TestContext, { connections }: Raised): Promise<SessionEnds | undefined> {
  const { loadTarget } = context.bench;
  const ids = connections.flatMap((connection) => connection.sessionId ?? []);
  await Promise.all(connections.map((connection) => connection.close()));
  return loadTarget.kind === 'http' && ids.length > 0 ? await sessionsLeft(loadTarget, ids) : undefined;
}

function outcomeOf(
  context: TestContext,
  raised: Raised,
  called: CalledAll | undefined,
  { use, ends }: { use: TargetUse; ends: SessionEnds | undefined },
): TestOutcome {
  const opened = raised.connections.length;
  const held = called?.alive ?? opened;
  const what = heldThings(context);
  const why = endSentence(raised);
  const metrics: Metrics = {
    'capacity.max_connections': { value: held, unit: 'count' },
    ...timesAsMetrics('initialize', raised.openMs),
    ...(called === undefined ? {} : callMetrics(called, opened)),
    ...(ends === undefined ? {} : { 'sessions.left': { value: ends.left, unit: 'count' } }),
    ...use.metrics,
  };
  const fault = faultOf(context, { opened, held, called, ends, what, end: raised.end });
  return {
    metrics,
    ...(called === undefined ? {} : { operations: operationOf(context, raised, called, opened) }),
    finding: `${figure(held)} ${what} held at once: ${why}`,
    notes: [
      ...growthNotes(raised, what),
      ...(raised.setbacks > 0
        ? [`${raised.setbacks} times opening one was refused and then worked after a pause.`]
        : []),
      ...endNotes(ends),
      ...use.notes,
    ],
    notJudged:
      called === undefined && opened > 0 ? ['whether all of them answer at once: stopped before'] : [],
    ...(raised.end.kind === 'refused' ? {} : { lowerBounds: { 'capacity.max_connections': why } }),
    details: {
      connections: { wanted: wantedOf(context), opened, answered: held, ended: raised.end.kind, why },
      ...(ends === undefined
        ? {}
        : {
            sessions: { ...ends },
          }),
    },
    ...fault,
  };
}

function wantedOf(context: TestContext): number {
  return context.number(context.bench.loadTarget.kind === 'stdio' ? 'processes' : 'connections');
}

function heldThings({ bench: { loadTarget } }: TestContext): string {
  if (loadTarget.kind === 'stdio') return 'processes';
  return loadTarget.era === 'stateless' ? 'connections' : 'sessions';
}

function endSentence({ end, openMs, besideMs }: Raised): string {
  switch (end.kind) {
    case 'wanted':
      return 'as many as were asked for, none refused';
    case 'time':
      return `the time for opening more was up (each took ${figure(median([...openMs, ...besideMs]))} ms)`;
    case 'stopped':
      return 'the run was stopped';
    case 'machine':
      return `this machine can hold no more (${end.why})`;
    case 'refused':
      return `the next one was refused (${end.why})`;
  }
}

function callMetrics({ alive, answerMs }: CalledAll, opened: number): Metrics {
  const count = (value: number) => ({ value, unit: 'count' });
  return {
    'calls.total': count(opened),
    'calls.ok': count(alive),
    'calls.failed': count(opened - alive),
    ...timesAsMetrics('latency', answerMs),
  };
}

function operationOf(context: TestContext, { connections }: Raised, called: CalledAll, opened: number) {
  const sessions = connections.some((connection) => connection.sessionId !== undefined);
  const tool = sessions ? undefined : context.operations.find((one) => one.tool !== undefined);
  const ping = context.bench.loadTarget.era === 'session' ? 'ping' : 'server/discover';
  return { [tool?.name ?? ping]: { metrics: callMetrics(called, opened) } };
}

/** What fails the test whatever the thresholds say. */
function faultOf(
  context: TestContext,
  state: {
    opened: number;
    held: number;
    called: CalledAll | undefined;
    ends: SessionEnds | undefined;
    what: string;
    end: RaiseEnd;
  },
): Pick<TestOutcome, 'status' | 'reason'> {
  const { opened, held, called, ends, what, end } = state;
  if (opened === 0 && end.kind === 'refused') {
    return { status: 'error', reason: `not one could be opened: ${end.why}${lastWordsOf(context)}` };
  }
  if (called !== undefined && held === 0) {
    return {
      status: 'error',
      reason: `the target went away: none of ${opened} ${what} answers any more (${called.firstFault})${lastWordsOf(context)}`,
    };
  }
  if (called !== undefined && held < opened) {
    return {
      status: 'fail',
      reason: `${opened} ${what} were opened, but only ${held} of them answer at once (${called.firstFault})`,
    };
  }
  if (ends !== undefined && ends.left > 0) {
    return {
      status: 'fail',
      reason: `${ends.left} of ${opened} sessions still answer after DELETE`,
    };
  }
  return {};
}

function lastWordsOf({ bench }: TestContext): string {
  const said = bench.lastWords().trim().slice(-300);
  return said === '' ? '' : `; its last words on stderr: ${said}`;
}

function endNotes(ends: SessionEnds | undefined): string[] {
  if (ends === undefined) return [];
  const notes: string[] = [];
  if (ends.ended > 0 && ends.left === 0)
    notes.push(`${ends.ended} sessions were ended with DELETE; none of them answers any more.`);
  if (ends.refused > 0) {
    notes.push(
      `The server does not let clients end sessions (DELETE is refused): ${ends.refused} stay until they expire.`,
    );
  }
  if (ends.unknown > 0)
    notes.push(`Whether ${ends.unknown} closed sessions are gone is not known: no clear answer.`);
  return notes;
}

/** Whether opening one takes longer the more are held: the slope, where its interval is above nothing. */
function growthNotes({ openMs, besideMs }: Raised, what: string): string[] {
  if (besideMs.length > 0) {
    const [first = 0] = openMs;
    return [
      `The first took ${figure(first)} ms to open, alone; up to ${processesAtOnce()} beside each other ${figure(median(besideMs))} ms each (median).`,
    ];
  }
  const fifth = Math.floor(openMs.length / 5);
  if (fifth < 3) return [];
  const slope = theilSen(
    openMs.map((_, index) => index),
    openMs,
  );
  const first = figure(median(openMs.slice(0, fifth)));
  const last = figure(median(openMs.slice(-fifth)));
  const ends = `${first} ms at first and ${last} ms at the end (medians)`;
  if (slope?.ci95 == null || slope.ci95[0] <= 0) return [`Opening one took ${ends}: no growth is shown.`];
  const per100 = (value: number) => figure(100 * value);
  return [
    `Opening one took ${ends}: ${per100(slope.slope)} ms longer for each 100 ${what} held ` +
      `(95 %: ${per100(slope.ci95[0])} to ${per100(slope.ci95[1])}).`,
  ];
}
