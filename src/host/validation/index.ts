/**
 * Validation of what goes into tools and what comes out of them.
 */
export { validationLevels, type SchemaLimits, type ValidationLevel, type ValueLimits } from './level.js';
export { patternCost, type PatternCost } from '../../core/pattern/pattern-cost.js';
export { applyPatch, type PatchOperation, type RepairBasis } from './repair/json-patch.js';
export type { Repair } from './repair/repair-value.js';
export type { Schema } from './schema/keyword-places.js';
export type { SchemaDocuments } from './schema/resources.js';
export type { RefusalReason, SchemaRefusal } from './schema/schema-refusal.js';
export {
  ToolValidator,
  type ToolValidatorOptions,
  type ValidateOptions,
  type ValidationResult,
  type ValidatorStatistics,
} from './tool-validator.js';
export type { ValidationError } from './validation-error.js';
