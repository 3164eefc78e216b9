/** The one typed option table, and everything made of it. */
export { asGiven, resolveContradictions } from './contradictions.js';
export {
  flagHint,
  hiding,
  mergeSettings,
  strangeVariables,
  type ConfigValues,
  type GivenFlag,
  type MergedSettings,
  type Origin,
  type SettingLayers,
} from './merge.js';
export { commandNames, environmentName, optionGroups, type CommandName, type OptionGroup } from './option.js';
export { printedSettings, showOrigin, type PrintedSetting } from './print.js';
export { outputFormats, type OutputSpec } from './result-options.js';
export {
  flagNames,
  optionEntries,
  optionsOf,
  optionTable,
  type AnyOption,
  type OptionKey,
  type Settings,
} from './table.js';
export type { GivenChain } from './workload-options.js';
export { isMany, shown, type ValueType } from './value-type.js';
