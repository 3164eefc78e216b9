import { messageOf } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import { WireError, type McpConnection } from '../../protocol/index.js';
import type { AskingCall } from './asking-calls.js';
import { marksIn, type StandIn } from './stand-in.js';

/** A call and how it went. */
interface Made {
  call: AskingCall;
  mark: string | undefined;
  ms: number;
  text?: string;
  failure?: { hung: boolean; message: string };
}

/** What calls that ask came to, made at once. */
export interface Together {
  calls: number;
  /** Whose results show the answers that were meant for them. */
  verified: number;
  /** Whose results show an answer that was meant for another call. */
  mixed: number;
  /** Which were not answered in time. */
  hung: number;
  /** Which failed in another way. */
  failed: number;
  failure: string | undefined;
  /** Of calls that came out well, ms. */
  times: number[];
}

/** Calls of the same tools on several connections at once, a round after the other. */
export async function together(
  calls: readonly AskingCall[],
  clients: readonly { connection: McpConnection; client: StandIn }[],
  {
    inFlight,
    rounds,
    timeoutMs,
    stop,
  }: { inFlight: number; rounds: number; timeoutMs: number; stop: AbortSignal },
): Promise<Together> {
  const made: { by: StandIn; all: Made[] }[] = clients.map(({ client }) => ({ by: client, all: [] }));
  for (let round = 0; round < rounds && !stop.aborted; round++) {
    const under = Array.from({ length: inFlight }, async (_, index) => {
      const { connection, client } = clients[index % clients.length]!;
      const call = calls[(index + round) % calls.length]!;
      made[index % clients.length]!.all.push(await make(call, connection, client, timeoutMs));
    });
    await Promise.all(under);
  }
  const all = made.flatMap((each) => each.all);
  const failures = all.flatMap(({ failure }) => failure ?? []);
  const judged = made.map(({ by, all: own }) => judge(own, by));
  return {
    calls: all.length,
    verified: judged.reduce((sum, { verified }) => sum + verified, 0),
    mixed: judged.reduce((sum, { mixed }) => sum + mixed, 0),
    hung: failures.filter(({ hung }) => hung).length,
    failed: failures.filter(({ hung }) => !hung).length,
    failure: failures[0]?.message,
    times: all.filter(({ failure }) => failure === undefined).map(({ ms }) => ms),
  };
}

/** One call; never rejects. */
export async function make(
  call: AskingCall,
  connection: McpConnection,
  client: StandIn,
  timeoutMs: number,
): Promise<Made> {
  const mark = call.carries === undefined ? undefined : client.callMark();
  const args: JsonObject = mark === undefined ? call.args : { ...call.args, [call.carries!]: mark };
  const began = performance.now();
  const done = () => performance.now() - began;
  try {
    const result = await connection.callTool(call.tool, args, { timeoutMs });
    const text = JSON.stringify(result);
    if (result.isError !== true) return { call, mark, ms: done(), text };
    const [first] = result.content;
    return { call, mark, ms: done(), failure: { hung: false, message: first?.text ?? 'isError' } };
  } catch (error) {
    const hung = error instanceof WireError && error.outcome === 'timeout';
    return { call, mark, ms: done(), failure: { hung, message: messageOf(error) } };
  }
}

/**
 * Where the answers went. Roots are left out: servers may keep them, and show one answer to many calls, as it is the same for
 * all of them.
 */
export function judge(
  made: readonly Made[],
  client: Pick<StandIn, 'answered'>,
): { verified: number; mixed: number } {
  const owners = new Map<string, string[]>();
  for (const { method, asked, mark } of client.answered) {
    if (method !== 'roots/list') owners.set(mark, marksIn(asked));
  }
  const shownBy = new Map<string, number>();
  let verified = 0;
  let mixed = 0;
  for (const { text, mark } of made) {
    if (text === undefined) continue;
    const shown = marksIn(text).filter((each) => owners.has(each));
    if (shown.length === 0) continue;
    // Where the question does not tell whose it was, an answer may still be shown by one call only.
    const wrong = shown.some((each) => {
      const owner = owners.get(each)!;
      return mark === undefined || owner.length === 0 ? shownBy.has(each) : !owner.includes(mark);
    });
    for (const each of shown) shownBy.set(each, (shownBy.get(each) ?? 0) + 1);
    if (wrong) mixed++;
    else verified++;
  }
  return { verified, mixed };
}
