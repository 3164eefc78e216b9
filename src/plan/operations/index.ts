/** Operations of a mix that are no calls of tools: lists, resources, prompts, completions, pings. */
export { operationMethods, type OperationMethodName } from './methods.js';
export { planOperations, type OperationsRequest, type PlannedOperations } from './operation-planner.js';
export type { ListedPrompt, ServerAccess, TriedRequest } from './server-access.js';
export { parseOperations, type OperationWish } from './wish.js';
