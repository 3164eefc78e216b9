import type { LoadHooks, LoadRunner, LoadTarget } from '../load/index.js';
import type { OpenTarget } from '../target/index.js';

/**
 * The same runner for a target that wants tokens: each load begins with a current one, and new ones reach it while it goes
 * on. A test may take longer than a token lives.
 */
export function authorizedRunner(runner: LoadRunner, authorization: OpenTarget['authorization']): LoadRunner {
  const runWith = (inner: LoadRunner): LoadRunner['run'] => {
    return async (plan, target, hooks: LoadHooks = {}) => {
      const value = await authorization();
      return await inner.run(plan, authorized(target, value), { ...hooks, authorization });
    };
  };
  const session = runner.session?.bind(runner);
  return {
    run: runWith(runner),
    ...(session === undefined
      ? {}
      : {
          session: () => {
            const opened = session();
            return { run: runWith(opened), close: () => opened.close() };
          },
        }),
  };
}

function authorized(target: LoadTarget, value: string | undefined): LoadTarget {
  if (target.kind === 'stdio' || value === undefined) return target;
  return { ...target, headers: { ...target.headers, authorization: value } };
}
