/**
 * How many bytes of old generation each way to copy an object leaves per copy, before a full collection:
 * `node bench/object-spread.js`. See docs/findings.md.
 */
import { getHeapSpaceStatistics } from 'node:v8';

const ways = {
  'object spread': (result) => ({ ...result, resultType: 'complete' }),
  'Object.assign': (result) => Object.assign({}, result, { resultType: 'complete' }),
  'written out': ({ content, value }) => ({ content, value, resultType: 'complete' }),
};
const copies = 30_000;

/** Bytes in V8's old generation. */
const oldBytes = () =>
  getHeapSpaceStatistics().find((space) => space.space_name === 'old_space').space_used_size;

let kept = 0;
const copy = (way, times) => {
  for (let i = 0; i < times; i++) {
    const text = JSON.stringify(way({ content: [{ type: 'text', text: 'hello' }], value: { id: i } }));
    kept += text.length;
  }
};

console.log(`Node ${process.versions.node}, V8 ${process.versions.v8}`);
for (const [name, way] of Object.entries(ways)) {
  copy(way, 10_000);
  const before = oldBytes();
  copy(way, copies);
  console.log(`${name.padEnd(14)} ${Math.round((oldBytes() - before) / copies)} bytes per copy`);
}
if (kept === 0) throw new Error('nothing was copied');
