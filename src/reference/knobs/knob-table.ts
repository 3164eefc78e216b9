import { protocolVersions } from '../../protocol/index.js';
import { option, type KnobOption } from './knob-option.js';
import { streamKnobs } from './stream-knobs.js';
import {
  readChoice,
  readDistribution,
  readDrift,
  readDuration,
  readFailShares,
  readScalability,
  readShare,
  readSize,
  readStall,
  readSwing,
  readTlsFiles,
  readWhole,
} from './parse-values.js';

/** Every knob of the reference server. */
export const knobTable: readonly KnobOption[] = [
  option('transport', '--stdio', 'serve over stdin and stdout instead of HTTP', (k) => {
    k.transport = 'stdio';
  }),
  option('transport', '--port <number>', 'port to listen on (default 0: any free one)', (k, text, what) => {
    k.port = readWhole(text, what, 0, 65_535);
  }),
  option('transport', '--host <address>', 'address to listen on (default 127.0.0.1)', (k, text) => {
    k.host = text;
  }),
  option('transport', '--path <path>', 'path of the MCP endpoint (default /mcp)', (k, text) => {
    k.path = text.startsWith('/') ? text : `/${text}`;
  }),
  option('transport', '--answer <form>', 'json, sse or chunked (default json)', (k, text, what) => {
    k.answer = readChoice(text, what, ['json', 'sse', 'chunked']);
  }),
  option('transport', '--no-sessions', 'session era: hand out no session ids', (k) => {
    k.sessions = false;
  }),

  option('transport', '--sse-path <path>', 'serve legacy HTTP+SSE there too', (k, text) => {
    k.ssePath = text.startsWith('/') ? text : `/${text}`;
  }),
  option(
    'transport',
    '--event-store <events>',
    'number SSE events and keep so many for resumption',
    (k, text, what) => {
      k.eventStore = readWhole(text, what, 0, 1_000_000);
    },
  ),
  option(
    'transport',
    '--connection-limit <number>',
    'TCP connections at once; more are closed',
    (k, text, what) => {
      k.connectionLimit = readWhole(text, what, 1, 1_000_000);
    },
  ),
  option(
    'transport',
    '--idle-timeout <duration>',
    'close connections that are unused this long',
    (k, text, what) => {
      k.idleTimeoutMs = readDuration(text, what);
    },
  ),
  option('transport', '--tls <cert,key>', 'serve HTTPS with these PEM files', (k, text, what) => {
    k.tls = readTlsFiles(text, what);
  }),

  option(
    'time',
    '--service-time <duration>',
    'what every call of a tool takes, to 0.1 ms',
    (k, text, what) => {
      k.serviceTimeMs = readDuration(text, what);
    },
  ),
  option(
    'time',
    '--service-distribution <name>',
    'constant, uniform[:SPREAD], exponential, lognormal[:SIGMA] or bimodal:SHARE@TIME; --service-time is the mean',
    (k, text, what) => {
      k.distribution = readDistribution(text, what);
    },
  ),
  option(
    'time',
    '--slow-share <share>',
    'this share of the calls is slow, in a fixed rotation',
    (k, text, what) => {
      k.slowShare = readShare(text, what);
    },
  ),
  option('time', '--slow-time <duration>', 'what a slow call takes', (k, text, what) => {
    k.slowTimeMs = readDuration(text, what);
  }),
  option('time', '--stall <for/every>', 'stand still, such as 500ms/2s', (k, text, what) => {
    k.stall = readStall(text, what);
  }),
  option(
    'time',
    '--drift <by/per>',
    'every call takes longer with time, such as 1ms/10s',
    (k, text, what) => {
      k.drift = readDrift(text, what);
    },
  ),
  option(
    'time',
    '--scalability <law>',
    'LAMBDA,SIGMA,KAPPA[,NOISE]: scale by the Universal Scalability Law, such as 50,0.05,0.0005,2%',
    (k, text, what) => {
      k.scalability = readScalability(text, what);
    },
  ),
  option('time', '--slots <number>', 'calls served at once; the others wait in order', (k, text, what) => {
    k.slots = readWhole(text, what, 1, 1_000_000);
  }),
  option('time', '--spin', 'compute during the service time instead of waiting', (k) => {
    k.spin = true;
  }),
  option(
    'time',
    '--slow-report-time <duration>',
    'what the tool slow_report takes (default 250ms)',
    (k, text, what) => {
      k.slowReportMs = readDuration(text, what);
    },
  ),
  option('time', '--single-threaded-slow-tool', 'nothing else runs while slow_report does', (k) => {
    k.singleThreadedSlowTool = true;
  }),
  option('time', '--seed <number>', 'of service times and made tools (default 1)', (k, text, what) => {
    k.seed = readWhole(text, what, 0, Number.MAX_SAFE_INTEGER);
  }),

  option(
    'outcomes',
    '--fail <shares>',
    'bad outcomes in a fixed rotation, such as tool=5%,rpc=2%: tool rpc schema http throttle garbage wrong-id close hang',
    (k, text, what) => {
      k.fail = readFailShares(text, what);
    },
  ),
  option('outcomes', '--max-in-flight <calls>', 'throttle calls beyond so many at once', (k, text, what) => {
    k.maxInFlight = readWhole(text, what, 1, 1_000_000);
  }),
  option(
    'outcomes',
    '--die-after <calls>',
    'end with code 7 in the middle of the call after these',
    (k, text, what) => {
      k.dieAfter = readWhole(text, what, 0, Number.MAX_SAFE_INTEGER);
    },
  ),
  option('outcomes', '--ignore-cancel', 'go on working on calls that were cancelled', (k) => {
    k.ignoreCancel = true;
  }),
  option('outcomes', '--answer-cancelled', 'answer calls that were cancelled', (k) => {
    k.answerCancelled = true;
  }),
  option('outcomes', '--strict-arguments', 'check arguments against the whole schema', (k) => {
    k.arguments = 'strict';
  }),
  option('outcomes', '--accept-invalid', 'take any arguments', (k) => {
    k.arguments = 'accept';
  }),
  option('outcomes', '--crash-on-invalid', 'end with code 7 on arguments that break the schema', (k) => {
    k.arguments = 'crash';
  }),
  option('outcomes', '--hang-on-invalid', 'never answer arguments that break the schema', (k) => {
    k.arguments = 'hang';
  }),
  option(
    'outcomes',
    '--max-request <size>',
    'refuse larger requests: 413, on stdio the end (default 64MiB)',
    (k, text, what) => {
      k.maxRequestBytes = readSize(text, what);
    },
  ),

  option('memory and sessions', '--keep-bytes <size>', 'kept for ever, per call', (k, text, what) => {
    k.keepBytes = readSize(text, what);
  }),
  option(
    'memory and sessions',
    '--churn-bytes <size>',
    'allocated and dropped, per call',
    (k, text, what) => {
      k.churnBytes = readSize(text, what);
    },
  ),
  option('memory and sessions', '--hold-bytes <size>', 'held while a call is under way', (k, text, what) => {
    k.holdBytes = readSize(text, what);
  }),
  option('memory and sessions', '--ballast <size>', 'held from the start', (k, text, what) => {
    k.ballastBytes = readSize(text, what);
  }),
  option(
    'memory and sessions',
    '--memory-swing <size/period>',
    'held half of the time, such as 200MB/4s',
    (k, text, what) => {
      k.memorySwing = readSwing(text, what);
    },
  ),
  option('memory and sessions', '--leak-fds', 'open a file per call and never close it', (k) => {
    k.leakFds = true;
  }),
  option('memory and sessions', '--leak-sessions', 'sessions survive DELETE', (k) => {
    k.leakSessions = true;
  }),
  option(
    'memory and sessions',
    '--bytes-per-session <size>',
    'held while a session is open',
    (k, text, what) => {
      k.bytesPerSession = readSize(text, what);
    },
  ),
  option(
    'memory and sessions',
    '--leak-bytes-per-session <size>',
    'kept for ever, per session that was opened',
    (k, text, what) => {
      k.leakBytesPerSession = readSize(text, what);
    },
  ),
  option(
    'memory and sessions',
    '--session-limit <number>',
    'sessions at once; more are refused with 503 (default 10000)',
    (k, text, what) => {
      k.sessionLimit = readWhole(text, what, 0, 1_000_000);
    },
  ),
  option(
    'memory and sessions',
    '--session-ttl <duration>',
    'a session unused this long expires (default 30m)',
    (k, text, what) => {
      k.sessionTtlMs = readDuration(text, what);
    },
  ),

  option(
    'catalogue and protocol',
    '--catalogue <number>',
    'made tools beside the real ones',
    (k, text, what) => {
      k.catalogue = readWhole(text, what, 0, 100_000);
    },
  ),
  option(
    'catalogue and protocol',
    '--page-size <number>',
    'items per page of every list',
    (k, text, what) => {
      k.pageSize = readWhole(text, what, 1, 100_000);
    },
  ),
  option(
    'catalogue and protocol',
    '--answer-bytes <size>',
    'pad the text of every answer to this',
    (k, text, what) => {
      k.answerBytes = readSize(text, what);
    },
  ),
  option('catalogue and protocol', '--no-annotations', 'tools without hints', (k) => {
    k.annotations = 'none';
  }),
  option('catalogue and protocol', '--lying-annotations', 'destructive tools claim to be read-only', (k) => {
    k.annotations = 'lying';
  }),
  option('catalogue and protocol', '--interactive', 'add tools that ask the client back', (k) => {
    k.interactive = true;
  }),
  option('catalogue and protocol', '--tasks', 'add long_report, which may run as a task', (k) => {
    k.tasks = true;
  }),
  option(
    'catalogue and protocol',
    '--task-time <duration>',
    'what a task takes (default 300ms)',
    (k, text, what) => {
      k.taskTimeMs = readDuration(text, what);
    },
  ),
  option(
    'catalogue and protocol',
    '--task-poll <duration>',
    'the poll interval that tasks suggest (default 50ms)',
    (k, text, what) => {
      k.taskPollMs = readDuration(text, what);
    },
  ),
  option(
    'catalogue and protocol',
    '--ask-on <way>',
    'interactive tools ask along their call (default), or on the session: its GET stream',
    (k, text, what) => {
      k.askOn = readChoice(text, what, ['call', 'session']);
    },
  ),
  option(
    'catalogue and protocol',
    '--ask-fault <fault>',
    'interactive tools: mixed answers go to another call; hang: a refused call has no answer',
    (k, text, what) => {
      k.askFault = readChoice(text, what, ['none', 'mixed', 'hang']);
    },
  ),
  option(
    'catalogue and protocol',
    '--tick <duration>',
    'the resource dyno://tick changes at each multiple of this on the wall clock',
    (k, text, what) => {
      k.tickMs = readDuration(text, what);
    },
  ),
  ...streamKnobs,
  option(
    'catalogue and protocol',
    '--protocol <version>',
    'both (default), session, stateless, or the one revision to serve',
    (k, text, what) => {
      const choice = readChoice(text, what, ['both', 'session', 'stateless', ...protocolVersions]);
      if (choice === 'both' || choice === 'session' || choice === 'stateless') k.era = choice;
      else {
        k.era = choice === '2026-07-28' ? 'stateless' : 'session';
        k.protocol = choice;
      }
    },
  ),

  option('life', '--start-delay <duration>', 'wait this long before serving', (k, text, what) => {
    k.startDelayMs = readDuration(text, what);
  }),
  option(
    'life',
    '--ignore-stop',
    "ignore the end of stdin and SIGTERM (for at most ten minutes after stdin's end)",
    (k) => {
      k.ignoreStop = true;
    },
  ),
  option('life', '--fork-child', 'start a child process, and leave it behind', (k) => {
    k.forkChild = true;
  }),
  option('life', '--exit-with-stdin', 'over HTTP: end when stdin ends', (k) => {
    k.exitWithStdin = true;
  }),
  option('life', '--stats-file <file>', 'write the counts there when ending', (k, text) => {
    k.statsFile = text;
  }),
];
