import { usageError, type JsonObject } from '../../core/index.js';
import type { ListedPrompt } from './server-access.js';
import { variablesOf } from './uri-variables.js';

/** A prompt or URI template with arguments that can be completed. */
export interface CompletionRef {
  /** The prompt's name or the template. */
  name: string;
  ref: JsonObject;
  arguments: string[];
}

/** Everything that has arguments to be completed. */
export function refsOf(prompts: readonly ListedPrompt[], templates: readonly string[]): CompletionRef[] {
  return [
    ...prompts.map((prompt) => ({
      name: prompt.name,
      ref: { type: 'ref/prompt', name: prompt.name },
      arguments: (prompt.arguments ?? []).map((argument) => argument.name),
    })),
    ...templates.map((uri) => ({
      name: uri,
      ref: { type: 'ref/resource', uri },
      arguments: variablesOf(uri) ?? [],
    })),
  ].filter((ref) => ref.arguments.length > 0);
}

/**
 * The params of `completion/complete` for each argument: with nothing typed yet, or with what was given for it.
 *
 * @throws DynoError (104) for a given argument that there is not.
 */
export function completionSets(refs: readonly CompletionRef[], given?: readonly JsonObject[]): JsonObject[] {
  if (given === undefined) {
    return refs.flatMap(({ ref, arguments: names }) =>
      names.map((name) => ({ ref, argument: { name, value: '' } })),
    );
  }
  return refs.flatMap((ref) =>
    given.flatMap((set) =>
      Object.entries(set).map(([name, value]) => {
        if (!ref.arguments.includes(name)) {
          throw usageError(
            `${ref.name} has no argument '${name}' to be completed (--args)`,
            `It has: ${ref.arguments.join(', ')}.`,
          );
        }
        if (typeof value !== 'string') {
          throw usageError(`Expected the beginning of '${name}' in --args to be a text`);
        }
        return { ref: ref.ref, argument: { name, value } };
      }),
    ),
  );
}
