/** Chains: calls that use what the answers before them held. */
export { atPath, parseAnswerPath, type AnswerPath } from './answer-path.js';
export { fillHoles } from './fill-holes.js';
export { planChain, type ChainRequest, type PlannedChain } from './plan-chain.js';
export { readChain, type ChainStep } from './read-chain.js';
