import type { WireLimits } from '../types.js';

/** What a connection accepts unless told otherwise. */
export const defaultLimits: Readonly<WireLimits> = {
  maxLineBytes: 64 * 1024 * 1024,
  maxBodyBytes: 64 * 1024 * 1024,
  maxHeaderBytes: 64 * 1024,
  maxPages: 1000,
  maxItems: 100_000,
  maxRounds: 16,
  maxResumes: 16,
  maxNoise: 10_000,
};
