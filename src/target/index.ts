/** What to measure: told apart, started, watched over, connected to, stopped. */
export { connectTarget, explainTargetError } from './connect-target.js';
export { openTarget, type OpenTarget } from './open-target.js';
export {
  chooseServers,
  inputVariable,
  readMcpConfig,
  type ConfigInput,
  type ConfiguredServer,
  type McpConfig,
  type McpConfigOptions,
} from './mcp-config/index.js';
export { parseTarget, type TargetWords } from './parse-target.js';
export { parseTargets, type NamedTarget, type TargetsWords } from './parse-targets.js';
export { rememberSecrets } from './remember-secrets.js';
export { authorizer, type Authorizer } from './auth/authorizer.js';
export { spawnChild, type SpawnedChild } from './spawn-child.js';
export type { NamedProcess } from './child-family.js';
export type { StopPatience, StopReport } from './stop-child.js';
export type {
  AuthSpec,
  HttpTargetSpec,
  ReferenceTargetSpec,
  StdioTargetSpec,
  TargetSpec,
} from './target-spec.js';
