import type { TableCommand } from './command.js';

const everything = '-- npx -y @modelcontextprotocol/server-everything stdio';

/** The commands that share the option table, in the order of help. */
export const tableCommands: readonly TableCommand[] = [
  {
    name: 'test',
    summary: 'run the suite against a server and give a verdict',
    usage: ['dyno test [URL] [options]', 'dyno test [options] -- COMMAND [ARGS…]'],
    examples: [
      ['dyno test http://127.0.0.1:3000/mcp', 'a running server'],
      ['dyno -- node build/server.js', 'a start command (test is meant)'],
      ['dyno test --only single-tool-latency URL', 'one test'],
      ['PERF_P95_LATENCY_MS=50 dyno test URL', 'a limit of your own'],
    ],
    load: () => import('./test.js'),
  },
  {
    name: 'load',
    summary: 'one free-form load, closed (-c) or open (-R)',
    usage: ['dyno load [URL] [options]', 'dyno load [options] -- COMMAND [ARGS…]'],
    examples: [
      ['dyno load URL -c 32 -d 30s', '32 clients, each waits for its answer'],
      ['dyno load URL -R 500 -c 100 -d 1m', '500 calls/s, come what may'],
      ['dyno load URL --burst 5 --think-time exp:2s', 'as agents do: calls, then a pause'],
    ],
    load: () => import('./load.js'),
  },
  {
    name: 'compare',
    summary: 'is B worse than A: two servers in pairs, or two runs',
    usage: [
      "dyno compare --a 'COMMAND' --b 'COMMAND' [options]",
      'dyno compare A B [options]   A and B: URLs, run ids, run files, latest',
    ],
    examples: [
      ["dyno compare --a 'node old.js' --b 'node new.js'", 'fresh processes, in pairs'],
      ['dyno compare http://127.0.0.1:3000/mcp http://127.0.0.1:3001/mcp', ''],
      ['dyno compare 2026-11-22T23-10-05Z-8f3a latest', 'two stored runs'],
    ],
    load: () => import('./compare.js'),
  },
  {
    name: 'tools',
    summary: 'the catalogue: schemas, bytes, tokens, safety, faults',
    usage: ['dyno tools [URL] [options]', 'dyno tools [options] -- COMMAND [ARGS…]'],
    examples: [
      ['dyno tools http://127.0.0.1:3000/mcp', ''],
      [`dyno tools ${everything}`, ''],
    ],
    load: () => import('./tools.js'),
  },
  {
    name: 'call',
    summary: 'one call: its answer and its time',
    usage: [
      'dyno call [URL] TOOL [JSON|@FILE|name=value…] [options]',
      'dyno call TOOL [JSON|@FILE|name=value…] [options] -- COMMAND [ARGS…]',
    ],
    examples: [
      [`dyno call URL echo '{"message":"hi"}'`, ''],
      ['dyno call echo message=hi -- node build/server.js', ''],
    ],
    load: () => import('./call.js'),
  },
  {
    name: 'doctor',
    summary: 'is this machine fit for a serious run',
    usage: ['dyno doctor [options]'],
    examples: [['dyno doctor', '']],
    load: () => import('./doctor.js'),
  },
];

/** What a command with its own options offers. */
export interface OwnCommand {
  name: string;
  summary: string;
  /** `run` gets what stood after the command's name and prints its own help. */
  load(): Promise<{ run(args: readonly string[]): Promise<void> }>;
}

/** Commands with options of their own. */
export const ownCommands: readonly OwnCommand[] = [
  {
    name: 'serve',
    summary: 'the reference server, with knobs of known truth',
    load: async () => (await import('./serve.js')).serveCommand,
  },
  {
    name: 'proxy',
    summary: 'a bad network between any client and server',
    load: async () => (await import('./proxy.js')).proxyCommand,
  },
  {
    name: 'report',
    summary: 'a stored run again: html, markdown, junit, csv, json',
    load: async () => (await import('./report.js')).reportCommand,
  },
  {
    name: 'history',
    summary: 'stored runs: list, filter, plot a metric, prune',
    load: async () => (await import('./history.js')).historyCommand,
  },
  {
    name: 'baseline',
    summary: 'what later runs are compared with: save, list, show, rm',
    load: async () => (await import('./baseline.js')).baselineCommand,
  },
];

/** Every command name, for nearest matches. */
export const allCommands: readonly string[] = [
  ...tableCommands.map((command) => command.name),
  ...ownCommands.map((command) => command.name),
  'help',
];
