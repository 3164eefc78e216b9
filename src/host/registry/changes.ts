import { isDeepStrictEqual } from 'node:util';
import { DynoError, exitCodes } from '../../core/index.js';
import { cut } from '../cut.js';
import { shown } from '../shown.js';
import { maxReasonLength, type CheckedRegistration } from './registration.js';
import type { BreakerState, ServiceDocument, ServiceRecord, ServiceState } from './service.js';

/** What a store keeps of a record. */
export function documentOf(service: ServiceRecord): ServiceDocument {
  const copy: ServiceDocument & { revision?: number; breaker?: BreakerState } = { ...service };
  delete copy.revision;
  delete copy.breaker;
  return copy;
}

/** The document of a registration over what was known; undefined when that changes nothing. */
export function merged(
  current: ServiceRecord | undefined,
  wanted: CheckedRegistration,
  wall: number,
): ServiceDocument | undefined {
  const { state: given, ...fields } = wanted;
  const over = current === undefined || current.state === 'expired' || current.state === 'stopped';
  const state = given ?? (over ? 'healthy' : current.state);
  const kept = current?.state === state && current.stateReason !== undefined;
  const document: ServiceDocument = {
    ...fields,
    state,
    ...(kept && { stateReason: current.stateReason! }),
    registeredAt: current?.registeredAt ?? wall,
    updatedAt: wall,
  };
  if (current === undefined) return document;
  const same = isDeepStrictEqual({ ...documentOf(current), updatedAt: 0 }, { ...document, updatedAt: 0 });
  return same ? undefined : document;
}

/** The document of a service in another state. */
export function inState(
  current: ServiceRecord,
  state: ServiceState,
  reason: string | undefined,
  wall: number,
): ServiceDocument {
  const document: { -readonly [K in keyof ServiceDocument]: ServiceDocument[K] } = documentOf(current);
  delete document.expiredFrom;
  delete document.stateReason;
  if (reason !== undefined) document.stateReason = cut(reason, maxReasonLength);
  return { ...document, state, updatedAt: wall };
}

/** The error for an id that is not registered. */
export function unknownService(id: string): DynoError {
  return new DynoError(`There is no service ${shown(id)} in the registry`, {
    code: 'unknown-service',
    hint: 'Register it (again): it was never here, was deregistered, or expired long ago.',
    exitCode: exitCodes.failed,
  });
}
