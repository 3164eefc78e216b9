import { backgroundClock, DynoError, type Clock } from '../../core/index.js';
import { renewalsPerLease, type Registration, type ServiceRecord } from './service.js';
import type { ServiceRegistry } from './service-registry.js';

/** A service that keeps itself registered. */
export interface Announcement {
  readonly record: ServiceRecord;
  /** Ends the heartbeats and deregisters; does not fail when the store is away (the lease then runs out). */
  stop(): Promise<void>;
}

/**
 * Registers a service of this process and sends its heartbeats, three in each lease, until stopped. If the registry has
 * lost it, it is registered again.
 *
 * @throws DynoError when the first registration is refused.
 */
export async function announce(
  registry: ServiceRegistry,
  registration: Registration,
  clock: Clock = backgroundClock,
): Promise<Announcement> {
  const record = await registry.registerService(registration);
  let stopped = false;
  let cancel: () => void = () => undefined;
  let beating = Promise.resolve();
  const beat = async () => {
    try {
      await registry.heartbeat(record.id);
    } catch (error) {
      if (!stopped && error instanceof DynoError && error.code === 'unknown-service') {
        await registry.registerService(registration).catch(() => undefined);
      }
    }
  };
  const plan = () => {
    if (record.ttl === 'none' || stopped) return;
    cancel = clock.after(record.ttl / renewalsPerLease, () => {
      beating = beat().then(plan);
    });
  };
  plan();
  return {
    record,
    async stop() {
      if (stopped) return;
      stopped = true;
      cancel();
      await beating;
      await registry.deregister(record.id).catch(() => undefined);
    },
  };
}
