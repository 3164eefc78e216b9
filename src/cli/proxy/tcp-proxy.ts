import { formatBytes, printableLine } from '../../core/index.js';
import {
  Recorder,
  serveControl,
  showAddress,
  startProxy,
  type Address,
  type ControlApi,
  type NetworkConditions,
} from '../../network/index.js';
import { recordedSentence } from './recorded-sentence.js';
import { untilSignal } from './until-signal.js';

/** Runs a proxy until a signal comes; says on stderr where it listens and what passed it. */
export async function runTcpProxy(options: {
  listen: Address;
  upstream: Address;
  conditions: NetworkConditions;
  seed: number;
  /** Where requests are recorded; undefined for nowhere. */
  record: string | undefined;
  /** Port of the control API; undefined for none. */
  api: number | undefined;
}): Promise<void> {
  const { listen, upstream, conditions, seed } = options;
  const say = (line: string) => {
    process.stderr.write(`${printableLine(line, 400)}\n`);
  };
  const stopped = untilSignal();
  const recorder = options.record === undefined ? undefined : new Recorder(options.record, 'http');
  const proxy = await startProxy({
    listen,
    upstream,
    conditions,
    seed,
    onNotice: say,
    ...(recorder === undefined ? {} : { tap: (connection: number) => recorder.tap(connection) }),
  });
  let api: ControlApi | undefined;
  try {
    if (options.api !== undefined) api = await serveControl(proxy, options.api);
    say(`dyno proxy: ${showAddress(proxy.address)} → ${showAddress(upstream)}`);
    if (api !== undefined) say(`control: ${api.url}`);
    await stopped;
    const { connections, bytes } = await proxy.stats();
    say(
      `${connections.total} connections, ${formatBytes(bytes.up)} up, ${formatBytes(bytes.down)} down` +
        `${connections.reset === 0 ? '' : `, ${connections.reset} reset`}`,
    );
  } finally {
    await api?.close();
    await proxy.close();
    if (recorder !== undefined) say(recordedSentence(recorder.close(), options.record!));
  }
}
