import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Holds so many bytes during the second half of each period, and gives them back to the system afterwards.
 *
 * @returns a function that ends it.
 */
export function swingRegularly(bytes: number, everyMs: number): () => void {
  // What was dropped goes back only when it is collected.
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let held: Buffer | undefined;
  const timer = setInterval(() => {
    if (held === undefined) held = Buffer.allocUnsafeSlow(bytes).fill(0xa5);
    else {
      held = undefined;
      collect();
    }
  }, everyMs / 2);
  return () => {
    clearInterval(timer);
  };
}
