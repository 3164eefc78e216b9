import { createHash } from 'node:crypto';
import { isJsonObject, usageError, type JsonObject } from '../../core/index.js';
import { cut } from '../cut.js';
import { shown } from '../shown.js';
import {
  defaultTtlMs,
  serviceStates,
  serviceTypes,
  type Registration,
  type ServiceDocument,
  type ServiceState,
  type ServiceType,
} from './service.js';

const maxNameLength = 200;
const maxTags = 64;
const maxCapabilities = 512;
const maxMetadataBytes = 32 * 1024;
const maxMetadataDepth = 32;
const maxEndpointLength = 2048;
const minTtlMs = 100;
const maxTtlMs = 86_400_000;

/** Control, invisible and unpaired characters: names that only look alike are refused rather than kept apart. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const idPattern = /^[A-Za-z0-9._\-:/@]{1,128}$/;

/** A registration that was checked: every field present, texts in Unicode NFC, lists without repeats. */
export type CheckedRegistration = Pick<
  ServiceDocument,
  'id' | 'name' | 'type' | 'version' | 'endpoint' | 'capabilities' | 'tags' | 'metadata' | 'ttl'
> & { state: Exclude<ServiceState, 'expired'> | undefined };

/**
 * Checks a registration and fills in its defaults and its id.
 *
 * @throws DynoError (104) that names the service and the field, for the first one that is wrong.
 */
export function checkRegistration(given: Registration): CheckedRegistration {
  if (!isJsonObject(given)) throw usageError(`Expected a registration to be an object, got ${shown(given)}`);
  const name = checkText(given.name, 'the name of a service', maxNameLength);
  const of = `of service ${shown(name)}`;
  const type = checkType(given.type, `the type ${of}`);
  const endpoint = checkEndpoint(given.endpoint, of);
  return {
    id: given.id === undefined ? serviceId(type, name, endpoint) : checkId(given.id),
    name,
    type,
    version: given.version === undefined ? '0.0.0' : checkText(given.version, `the version ${of}`, 100),
    endpoint,
    capabilities: checkList(given.capabilities, `the capabilities ${of}`, maxCapabilities),
    tags: checkList(given.tags, `the tags ${of}`, maxTags),
    metadata: checkMetadata(given.metadata, of),
    ttl: checkTtl(given.ttl, of),
    state: given.state === undefined ? undefined : checkState(given.state, `the state ${of}`),
  };
}

/**
 * The identity of a service that gives none: the same type, name and endpoint are the same service, however often it
 * registers and whichever host it asks.
 */
export function serviceId(type: ServiceType, name: string, endpoint: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([type, name, endpoint]))
    .digest('hex')
    .slice(0, 16);
  const readable = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return readable === '' ? hash : `${readable}-${hash}`;
}

/** @throws DynoError (104) unless it is a state that a service or its checker may give. */
export function checkState(state: unknown, what: string): Exclude<ServiceState, 'expired'> {
  if (state === 'expired') {
    throw usageError(
      `Expected ${what} to be one that a service can give, got "expired"`,
      'A service expires when its lease runs out; to take it out at once, deregister it.',
    );
  }
  if (!serviceStates.includes(state as ServiceState)) {
    throw usageError(`Expected ${what} to be one of ${serviceStates.join(', ')}, got ${shown(state)}`);
  }
  return state as Exclude<ServiceState, 'expired'>;
}

/** @throws DynoError (104) unless it is one of {@link serviceTypes}. */
export function checkType(type: unknown, what: string): ServiceType {
  if (!serviceTypes.includes(type as ServiceType)) {
    throw usageError(`Expected ${what} to be one of ${serviceTypes.join(', ')}, got ${shown(type)}`);
  }
  return type as ServiceType;
}

/** @throws DynoError (104) unless it is a readable text of 1 to `most` characters; gives it back in NFC. */
export function checkText(text: unknown, what: string, most: number): string {
  if (typeof text !== 'string') throw usageError(`Expected ${what} to be a text, got ${shown(text)}`);
  if (text.trim() === '') throw usageError(`Expected ${what} to be a text, got an empty one`);
  if (text.length > most) {
    throw usageError(`Expected ${what} to have at most ${most} characters, got ${text.length}`);
  }
  if (unseen.test(text)) {
    throw usageError(
      `Expected ${what} to have no control or invisible characters, got ${shown(text)}`,
      'Remove line breaks, zero-width and direction characters.',
    );
  }
  return text.normalize('NFC');
}

