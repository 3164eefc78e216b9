/** Calls of tools that run as tasks. */
export { planTask, type PlannedTask, type TaskRequest } from './plan-task.js';
export { taskSupportOf, whyNoTasks } from './task-support.js';
