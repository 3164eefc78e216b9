/** What is called: chosen by safety and selection, with arguments, each tool tried once. */
export { errorText, type CallAnswer, type ToolCaller } from './caller.js';
export { planMix, type LeftOutTool, type Mix, type MixRequest, type UsedTool } from './plan-mix.js';
export { planReplay, type ReplayPlan, type ReplayRequest } from './replay-mix.js';
export type { DataWish } from './shaped-sets.js';
export { runScript, type ScriptContext } from './script.js';
export { checkNames, loadableMethods, parseSelection, type ToolSelection } from './selection.js';
