import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answers, checkQuery, type ServiceQuery } from './query.js';
import { ServiceIndex } from './service-index.js';
import { serviceStates, serviceTypes, type ServiceRecord } from './service.js';

const few = (prefix: string) =>
  fc
    .uniqueArray(fc.integer({ min: 0, max: 5 }), { maxLength: 4 })
    .map((ns) => ns.map((n) => `${prefix}${n}`));

const record = fc.record({
  id: fc.integer({ min: 0, max: 15 }).map((n) => `id${n}`),
  name: fc.integer({ min: 0, max: 4 }).map((n) => `name${n}`),
  type: fc.constantFrom(...serviceTypes.slice(0, 3)),
  version: fc.constantFrom('1.0.0', '1.5.2', '2.0.0-rc.1', 'odd'),
  endpoint: fc.constant('http://h/'),
  capabilities: few('c'),
  tags: few('t'),
  metadata: fc.constant({}),
  ttl: fc.constant(1000),
  state: fc.constantFrom(...serviceStates.slice(0, 4)),
  registeredAt: fc.constant(0),
  updatedAt: fc.constant(0),
  revision: fc.nat(),
  breaker: fc.constant('closed' as const),
});

const step = fc.oneof(
  { weight: 3, arbitrary: record.map((value) => ({ put: value as ServiceRecord })) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 15 }).map((n) => ({ remove: `id${n}` })) },
);

const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const query: fc.Arbitrary<ServiceQuery> = fc
  .record({
    name: optional(fc.constantFrom('name0', 'name1', 'nobody')),
    type: optional(fc.subarray(serviceTypes.slice(0, 3), { minLength: 1 })),
    tags: optional(few('t')),
    capabilities: optional(few('c')),
    version: optional(fc.constantFrom('*', '^1', '>=1.5', '2.x')),
    states: optional(fc.subarray(serviceStates.slice(0, 4))),
    healthyOnly: fc.boolean(),
    limit: optional(fc.integer({ min: 1, max: 5 })),
  })
  .map((given) => (given.healthyOnly ? { ...given, states: undefined } : given));

describe('the index', () => {
  it('finds after any history what a scan of everything finds', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.array(query, { minLength: 5, maxLength: 10 }),
        (steps, queries) => {
          const index = new ServiceIndex();
          const all = new Map<string, ServiceRecord>();
          for (const change of steps) {
            if ('put' in change) {
              index.put(change.put);
              all.set(change.put.id, change.put);
            } else {
              expect(index.remove(change.remove)).toBe(all.get(change.remove));
              all.delete(change.remove);
            }
          }
          expect(index.size).toBe(all.size);
          for (const asked of queries) {
            const checked = checkQuery(asked);
            const found = index.find(checked);
            const expected = [...all.values()].filter((one) => answers(one, checked));
            if (checked.limit === Infinity) expect(new Set(found)).toEqual(new Set(expected));
            expect(found).toHaveLength(Math.min(expected.length, checked.limit));
            for (const one of found) expect(expected).toContain(one);
          }
          for (const id of all.keys()) index.remove(id);
          expect(index.keys).toEqual({ names: 0, tags: 0, capabilities: 0 });
        },
      ),
      { numRuns: 300 },
    );
  });
});
