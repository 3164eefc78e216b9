import type { Labels } from './metric.js';
import type { Series } from './series.js';

interface Node {
  series: Series | undefined;
  /** By the name of the next label, then by its value. */
  next: Map<string, Map<string | number | boolean, Node>> | undefined;
}

/**
 * Series by label sets as they come, in whatever order of names: no text is put together and nothing is sorted, so a
 * look-up costs two map look-ups for each label. Label sets are told apart by their parts, so no value can pose as another.
 */
export class LabelTrie {
  #root: Node = { series: undefined, next: undefined };
  #size = 0;

  /** How many label sets it knows. */
  get size(): number {
    return this.#size;
  }

  find(labels: Labels | undefined): Series | undefined {
    let node = this.#root;
    for (const name in labels) {
      const following = node.next?.get(name)?.get(labels[name]!);
      if (following === undefined) return undefined;
      node = following;
    }
    return node.series;
  }

  add(labels: Labels | undefined, series: Series): void {
    let node = this.#root;
    for (const name in labels) {
      node.next ??= new Map();
      let values = node.next.get(name);
      if (values === undefined) node.next.set(name, (values = new Map()));
      const value = labels[name]!;
      let following = values.get(value);
      if (following === undefined) values.set(value, (following = { series: undefined, next: undefined }));
      node = following;
    }
    if (node.series === undefined) this.#size++;
    node.series = series;
  }

  clear(): void {
    this.#root = { series: undefined, next: undefined };
    this.#size = 0;
  }
}
