import { MemoryBackend, MemoryStore } from './index.js';
import { storeConformance } from './store-conformance.fixture.js';

storeConformance('memory', () => {
  const backend = new MemoryBackend();
  return Promise.resolve({
    handle: () => new MemoryStore(backend),
    shared: true,
    durable: true,
    dispose: () => Promise.resolve(),
  });
});
