/**
 * Flat BM25 as published baselines use it: k1 1.2, b 0.75, lower case, words of letters and digits, no stemming, no
 * stop words, one bag of words per tool (name, description, and the names, descriptions and allowed values of all
 * parameters); each query word counts once; Lucene's idf; ties by the order of the tools.
 */
export class FlatBm25 {
  #documents;
  #frequency = new Map();
  #average;

  /** @param {{ name: string, description?: string, inputSchema?: object, parameters?: object }[]} tools */
  constructor(tools) {
    this.#documents = tools.map((tool) => {
      const counts = new Map();
      const words = wordsOf(textOf(tool));
      for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
      for (const word of counts.keys()) this.#frequency.set(word, (this.#frequency.get(word) ?? 0) + 1);
      return { counts, length: words.length };
    });
    this.#average = this.#documents.reduce((sum, { length }) => sum + length, 0) / this.#documents.length;
  }

  /** Indexes of the best tools, best first. */
  search(query, limit) {
    const total = this.#documents.length;
    const words = [...new Set(wordsOf(query))];
    return this.#documents
      .map(({ counts, length }, index) => {
        let score = 0;
        for (const word of words) {
          const count = counts.get(word);
          if (count === undefined) continue;
          const holding = this.#frequency.get(word);
          const idf = Math.log(1 + (total - holding + 0.5) / (holding + 0.5));
          score += (idf * count * 2.2) / (count + 1.2 * (0.25 + (0.75 * length) / this.#average));
        }
        return { index, score };
      })
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score || a.index - b.index)
      .slice(0, limit)
      .map(({ index }) => index);
  }
}

/** @param {string} text */
export function wordsOf(text) {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

function textOf(tool) {
  return `${tool.name} ${tool.description ?? ''}${schemaText(tool.inputSchema ?? tool.parameters ?? {})}`;
}

function schemaText(schema) {
  let text = '';
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    text += ` ${name} ${property?.description ?? ''} ${(property?.enum ?? []).join(' ')}`;
    text += schemaText(property ?? {});
  }
  if (schema.items) text += ` ${schema.items.description ?? ''}${schemaText(schema.items)}`;
  return text;
}
