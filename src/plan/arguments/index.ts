/** Arguments for tools: given ones read and checked, others made from schemas; all before a load starts. */
export { checkerFor, preloadChecker, type Checker, type SchemaFault } from './checker.js';
export { parseGivenArguments, readSets, type GivenArguments } from './given-arguments.js';
export { localPaths, type StartCommand } from './local-paths.js';
export { prepareSets, type PrepareContext } from './prepare-sets.js';
export { Surroundings, type KnownPaths } from './surroundings.js';
export { fillTemplates, hasTemplate, templateNames, type TemplateContext } from './templates.js';
export { argumentVariants, type NoArguments } from './variants.js';
