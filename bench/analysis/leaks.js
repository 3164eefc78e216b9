/** Processes as they look from outside: a heap that finds its size, a saw-tooth of garbage, bytes kept per call. */
import { judgeLeak } from 'mcp-dyno/analysis';
import { seededRandom } from '../../dist/core/index.js';

const cases = {
  'flat, quick': { garbage: 0, growth: 0 },
  '25 MB saw-tooth, quick': {},
  '60 MB saw-tooth, quick': { garbage: 60e6 },
  '60 MB saw-tooth, full': { garbage: 60e6, calls: 600_000, samples: 400 },
  'heap grows to 150 MB, quick': { growth: 150e6, garbage: 5e6 },
  '2 kB kept, 10 MB saw-tooth, quick': { kept: 2000, garbage: 10e6 },
  '2 kB kept, 25 MB saw-tooth, quick': { kept: 2000 },
  '2 kB kept, 60 MB saw-tooth, quick': { kept: 2000, garbage: 60e6 },
  '200 B kept, 25 MB saw-tooth, full': { kept: 200, calls: 600_000, samples: 400 },
};

function watch(seed, { kept = 0, calls = 40_000, garbage = 25e6, growth = 20e6, samples = 40 }) {
  const random = seededRandom(seed);
  const period = 2 + random.next() * 3;
  return Array.from({ length: samples }, (_, i) => {
    const done = (calls * i) / (samples - 1);
    const phase = (i / period + random.next() * 0.3) % 1;
    const heap = 60e6 + growth * (1 - Math.exp((-8 * i) / samples));
    return { t: i / 4, calls: done, value: heap + garbage * phase + kept * done + random.normal(0, 0.3e6) };
  });
}

/** @returns {import('./run.js').Table} */
export function leaks(replications) {
  const rows = [];
  const bars = [];
  for (const [name, options] of Object.entries(cases)) {
    const counts = { leaking: 0, clean: 0, undecidable: 0 };
    let right = 0;
    for (let i = 0; i < replications; i++) {
      const found = judgeLeak({ resource: 'memory', load: watch(`${name} ${i}`, options) });
      counts[found.verdict]++;
      if (found.verdict === 'leaking' && Math.abs(found.perCall.value / (options.kept ?? 1) - 1) < 0.25)
        right++;
    }
    const percent = (count) => (100 * count) / replications;
    rows.push([
      name,
      ...Object.values(counts).map((count) => percent(count).toFixed(1)),
      options.kept ? percent(right).toFixed(1) : '–',
    ]);
    if (!options.kept)
      bars.push({
        what: `${name}: called leaking in at most 1.5 of 100`,
        pass: percent(counts.leaking) <= 1.5,
      });
    else bars.push({ what: `${name}: never called clean`, pass: counts.clean === 0 });
    if (options.kept && options.garbage !== 60e6) {
      bars.push({ what: `${name}: found within 25 % in at least 95 of 100`, pass: percent(right) >= 95 });
    }
  }
  return {
    title: 'Leaks, of 100 processes (quick: 10 s and 40,000 calls; full: 100 s and 600,000)',
    head: ['process', 'leaking', 'clean', 'undecidable', 'rate within 25 %'],
    rows,
    bars,
  };
}
