/** What loading a method asks of a server. */
export interface OperationMethod {
  /** The era that has it; both unless given. */
  era?: 'session' | 'stateless';
  /** The path of the server's capability that it needs, such as `resources.subscribe`; none unless given. */
  capability?: string;
  /** What may follow the method, in words; nothing unless given. */
  takes?: string;
}

/** The methods that `--operation` takes (2025-11-25 and 2026-07-28, "Server features" and "Utilities"). */
export const operationMethods = {
  'tools/list': { capability: 'tools' },
  'tools/call': { capability: 'tools', takes: 'a tool' },
  ping: { era: 'session' },
  'server/discover': { era: 'stateless' },
  'resources/list': { capability: 'resources' },
  'resources/templates/list': { capability: 'resources' },
  'resources/read': { capability: 'resources', takes: 'a URI or a URI template' },
  'resources/subscribe': { era: 'session', capability: 'resources.subscribe', takes: 'a URI' },
  'prompts/list': { capability: 'prompts' },
  'prompts/get': { capability: 'prompts', takes: 'a prompt' },
  'completion/complete': { capability: 'completions', takes: 'a prompt or a URI template' },
  'logging/setLevel': { era: 'session', capability: 'logging', takes: 'a level' },
} as const satisfies Record<string, OperationMethod>;

/** A method that `--operation` takes. */
export type OperationMethodName = keyof typeof operationMethods;

/** The nearest thing that the other era has instead. */
export const insteadOf: Readonly<Record<string, string>> = {
  ping: 'The stateless era has server/discover instead.',
  'server/discover': 'The session era has ping instead.',
  'resources/subscribe': 'The stateless era has subscriptions/listen, which is a stream and no call.',
  'logging/setLevel': 'In the stateless era each request carries its level.',
};
