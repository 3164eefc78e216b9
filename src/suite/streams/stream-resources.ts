import { isJsonObject } from '../../core/json.js';
import type { Bench } from '../bench.js';

/** Subscribing to a resource costs a request for each stream, so only so many are, unless the user names them. */
const mostListed = 4;

/** What streams are to be subscribed to: what the user named, else the first of what the target lists, where it can tell of changes. */
export async function streamResources(bench: Bench, named: readonly string[] | undefined): Promise<string[]> {
  if (named !== undefined) return named.filter((uri) => uri !== 'none');
  const connection = await bench.connect();
  try {
    const { resources } = connection.capabilities;
    if (!isJsonObject(resources) || resources['subscribe'] !== true) return [];
    const listed = await connection.listResources();
    // What changes by itself tells most.
    const changing = listed.filter(({ uri }) => uri === 'dyno://tick');
    const others = listed.filter(({ uri }) => uri !== 'dyno://tick');
    return [...changing, ...others].slice(0, mostListed).map(({ uri }) => uri);
  } finally {
    await connection.close();
  }
}
