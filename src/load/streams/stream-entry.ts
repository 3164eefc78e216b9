import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parentPort } from 'node:worker_threads';
import { descriptorRoom } from '../../measure/index.js';
import type { FromStreams, ToStreams } from './stream-channel.js';
import { StreamHolder } from './stream-holder.js';
import type { StreamReport } from './stream-report.js';

const port = parentPort!;
const resolutionMs = 10;
const delay = monitorEventLoopDelay({ resolution: resolutionMs });
let holder: StreamHolder | undefined;

const full = (report: Omit<StreamReport, 'loopLagP99Ms'>): StreamReport => ({
  ...report,
  loopLagP99Ms: Math.max(0, delay.percentile(99) / 1e6 - resolutionMs),
});
const say = (message: FromStreams) => {
  port.postMessage(message);
};

port.on('message', (message: ToStreams) => {
  if (message.type === 'hold') {
    holder = new StreamHolder({ ...message.options, roomLeft: descriptorRoom() });
    delay.enable();
  } else if (message.type === 'stop-raising') holder?.stopRaising(message.why);
  else if (message.type === 'look') say({ type: 'report', report: full(holder!.report()) });
  else if (message.type === 'raise') {
    void holder!.raise(message.wanted).then(() => {
      // The burst of opening says nothing of how late events are read afterwards.
      delay.reset();
      say({ type: 'report', report: full(holder!.report()) });
    });
  } else {
    const closing = holder!.close();
    void closing.then((report) => {
      say({ type: 'closed', report: full(report) });
    });
  }
});
