/** The config file: finding, reading, checking, and its type for `defineConfig`. */
export {
  defineConfig,
  type ConfigCall,
  type ConfigReply,
  type ConfigStep,
  type ConfigTarget,
  type ConfigTest,
  type ConfigThreshold,
  type ConfigTool,
  type DynoConfig,
} from './define-config.js';
export { configNames, findConfig } from './find-config.js';
export { configurableOptions, loadConfig, sectionKeys, type LoadedConfig } from './load-config.js';
export type {
  ConfiguredTarget,
  ScriptedCall,
  ScriptedReply,
  TestSettings,
  ToolSettings,
} from './sections.js';