function checkId(id: unknown): string {
  if (typeof id !== 'string' || !idPattern.test(id)) {
    throw usageError(
      `Expected the id of a service to be 1 to 128 letters, digits or any of . _ - : / @, got ${shown(id)}`,
    );
  }
  return id;
}

function checkEndpoint(endpoint: unknown, of: string): string {
  const text = checkText(endpoint, `the endpoint ${of}`, maxEndpointLength);
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw usageError(
      `Expected the endpoint ${of} to be an absolute URI, got ${shown(text)}`,
      'Such as https://host/mcp, sse+https://host/sse, stdio:name or pkg:npm/name@1.0.0.',
      cause,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw usageError(
      `Expected the endpoint ${of} to hold no user name or password`,
      'Whatever is registered can be read by everyone; give credentials to the client instead.',
    );
  }
  return url.href;
}

function checkList(list: unknown, what: string, most: number): readonly string[] {
  if (list === undefined) return Object.freeze([]);
  if (!Array.isArray(list)) throw usageError(`Expected ${what} to be an array of texts, got ${shown(list)}`);
  if (list.length > most) throw usageError(`Expected ${what} to be at most ${most}, got ${list.length}`);
  const distinct = new Set<string>();
  for (const item of list) distinct.add(checkText(item, `each of ${what}`, maxNameLength));
  return Object.freeze([...distinct]);
}

function checkMetadata(metadata: unknown, of: string): Readonly<JsonObject> {
  if (metadata === undefined) return Object.freeze({});
  if (!isJsonObject(metadata)) {
    throw usageError(`Expected the metadata ${of} to be an object, got ${shown(metadata)}`);
  }
  let text: string | undefined;
  try {
    text = JSON.stringify(metadata) as string | undefined;
  } catch (cause) {
    throw usageError(
      `Expected the metadata ${of} to be JSON, but it cannot be written as such`,
      undefined,
      cause,
    );
  }
  if (!text?.startsWith('{')) throw usageError(`Expected the metadata ${of} to be a plain object`);
  const bytes = Buffer.byteLength(text);
  if (bytes > maxMetadataBytes) {
    throw usageError(`Expected the metadata ${of} to have at most ${maxMetadataBytes} bytes, got ${bytes}`);
  }
  // Through the text and back: later changes by the caller do not reach the registry.
  return freezeDeep(JSON.parse(text) as JsonObject, of, maxMetadataDepth);
}

function freezeDeep<T>(value: T, of: string, depth: number): T {
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0)
    throw usageError(`Expected the metadata ${of} to be at most ${maxMetadataDepth} levels deep`);
  for (const inner of Object.values(value)) freezeDeep(inner, of, depth - 1);
  return Object.freeze(value);
}

function checkTtl(ttl: unknown, of: string): number | 'none' {
  if (ttl === undefined) return defaultTtlMs;
  if (ttl === 'none') return 'none';
  if (typeof ttl !== 'number' || !(ttl >= minTtlMs && ttl <= maxTtlMs)) {
    throw usageError(
      `Expected the ttl ${of} to be ${minTtlMs} to ${maxTtlMs} milliseconds or "none", got ${shown(ttl)}`,
    );
  }
  return ttl;
}

/**
 * A document read from a store that others can write to (a file, NATS), checked as strictly as a registration.
 *
 * @throws DynoError (104) that says what is wrong with it.
 */
export function checkDocument(value: unknown): ServiceDocument {
  if (!isJsonObject(value))
    throw usageError(`Expected a stored service to be an object, got ${shown(value)}`);
  const { state, registeredAt, updatedAt, stateReason, expiredFrom } = value;
  const checked = checkRegistration({ ...(value as object), state: undefined } as unknown as Registration);
  if (!serviceStates.includes(state as ServiceState)) {
    throw usageError(`Expected the state of stored service ${checked.id} to be known, got ${shown(state)}`);
  }
  if (typeof registeredAt !== 'number' || typeof updatedAt !== 'number') {
    throw usageError(`Expected stored service ${checked.id} to say when it was registered and updated`);
  }
  return Object.freeze({
    ...checked,
    state: state as ServiceState,
    ...(typeof stateReason === 'string' && { stateReason: cut(stateReason, maxReasonLength) }),
    ...(expiredFrom !== undefined && {
      expiredFrom: checkState(expiredFrom, `expiredFrom of ${checked.id}`),
    }),
    registeredAt,
    updatedAt,
  });
}

/** A reason longer than this is cut. */
export const maxReasonLength = 300;
