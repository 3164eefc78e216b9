import { didYouMean, parseDuration, parseSize, usageError } from '../../core/index.js';
import type { ServiceDistribution } from '../timing/service-time.js';
import { badOutcomes, type BadOutcome } from './knobs.js';
import type { Scalability } from '../timing/scalability.js';

/** The longest that anything is made to take: a day. */
const maxDurationMs = 86_400_000;

/** @throws DynoError (104) that names the option. */
export function readDuration(text: string, what: string): number {
  const ms = parseDuration(text, what, 'ms');
  if (ms > maxDurationMs) throw usageError(`Expected ${what} to be at most a day, got '${text}'`);
  return ms;
}

/** @throws DynoError (104) that names the option. */
export function readSize(text: string, what: string): number {
  const bytes = parseSize(text, what);
  if (bytes > 1e9) throw usageError(`Expected ${what} to be at most 1 GB, got '${text}'`);
  return bytes;
}

/** @throws DynoError (104) that names the option. */
export function readWhole(text: string, what: string, min: number, max: number): number {
  const value = /^\d+$/.test(text.trim()) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) {
    throw usageError(`Expected ${what} to be a whole number from ${min} to ${max}, got '${text}'`);
  }
  return value;
}

/** `2%` or `0.02`. @throws DynoError (104) that names the option. */
export function readShare(text: string, what: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(text.trim());
  const share = match === null ? NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
  if (!(share >= 0 && share <= 1)) {
    throw usageError(`Expected ${what} to be a share such as 2% or 0.02, got '${text}'`);
  }
  return share;
}

/** @throws DynoError (104) that names the option. */
export function readChoice<T extends string>(text: string, what: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) {
    throw usageError(
      `Expected ${what} to be one of ${choices.join(', ')}, got '${text}'`,
      didYouMean(text, choices),
    );
  }
  return found;
}

/** `500ms/2s`: stand still for the one in every other. @throws DynoError (104). */
export function readStall(text: string, what: string): { forMs: number; everyMs: number } {
  const [first, second] = twoParts(text, what, '500ms/2s');
  const forMs = readDuration(first, what);
  const everyMs = readDuration(second, what);
  if (forMs <= 0 || forMs >= everyMs) {
    throw usageError(`Expected ${what} to stand still for less than the whole time, got '${text}'`);
  }
  return { forMs, everyMs };
}

function twoParts(text: string, what: string, example: string): [string, string] {
  const [first, second, ...more] = text.split('/');
  if (first === undefined || second === undefined || more.length > 0) {
    throw usageError(`Expected ${what} to be such as ${example}, got '${text}'`);
  }
  return [first, second];
}

/** `1ms/10s`: so much more in every so long. @throws DynoError (104). */
export function readDrift(text: string, what: string): { byMs: number; perMs: number } {
  const [by, per] = twoParts(text, what, '1ms/10s');
  const perMs = readDuration(per, what);
  if (perMs <= 0) throw usageError(`Expected ${what} to grow over some time, got '${text}'`);
  return { byMs: readDuration(by, what), perMs };
}

/** `50,0.05,0.0005` or `50,0.05,0.0005,2%`: λ (calls/s), σ, κ, and noise. @throws DynoError (104). */
export function readScalability(text: string, what: string): Scalability {
  const [lambda = NaN, sigma = NaN, kappa = NaN] = text
    .split(',')
    .slice(0, 3)
    .map((part) => (part.trim() === '' ? NaN : Number(part)));
  const [noise, ...more] = text.split(',').slice(3);
  const fits = lambda > 0 && sigma >= 0 && sigma <= 1 && kappa >= 0 && kappa < Infinity && lambda < Infinity;
  if (!fits || more.length > 0) {
    throw usageError(`Expected ${what} to be LAMBDA,SIGMA,KAPPA such as 50,0.05,0.0005, got '${text}'`);
  }
  return { lambda, sigma, kappa, noise: noise === undefined ? 0 : readShare(noise, what) };
}

/** `200MB/4s`: so much, in every so long. @throws DynoError (104). */
export function readSwing(text: string, what: string): { bytes: number; everyMs: number } {
  const [bytes, every] = twoParts(text, what, '200MB/4s');
  const everyMs = readDuration(every, what);
  if (everyMs < 20) throw usageError(`Expected ${what} to take at least 20ms a period, got '${text}'`);
  return { bytes: readSize(bytes, what), everyMs };
}

/** `CERT.pem,KEY.pem`. @throws DynoError (104). */
export function readTlsFiles(text: string, what: string): { cert: string; key: string } {
  const [cert = '', key = '', ...more] = text.split(',');
  if (cert === '' || key === '' || more.length > 0) {
    throw usageError(`Expected ${what} to be two files such as cert.pem,key.pem, got '${text}'`);
  }
  return { cert, key };
}

/** `constant`, `uniform`, `uniform:0.5`, `exponential`, `lognormal:0.8`, `bimodal:10%@50ms`. @throws DynoError (104). */
export function readDistribution(text: string, what: string): ServiceDistribution {
  const [name = '', parameter, ...more] = text.split(':');
  const kinds = ['constant', 'uniform', 'exponential', 'lognormal', 'bimodal'] as const;
  const kind = readChoice(name, what, kinds);
  const refuse = (expected: string) => usageError(`Expected ${what} ${expected}, got '${text}'`);
  if (more.length > 0) throw refuse('to have one parameter at most');
  switch (kind) {
    case 'constant':
    case 'exponential':
      if (parameter !== undefined) throw refuse(`${kind} to have no parameter`);
      return { kind };
    case 'uniform':
      return { kind, spread: parameter === undefined ? 1 : readShare(parameter, `${what} uniform:`) };
    case 'lognormal': {
      const sigma = parameter === undefined ? 0.5 : Number(parameter);
      if (!(sigma > 0 && sigma <= 3)) throw refuse('lognormal: to have a sigma above 0 and up to 3');
      return { kind, sigma };
    }
    case 'bimodal': {
      const [share, time] = parameter?.split('@') ?? [];
      if (share === undefined || time === undefined) throw refuse('bimodal to be such as bimodal:10%@50ms');
      return { kind, share: readShare(share, what), ms: readDuration(time, what) };
    }
  }
}

/** `tool=5%,rpc=2%`. @throws DynoError (104). */
export function readFailShares(text: string, what: string): Map<BadOutcome, number> {
  const shares = new Map<BadOutcome, number>();
  for (const part of text.split(',')) {
    const [name = '', share, ...more] = part.trim().split('=');
    if (share === undefined || more.length > 0) {
      throw usageError(`Expected ${what} to be shares such as tool=5%,rpc=2%, got '${text}'`);
    }
    const outcome = readChoice(name, what, Object.keys(badOutcomes) as BadOutcome[]);
    if (shares.has(outcome)) throw usageError(`Expected ${what} to name '${outcome}' once, got '${text}'`);
    shares.set(outcome, readShare(share, `${what} ${outcome}=`));
  }
  const sum = [...shares.values()].reduce((total, share) => total + share, 0);
  if (sum > 1 + 1e-9)
    throw usageError(`Expected the shares of ${what} to add up to at most 100%, got '${text}'`);
  return shares;
}
