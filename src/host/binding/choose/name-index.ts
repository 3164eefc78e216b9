import { editDistance } from '../../../core/nearest.js';
import type { ToolRecord } from '../../discovery/types.js';
import type { ToolDiscovery } from '../../discovery/discovery.js';

/** A tool whose name is near to what was typed. */
export interface NearName {
  record: ToolRecord;
  /** 1 for the same but for case and separators; less for each edit. */
  likeness: number;
}

/** Of what was typed, so much is looked at. */
const longestTyped = 128;
/** More wrong letters are forgiven to nobody. */
const mostEdits = 4;

/** How many letters of a name may be wrong: one, and one more for every four from the fifth on. */
export function editsForgiven(length: number): number {
  return Math.max(1, Math.min(mostEdits, Math.floor((length - 1) / 4)));
}

/** Tools by name, exactly and nearly, kept up to date with a {@link ToolDiscovery}. */
export class NameIndex {
  readonly #discovery: ToolDiscovery;
  readonly #byName = new Map<string, Set<string>>();
  /** Names without case and separators, to the ids of tools that have them. */
  readonly #byPlain = new Map<string, Set<string>>();
  /** Three characters in a row, to the plain names that hold them. */
  readonly #byGram = new Map<string, Set<string>>();
  readonly #byLength = new Map<number, Set<string>>();
  readonly #stop: () => void;

  constructor(discovery: ToolDiscovery) {
    this.#discovery = discovery;
    for (const record of discovery.tools()) this.#add(record.id, record.name);
    this.#stop = discovery.onChange(({ added, removed }) => {
      for (const id of removed) this.#remove(id);
      for (const id of added) {
        const record = discovery.get(id);
        if (record !== undefined) this.#add(id, record.name);
      }
    });
  }

  /** Tools of exactly this name or id; where there is none, of the same but for case and separators. */
  exact(typed: string): ToolRecord[] {
    const own = this.#discovery.get(typed);
    if (own !== undefined) return [own];
    const ids = this.#byName.get(typed) ?? this.#byPlain.get(plainName(typed)) ?? [];
    return this.#records(ids);
  }

  /** Tools whose names are nearly this, the nearest first; equal ones in order of their ids. */
  near(typed: string, limit: number): NearName[] {
    const plain = plainName(typed.slice(0, longestTyped));
    if (plain === '') return [];
    const found: NearName[] = [];
    const edits = editsForgiven(plain.length);
    for (const name of this.#candidates(plain, edits)) {
      const distance = editDistance(plain, name);
      if (distance > edits) continue;
      const likeness = 1 - distance / Math.max(plain.length, name.length);
      for (const record of this.#records(this.#byPlain.get(name)!)) found.push({ record, likeness });
    }
    found.sort((a, b) => b.likeness - a.likeness || (a.record.id < b.record.id ? -1 : 1));
    return found.slice(0, limit);
  }

  /** Stops following the discovery. */
  close(): void {
    this.#stop();
  }

  /** How many names are held, for tests of its upkeep. */
  get size(): { names: number; grams: number; lengths: number } {
    return { names: this.#byName.size, grams: this.#byGram.size, lengths: this.#byLength.size };
  }

  /**
   * The names that may be near enough. An edit spoils at most four grams (a swap of neighbours does), so a near name has
   * one of the rarest 4 × edits + 1; very short ones have fewer, there all names of about that length are looked at.
   */
  #candidates(plain: string, edits: number): Set<string> {
    const candidates = new Set<string>();
    const grams = [...new Set(gramsOf(plain))];
    const near = (name: string) => Math.abs(name.length - plain.length) <= edits;
    if (grams.length <= 4 * edits) {
      for (let length = plain.length - edits; length <= plain.length + edits; length++) {
        for (const name of this.#byLength.get(length) ?? []) candidates.add(name);
      }
      return candidates;
    }
    const holding = grams
      .map((gram) => this.#byGram.get(gram) ?? new Set<string>())
      .sort((a, b) => a.size - b.size);
    for (const names of holding.slice(0, 4 * edits + 1)) {
      for (const name of names) if (near(name)) candidates.add(name);
    }
    return candidates;
  }

  #records(ids: Iterable<string>): ToolRecord[] {
    return [...ids]
      .sort()
      .map((id) => this.#discovery.get(id))
      .filter((record) => record !== undefined);
  }

  #add(id: string, name: string): void {
    into(this.#byName, name, id);
    const plain = plainName(name);
    if (!this.#byPlain.has(plain)) {
      for (const gram of gramsOf(plain)) into(this.#byGram, gram, plain);
      into(this.#byLength, plain.length, plain);
    }
    into(this.#byPlain, plain, id);
  }

  #remove(id: string): void {
    const name = id.slice(id.indexOf('/') + 1);
    outOf(this.#byName, name, id);
    const plain = plainName(name);
    outOf(this.#byPlain, plain, id);
    if (this.#byPlain.has(plain)) return;
    for (const gram of gramsOf(plain)) outOf(this.#byGram, gram, plain);
    outOf(this.#byLength, plain.length, plain);
  }
}

/** A name without case and separators. */
function plainName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '');
}

/** All three characters in a row, with the ends marked. */
function gramsOf(plain: string): string[] {
  const text = `\u0002${plain}\u0003`;
  if (text.length < 3) return [text];
  return Array.from({ length: text.length - 2 }, (_, i) => text.slice(i, i + 3));
}

function into<K>(groups: Map<K, Set<string>>, key: K, value: string): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, new Set([value]));
  else group.add(value);
}

function outOf<K>(groups: Map<K, Set<string>>, key: K, value: string): void {
  const group = groups.get(key);
  group?.delete(value);
  if (group?.size === 0) groups.delete(key);
}
