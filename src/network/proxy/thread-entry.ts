import { parentPort, workerData } from 'node:worker_threads';
import { DynoError, messageOf } from '../../core/index.js';
import { startProxy, type NetworkProxy } from './network-proxy.js';
import type { FromProxyThread, ThreadTask, ToProxyThread } from './thread-messages.js';

const port = parentPort!;
const say = (message: FromProxyThread) => {
  port.postMessage(message);
};

async function act(proxy: NetworkProxy, message: ToProxyThread): Promise<void> {
  const { number } = message;
  switch (message.ask) {
    case 'conditions':
      await proxy.setConditions(message.conditions);
      break;
    case 'upstream':
      await proxy.setUpstream(message.upstream);
      break;
    case 'cut':
      await proxy.cut(message.forMs, message.kind);
      break;
    case 'reset':
      await proxy.resetAll();
      break;
    case 'stats':
      say({ type: 'answer', number, stats: await proxy.stats() });
      return;
    case 'close':
      await proxy.close();
      break;
  }
  say({ type: 'answer', number });
}

try {
  const proxy = await startProxy({
    ...(workerData as ThreadTask),
    onNotice: (sentence) => {
      say({ type: 'notice', sentence });
    },
  });
  port.on('message', (message: ToProxyThread) => {
    void act(proxy, message);
  });
  say({ type: 'listening', address: proxy.address });
} catch (error) {
  const hint = error instanceof DynoError && error.hint !== undefined ? { hint: error.hint } : {};
  say({ type: 'failed', message: messageOf(error), ...hint });
}
