const nobody = new Int32Array(new SharedArrayBuffer(4));

/** Stands still for `ms` milliseconds without using the processor: nothing else of this thread runs. */
export function blockFor(ms: number): void {
  if (ms > 0) Atomics.wait(nobody, 0, 0, ms);
}

/** Burns the processor until `at` on the clock `now`: nothing else of this thread runs. */
export function spinUntil(at: number, now: () => number): void {
  while (now() < at);
}

/**
 * Stands still for `forMs` in every `everyMs`, counted from now; the first time after `everyMs`.
 *
 * @param onStall hears of each time.
 * @returns a function that ends it.
 */
export function stallRegularly(forMs: number, everyMs: number, onStall: () => void): () => void {
  let next = performance.now() + everyMs;
  let timer: NodeJS.Timeout | undefined;
  const plan = () => {
    timer = setTimeout(
      () => {
        if (performance.now() < next) {
          plan();
          return;
        }
        onStall();
        blockFor(next + forMs - performance.now());
        next += everyMs;
        plan();
      },
      Math.max(0, next - performance.now()),
    );
  };
  plan();
  return () => {
    clearTimeout(timer);
  };
}
