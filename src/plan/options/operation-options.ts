import { parseOperations } from '../operations/index.js';
import { option } from './option.js';
import { many, text, written } from './value-type.js';

/** Read here only to be refused at once; what it asks for is held against the server later. */
function checkOperation(operation: string, what: string): string {
  parseOperations([operation], what);
  return operation;
}

/** What is called besides tools. */
export const operationOptions = {
  operation: option<string[]>({
    flag: 'operation',
    type: many(written('METHOD', checkOperation, (operation) => operation)),
    help: "also 'resources/read URI', ping, …",
    group: 'Calls and safety',
    commands: ['test', 'load', 'compare'],
  }),
  asTask: option<string>({
    flag: 'as-task',
    type: text('TOOL'),
    help: 'calls of TOOL as tasks: create, poll, result',
    group: 'Calls and safety',
    commands: ['load'],
  }),
};
