/**
 * The strongly connected components of a graph (Tarjan, 1972), without recursion, since the graph may come from a
 * hostile pattern or schema.
 *
 * @param size states are 0 … size − 1
 * @returns the number of each state's component; a component's number is lower than those of all that lead to it
 */
export function components(size: number, next: (state: number) => Iterable<number>): Int32Array {
  const component = new Int32Array(size).fill(-1);
  const index = new Int32Array(size).fill(-1);
  const low = new Int32Array(size);
  const open: number[] = [];
  let counter = 0;
  let found = 0;
  for (let root = 0; root < size; root++) {
    if (index[root] !== -1) continue;
    const work: { state: number; rest: Iterator<number> }[] = [];
    const enter = (state: number) => {
      index[state] = low[state] = counter++;
      open.push(state);
      work.push({ state, rest: next(state)[Symbol.iterator]() });
    };
    enter(root);
    while (work.length > 0) {
      const { state, rest } = work[work.length - 1]!;
      const step = rest.next();
      if (!step.done) {
        const to = step.value;
        if (index[to] === -1) enter(to);
        else if (component[to] === -1) low[state] = Math.min(low[state]!, index[to]!);
        continue;
      }
      work.pop();
      const parent = work[work.length - 1];
      if (parent !== undefined) low[parent.state] = Math.min(low[parent.state]!, low[state]!);
      if (low[state] !== index[state]) continue;
      for (let member = -1; member !== state;) {
        member = open.pop()!;
        component[member] = found;
      }
      found++;
    }
  }
  return component;
}
