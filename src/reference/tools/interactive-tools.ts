import type { JsonObject } from '../../core/index.js';
import type { CallContext, McpServer, ToolDefinition } from '../../protocol/index.js';
import type { Truth } from '../counting/truth.js';
import { Asker, type AskFault } from './asker.js';

const annotations = { readOnlyHint: true, openWorldHint: false };

/** What each tool asks the client, and what it makes of the answer. */
const questions: readonly {
  name: string;
  description: string;
  method: string;
  params: JsonObject;
  read: (answer: JsonObject) => string;
}[] = [
  {
    name: 'count_roots',
    description: 'Asks the client for its roots and counts them.',
    method: 'roots/list',
    params: {},
    read: ({ roots }) => `${Array.isArray(roots) ? roots.length : 0} roots`,
  },
  {
    name: 'summarise_stock',
    description: "Asks the client's model for a summary of the stock.",
    method: 'sampling/createMessage',
    params: sampling('Summarise: 200 items in 5 warehouses.'),
    read: ({ content }) => JSON.stringify(content ?? null),
  },
  {
    name: 'confirm_order',
    description: 'Asks the user to confirm an order.',
    method: 'elicitation/create',
    params: {
      message: 'Order 40 hex bolts?',
      requestedSchema: {
        type: 'object',
        properties: { confirm: { type: 'boolean' } },
        required: ['confirm'],
      },
    },
    read: ({ action }) => `the user chose to ${String(action)}`,
  },
];

function sampling(question: string): JsonObject {
  return { messages: [{ role: 'user', content: { type: 'text', text: question } }], maxTokens: 100 };
}

/** Tools that cannot answer without the client: roots, sampling, elicitation; and one that tells of its progress. */
export function addInteractiveTools(server: McpServer, truth: Truth, fault: AskFault): void {
  const asker = new Asker(truth, fault);
  // In the stateless era a handler runs once per round, so a call is counted when it comes to its end.
  const counted = (name: string) => {
    truth.arrived(name, 'ok', false);
    truth.answered(0, 0);
  };
  for (const { name, description, method, params, read } of questions) {
    server.tool({ name, description, annotations }, async (_args: JsonObject, call: CallContext) => {
      const answer = await asker.ask(call, method, params);
      counted(name);
      return read(answer);
    });
  }
  server.tool(askModel, async ({ question, times = 1 }, call) => {
    const answers: JsonObject[] = [];
    for (let i = 0; i < Number(times); i++) {
      answers.push(await asker.ask(call, 'sampling/createMessage', sampling(String(question))));
    }
    counted(askModel.name);
    const echo = { question, answers: answers.map(({ content }) => content ?? null) };
    return { content: [{ type: 'text', text: JSON.stringify(echo) }] };
  });
  server.tool(longReport, async (args, call) => {
    await tellProgress(call, args);
    counted(longReport.name);
    return `told ${String(args['steps'] ?? 10)} steps`;
  });
}

const askModel: ToolDefinition = {
  name: 'ask_model',
  description: "Asks the client's model a question, so many times in a row, and tells what it said.",
  inputSchema: {
    type: 'object',
    properties: {
      question: { type: 'string', minLength: 1, maxLength: 1000 },
      times: { type: 'integer', minimum: 1, maximum: 1000, default: 1 },
    },
    required: ['question'],
  },
  annotations,
};

const longReport: ToolDefinition = {
  name: 'long_report',
  description: 'Works in so many steps, and tells of each where the call has a progress token.',
  inputSchema: {
    type: 'object',
    properties: {
      steps: { type: 'integer', minimum: 0, maximum: 10_000, default: 10 },
      every_ms: { type: 'integer', minimum: 0, maximum: 60_000, default: 1 },
      fault: {
        type: 'string',
        enum: ['none', 'backwards', 'stuck', 'late', 'unknown'],
        default: 'none',
        description:
          'backwards: down from a high value; stuck: always the same; late: one more after the answer',
      },
    },
  },
  annotations,
};

/** With `late` the last step is told after the answer: over HTTP there must be a stream that is still open then. */
async function tellProgress(call: CallContext, { steps = 10, every_ms = 1, fault = 'none' }: JsonObject) {
  const count = Number(steps);
  for (let step = 1; step <= count; step++) {
    await new Promise((resolve) => setTimeout(resolve, Number(every_ms)));
    if (fault === 'unknown') {
      call.notify('notifications/progress', { progressToken: 'nobody', progress: step });
    } else call.progress(fault === 'backwards' ? count - step : fault === 'stuck' ? 1 : step, count);
  }
  if (fault === 'late') {
    setTimeout(() => {
      call.progress(count + 1, count + 1);
    }, 5);
  }
}
