import type { Tool } from '../../protocol/types.js';
import type { ToolSource } from './types.js';

/** A tool for tests. */
export function aTool(name: string, description = `Does ${name}`, more: Partial<Tool> = {}): Tool {
  return { name, description, inputSchema: { type: 'object', properties: {} }, ...more };
}

/** A source whose list can be set and whose failures can be chosen. */
export class ScriptedSource implements ToolSource {
  readonly id: string;
  tools: Tool[] = [];
  behaviour: 'good' | 'throws' | 'hangs' | 'garbage' = 'good';
  ttlMs: number | undefined;
  tags: readonly string[] | undefined;
  lists = 0;
  aborted = 0;
  readonly listeners = new Set<() => void>();

  constructor(id: string, tools: Tool[] = []) {
    this.id = id;
    this.tools = tools;
  }

  list(signal: AbortSignal): Promise<Tool[]> {
    this.lists++;
    signal.addEventListener('abort', () => this.aborted++, { once: true });
    switch (this.behaviour) {
      case 'good':
        return Promise.resolve([...this.tools]);
      case 'throws':
        return Promise.reject(new Error('connection refused'));
      case 'hangs':
        return new Promise(() => undefined);
      case 'garbage':
        return Promise.resolve(JSON.parse('{"not":"a list"}') as Tool[]);
    }
  }

  onChanged(changed: () => void): () => void {
    this.listeners.add(changed);
    return () => this.listeners.delete(changed);
  }

  tellChanged(): void {
    for (const listener of this.listeners) listener();
  }
}
