import { seededRandom, type JsonObject, type Random } from '../../core/index.js';
import type { ReferenceTool } from './inventory-tools.js';

const reading = ['get', 'list', 'search', 'count', 'export', 'compare', 'preview', 'validate'];
const writing = ['create', 'update', 'archive', 'delete', 'assign', 'approve'];
const nouns = [
  'account', 'appointment', 'budget', 'calendar_event', 'campaign', 'contact', 'contract', 'customer',
  'deployment', 'document', 'employee', 'expense_report', 'feature_flag', 'incident', 'invoice', 'job_posting',
  'lead', 'milestone', 'notification_rule', 'order', 'payment', 'pipeline', 'product_review', 'project',
  'purchase_order', 'refund', 'release', 'shipment', 'subscription', 'support_ticket', 'survey', 'timesheet',
  'translation', 'vendor', 'webhook', 'work_item',
]; // prettier-ignore

/** Fields that tools of the real world have; each makes a schema. */
const fields: readonly [name: string, make: (random: Random) => JsonObject][] = [
  ['id', () => ({ type: 'string', format: 'uuid', description: 'Unique identifier' })],
  ['email', () => ({ type: 'string', format: 'email', description: 'Address of the person in charge' })],
  [
    'created_after',
    () => ({ type: 'string', format: 'date-time', description: 'Only those created after this' }),
  ],
  ['due_date', () => ({ type: 'string', format: 'date' })],
  ['status', () => ({ type: 'string', enum: ['draft', 'open', 'in_review', 'closed', 'archived'] })],
  ['priority', () => ({ type: 'integer', minimum: 1, maximum: 5, default: 3 })],
  [
    'amount',
    () => ({ type: 'number', minimum: 0, maximum: 1_000_000, description: 'In the account currency' }),
  ],
  ['currency', () => ({ type: 'string', enum: ['EUR', 'USD', 'JPY', 'GBP', 'BRL'] })],
  ['page', () => ({ type: 'integer', minimum: 1, maximum: 1000 })],
  [
    'page_size',
    (random) => ({ type: 'integer', minimum: 1, maximum: random.pick([50, 100, 200]), default: 20 }),
  ],
  ['include_archived', () => ({ type: 'boolean', default: false })],
  ['tags', () => ({ type: 'array', items: { type: 'string', minLength: 1, maxLength: 40 }, maxItems: 10 })],
  ['name', () => ({ type: 'string', minLength: 1, maxLength: 120, description: 'Display name' })],
  ['notes', () => ({ type: 'string', maxLength: 2000, description: 'Free text, may be empty' })],
  ['sort_by', () => ({ type: 'string', enum: ['created_at', 'updated_at', 'name', 'priority'] })],
  [
    'address',
    () => ({
      type: 'object',
      properties: {
        street: { type: 'string' },
        city: { type: 'string' },
        postal_code: { type: 'string', maxLength: 12 },
        country: { type: 'string', minLength: 2, maxLength: 2 },
      },
      required: ['city', 'country'],
    }),
  ],
];

/** Tools made up to fill a catalogue: names, descriptions and schemas as real servers have them, the same for a seed. */
export function madeTools(count: number, seed: number): ReferenceTool[] {
  const random = seededRandom(seed).fork('made tools');
  const verbs = [...reading, ...writing];
  const round = verbs.length * nouns.length;
  return Array.from({ length: count }, (_, index) => {
    const at = index % round;
    // Neighbours differ in both words, so that a short catalogue is a varied one.
    const verb = verbs[(at + Math.floor(at / nouns.length)) % verbs.length]!;
    const noun = nouns[at % nouns.length]!;
    const copy = Math.floor(index / round) + 1;
    return madeTool(verb, noun, copy === 1 ? '' : `_v${copy}`, random);
  });
}

function madeTool(verb: string, noun: string, suffix: string, random: Random): ReferenceTool {
  const chosen = new Map<string, JsonObject>();
  const wanted = random.integer(1, 7);
  while (chosen.size < wanted) {
    const [name, make] = random.pick(fields);
    if (!chosen.has(name)) chosen.set(name, make(random));
  }
  const names = [...chosen.keys()];
  const required = names.slice(0, random.integer(0, Math.min(3, names.length)));
  const isReading = reading.includes(verb);
  const words = noun.replaceAll('_', ' ');
  const name = `${verb}_${noun}${suffix}`;
  return {
    definition: {
      name,
      title: `${verb[0]!.toUpperCase()}${verb.slice(1)} ${words}`,
      description:
        `${verb[0]!.toUpperCase()}${verb.slice(1)} ${isReading ? 'matching' : 'one'} ${words} records. ` +
        `Use this when the user asks about ${words}s${names.length > 0 ? ` by ${names.join(', ').replaceAll('_', ' ')}` : ''}.`,
      inputSchema: { type: 'object', properties: Object.fromEntries(chosen), required },
      annotations: {
        readOnlyHint: isReading,
        destructiveHint: verb === 'delete' || verb === 'archive',
        idempotentHint: isReading || verb === 'update',
        openWorldHint: false,
      },
    },
    body: (args) => ({
      content: [{ type: 'text', text: JSON.stringify({ tool: name, given: Object.keys(args).length }) }],
    }),
  };
}
