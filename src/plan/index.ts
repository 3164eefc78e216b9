/** From options, config, thresholds and schemas to a complete plan of what is called, how, and how it is judged. */
export * from './arguments/index.js';
export type { CatalogueTool } from './catalogue.js';
export * from './config/index.js';
export type * from './load-plan.js';
export * from './mix/index.js';
export * from './operations/index.js';
export * from './options/index.js';
export {
  isPrivateAddress,
  isPublicHost,
  judgeTool,
  publicRateLimit,
  type SafetyPolicy,
  type SafetyVerdict,
} from './safety.js';
export * from './thresholds/index.js';
