import type { MetricsCollector } from './metrics-collector.js';

/** What is read of a `ServiceRegistry`; any object with such statistics will do. */
export interface ObservedRegistry {
  statistics(): {
    readonly byState: Readonly<Record<string, number>>;
    readonly byBreaker: Readonly<Record<string, number>>;
    readonly leases: { readonly held: number; readonly silent: number; readonly preserved: number };
    readonly selfPreservation: boolean;
    readonly watchers: number;
    readonly store: { readonly kind: string; readonly away: string | null };
    readonly counts: Readonly<{ [name: string]: number }>;
  };
}

/** Measures a registry at each call of the function that it gives. `name` tells several registries apart. */
export function registryMetrics(
  metrics: MetricsCollector,
  registry: ObservedRegistry,
  name = 'main',
): () => void {
  const gauge = (metric: string, help: string) => {
    metrics.describe(`dyno.registry.${metric}`, { type: 'gauge', help });
  };
  gauge('services', 'Registered services by state.');
  gauge('breakers', "Registered services by the state of this host's circuit breaker.");
  gauge('leases', 'Leases held; of these silent, and kept by self-preservation.');
  gauge('self_preservation', '1 while services do not expire, since most fell silent at once.');
  gauge('store_away', '1 while the store of the registry cannot be reached.');
  gauge('watchers', 'Open watches.');
  metrics.describe('dyno.registry.events', { type: 'counter', help: 'What happened in the registry.' });
  return () => {
    const { byState, byBreaker, leases, selfPreservation, watchers, store, counts } = registry.statistics();
    const set = (metric: string, value: number, labels: Record<string, string> = {}) => {
      metrics.recordMetric(`dyno.registry.${metric}`, value, 'gauge', { registry: name, ...labels });
    };
    for (const [state, count] of Object.entries(byState)) set('services', count, { state });
    for (const [breaker, count] of Object.entries(byBreaker)) set('breakers', count, { breaker });
    set('leases', leases.held, { phase: 'held' });
    set('leases', leases.silent, { phase: 'silent' });
    set('leases', leases.preserved, { phase: 'preserved' });
    set('self_preservation', Number(selfPreservation));
    set('store_away', Number(store.away !== null));
    set('watchers', watchers);
    for (const [event, total] of Object.entries(counts)) {
      metrics.counter('dyno.registry.events', { registry: name, event }).observe(total);
    }
  };
}
