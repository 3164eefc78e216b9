import { DynoError } from '../core/errors.js';
import { exitCodes } from '../core/exit-code.js';
import type { CallToolResult } from '../protocol/index.js';
import type { BindingRequest, ToolBinding } from './binding/index.js';
import type { Repair, ValidationError, ValidationResult } from './validation/index.js';

type Failure = Extract<ValidationResult, { valid: false }>;

/** The arguments of a call are not what the tool takes; the call was not made. */
export class InvalidArguments extends DynoError {
  readonly errors: readonly ValidationError[];
  readonly #repair: () => Repair | undefined;

  constructor(label: string, failure: Failure) {
    super(`The arguments for ${label} are not what it takes: ${failure.message}`, {
      code: 'invalid-arguments',
      hint: 'Mend the arguments; `repair()` of this error proposes how.',
      exitCode: exitCodes.usage,
    });
    this.errors = failure.errors;
    this.#repair = failure.repair;
  }

  /** How to mend the arguments; undefined where no way was found. */
  repair(): Repair | undefined {
    return this.#repair();
  }
}

/** What a tool answered breaks its own `outputSchema`; the call was made. */
export class InvalidResult extends DynoError {
  readonly errors: readonly ValidationError[];
  /** What it answered; not to be relied on. */
  readonly result: CallToolResult;

  constructor(label: string, failure: Failure, result: CallToolResult) {
    super(`The answer of ${label} breaks its own outputSchema: ${failure.message}`, {
      code: 'invalid-result',
      hint: 'The tool has to be mended; `result` of this error holds what it answered.',
      exitCode: exitCodes.failed,
    });
    this.errors = failure.errors;
    this.result = result;
  }
}

/** Why none of the tools that fit is called. */
export function notRunnable(
  bindings: readonly ToolBinding[],
  request: BindingRequest & { writes?: boolean | undefined },
): DynoError {
  const writing = bindings.find((one) => one.ready && !one.tool.readOnly);
  if (writing !== undefined && request.writes !== true) {
    return new DynoError(
      `${writing.tool.label} fits best, but is not marked read-only, so it may change things`,
      {
        code: 'not-read-only',
        hint: 'Pass `writes: true` to let run() call it, or call it by name.',
        exitCode: exitCodes.usage,
      },
    );
  }
  const [best] = bindings;
  const missing = best!.missing.slice(0, 20).join(', ');
  const why = best!.refusal ?? `it needs ${missing}, and nothing that was given fits`;
  return new DynoError(`${best!.tool.label} fits best, but cannot be called yet: ${why}`, {
    code: 'missing-arguments',
    hint: 'Give what is missing in `entities` or `context`.',
    exitCode: exitCodes.usage,
  });
}
