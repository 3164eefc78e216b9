import { parseSize, usageError } from '../../core/index.js';
import { dataShapes, dataSizes, type DataShape } from '../data/data-shape.js';
import { option, type CommandName } from './option.js';
import { choice, written } from './value-type.js';

const loading: readonly CommandName[] = ['test', 'load'];

function parseDataSize(text: string, what: string): number {
  const bytes = parseSize(text, what);
  if (bytes >= dataSizes.min && bytes <= dataSizes.max) return bytes;
  throw usageError(
    `Expected ${what} to be a size from ${showSize(dataSizes.min)} to ${showSize(dataSizes.max)}, got '${text}'`,
  );
}

function showSize(bytes: number): string {
  if (bytes % 1_000_000 === 0) return `${bytes / 1_000_000}MB`;
  return bytes % 1000 === 0 ? `${bytes / 1000}kB` : `${bytes}B`;
}

/** What arguments are like. */
export const dataOptions = {
  data: option<DataShape>({
    flag: 'data',
    type: choice(dataShapes, 'SHAPE'),
    help: 'made arguments: large, deep, unicode, …',
    group: 'Calls and safety',
    commands: loading,
  }),
  dataSize: option({
    flag: 'data-size',
    type: written('SIZE', parseDataSize, showSize),
    default: dataSizes.default,
    help: 'bytes of large arguments, such as 1MB',
    group: 'Calls and safety',
    commands: loading,
  }),
};
