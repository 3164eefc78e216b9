import { parentPort } from 'node:worker_threads';
import { serveLoadThread } from './load-thread.js';
import type { FromWorker, ToWorker } from './channel.js';

const port = parentPort!;
serveLoadThread({
  send: (message: FromWorker) => {
    port.postMessage(message);
  },
  onMessage: (callback: (message: ToWorker) => void) => {
    port.on('message', callback);
  },
});
