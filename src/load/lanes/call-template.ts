import type { JsonObject } from '../../core/json.js';
import type { OperationPlan } from '../../plan/load-plan.js';
import type { LoadDialect } from '../load-target.js';
import { requestMeta } from './client-identity.js';

/** Request ids have nine digits, so that every request of a template has the same length. */
export const firstId = 100_000_000;
export const lastId = 999_999_999;
const idDigits = 9;

/** A request made ready before the run: all but its id. */
export interface CallTemplate {
  /** Index into the plan's operations. */
  readonly operation: number;
  /** Index into the operation's params; {@link unprepared} for params made for this call alone. */
  readonly variant: number;
  readonly method: string;
  /** The JSON before the id. */
  readonly prefix: string;
  /** The JSON after it. */
  readonly suffix: string;
  /** Length of the whole JSON in bytes. */
  readonly bytes: number;
  readonly encoding: 'latin1' | 'utf8';
  readonly params: JsonObject;
}

/**
 * The templates of one operation, one per prepared set of params.
 *
 * @param change of the params of every call.
 */
export function callTemplates(
  operation: number,
  plan: OperationPlan,
  dialect: LoadDialect,
  change: (params: JsonObject) => JsonObject = (params) => params,
): CallTemplate[] {
  const variants = plan.params.length === 0 ? [{}] : plan.params;
  return variants.map((given, variant) =>
    callTemplate({ operation, variant }, plan.method, change(given), dialect),
  );
}

/** The variant of a call that is made ready only when it is sent. */
export const unprepared = -1;

/** One request, ready but for its id. */
export function callTemplate(
  { operation, variant }: { operation: number; variant: number },
  method: string,
  given: JsonObject,
  dialect: LoadDialect,
): CallTemplate {
  const params = dialect.era === 'stateless' ? withMeta(given, dialect) : given;
  return templateOf({ operation, variant, method, params });
}

/** A request of these params. */
function templateOf(request: {
  operation: number;
  variant: number;
  method: string;
  params: JsonObject;
}): CallTemplate {
  const { method, params } = request;
  const prefix = '{"jsonrpc":"2.0","id":';
  const body = Object.keys(params).length === 0 ? '' : `,"params":${JSON.stringify(params)}`;
  const suffix = `,"method":${JSON.stringify(method)}${body}}`;
  const bytes = prefix.length + idDigits + Buffer.byteLength(suffix);
  const ascii = bytes === prefix.length + idDigits + suffix.length;
  return { ...request, prefix, suffix, bytes, encoding: ascii ? 'latin1' : 'utf8' };
}

/** A further request of a call, with these params beside the first ones: for the rounds of input in the stateless era. */
export function furtherTemplate(first: CallTemplate, more: JsonObject): CallTemplate {
  const { operation, method, params } = first;
  const further = templateOf({ operation, variant: unprepared, method, params: { ...params, ...more } });
  return { ...first, ...further };
}

function withMeta(params: JsonObject, dialect: LoadDialect): JsonObject {
  const given = params['_meta'];
  const meta = typeof given === 'object' && given !== null && !Array.isArray(given) ? given : {};
  return { ...params, _meta: { ...requestMeta(dialect), ...meta } };
}
