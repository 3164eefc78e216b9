/** What a validation costs, by level, once the schema is compiled. */
import { ToolValidator } from '../../dist/host/validation/index.js';
import { liveHeap, ratePerSecond, timeEach, us } from './measure.js';

/** A typical tool: a search with a handful of arguments, one of them nested. */
const schema = {
  type: 'object',
  properties: {
    query: { type: 'string', minLength: 1, maxLength: 500 },
    limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    sort: { enum: ['relevance', 'date', 'name'] },
    tags: { type: 'array', items: { type: 'string', pattern: '^[a-z0-9-]+$' }, maxItems: 20 },
    since: { type: 'string', format: 'date' },
    where: {
      type: 'object',
      properties: { city: { type: 'string' }, radius: { type: 'number', exclusiveMinimum: 0 } },
      required: ['city'],
    },
  },
  required: ['query'],
  additionalProperties: false,
};
const good = {
  query: 'stock level of an item',
  limit: 10,
  sort: 'date',
  tags: ['blue', 'large', 'sale-2026'],
  since: '2026-11-22',
  where: { city: 'Oslo', radius: 2.5 },
};
const bad = { ...good, limit: 1000, sort: 'newest' };

export async function bench() {
  const rows = [];
  for (const level of ['basic', 'standard', 'strict', 'paranoid']) {
    const validator = new ToolValidator({ level });
    const perSecond = ratePerSecond(() => validator.validate(schema, good), { count: 100_000 });
    const mean = 1e6 / perSecond;
    rows.push({ what: `typical, valid, ${level}`, bar: '< 5 µs', measured: us(mean), pass: mean < 5 });
  }
  const validator = new ToolValidator({ level: 'strict' });
  const invalid = timeEach(() => validator.validate(schema, bad));
  rows.push({
    what: 'typical, invalid, strict, with errors',
    measured: `p50 ${us(invalid.p50)}, p99 ${us(invalid.p99)}`,
  });
  const repair = timeEach(() => validator.validate(schema, bad).repair(), { rounds: 300, warmup: 50 });
  rows.push({ what: 'and its repair', measured: `p50 ${us(repair.p50)}, p99 ${us(repair.p99)}` });

  const many = Array.from({ length: 1000 }, (_, i) => ({ ...schema, maxProperties: 100 + i }));
  const cold = new ToolValidator({ level: 'strict' });
  const before = liveHeap();
  const compile = timeEach((i) => cold.validate(many[i % 1000], good), { rounds: 1000, warmup: 0 });
  const perSchema = (liveHeap() - before) / 1000 / 1024;
  rows.push({
    what: 'first use of a schema (compiled)',
    measured: `p50 ${us(compile.p50)}, p99 ${us(compile.p99)}`,
  });
  rows.push({ what: 'memory of a compiled schema', measured: `${perSchema.toFixed(0)} KiB` });
  return { rows };
}
