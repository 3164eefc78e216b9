import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MomentHeap } from './moment-heap.js';

describe('MomentHeap', () => {
  it('hands items out by moment, then by the order they were added', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (moments) => {
        const heap = new MomentHeap<[moment: number, order: number]>();
        for (const [order, at] of moments.entries()) {
          const earliest = moments.slice(0, order).every((before) => at < before);
          expect(heap.add(at, [at, order])).toBe(earliest);
        }
        const out: [number, number][] = [];
        for (let item = heap.takeDue(Infinity); item !== undefined; item = heap.takeDue(Infinity))
          out.push(item);
        const sorted = moments
          .map((at, order): [number, number] => [at, order])
          .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
        expect(out).toEqual(sorted);
        expect(heap.size).toBe(0);
      }),
    );
  });

  it('keeps what is not due yet', () => {
    const heap = new MomentHeap<string>();
    heap.add(5, 'later');
    heap.add(2, 'soon');
    expect(heap.firstAt).toBe(2);
    expect([heap.takeDue(1.9), heap.takeDue(2), heap.takeDue(4)]).toEqual([undefined, 'soon', undefined]);
    heap.clear();
    expect(heap.firstAt).toBeUndefined();
  });
});
