import { largest, run } from './data.js';
import { hide, plot } from './plot.js';

/** Throughput by calls in flight with the scalability law, for the test shown or else the first that has levels. */
export function capacityChart(index) {
  const has = (test) => Array.isArray(test?.details?.levels) && test.details.levels.length > 1;
  const test = has(run.tests[index]) ? run.tests[index] : run.tests.find(has);
  if (test === undefined) {
    hide('capacity-chart');
    return;
  }
  const levels = test.details.levels
    .filter(({ in_flight, throughput }) => in_flight > 0 && typeof throughput === 'number')
    .sort((a, b) => a.in_flight - b.in_flight);
  const highest = largest(levels.map(({ in_flight }) => in_flight));
  const law = lawOf(test);
  const values = (name) => test.metrics[name]?.value ?? null;
  const marks = [
    ['capacity.knee_concurrency', 'knee'],
    ['usl.peak_concurrency', 'peak of the law'],
  ].flatMap(([name, label]) =>
    values(name) === null ? [] : [{ at: values(name), label: `${label} ${Math.round(values(name))}` }],
  );
  const far = law === undefined ? highest : highest * 1.4;
  const grid = Array.from({ length: 101 }, (_, i) => 1 + ((far - 1) * i) / 100);
  const x = [...new Set([...levels.map(({ in_flight }) => in_flight), ...(law ? grid : [])])].sort(
    (a, b) => a - b,
  );
  const at = new Map(levels.map((level) => [level.in_flight, level.throughput]));
  const lines = [
    {
      label: 'measured',
      colour: 'blue',
      points: true,
      line: law === undefined,
      values: x.map((n) => at.get(n) ?? null),
    },
  ];
  if (law !== undefined) {
    const inside = (of) => x.map((n) => (n <= highest ? of(n) : null));
    lines.push(
      { label: 'law', colour: 'vermilion', values: inside(law.middle) },
      {
        label: 'law, beyond the data',
        colour: 'vermilion',
        dash: [2, 5],
        values: x.map((n) => (n >= highest ? law.middle(n) : null)),
      },
    );
    if (law.corners.length > 1) {
      const corner = (pick) => (n) => pick(...law.corners.map((of) => of(n)));
      lines.push(
        { label: 'lowest', colour: 'faint', dash: [4, 4], values: inside(corner(Math.min)) },
        { label: 'highest', colour: 'faint', dash: [4, 4], values: inside(corner(Math.max)) },
      );
    }
  }
  const bars = levels.flatMap(({ in_flight, throughput_ci95: ci }) =>
    Array.isArray(ci) ? [{ at: in_flight, low: ci[0], high: ci[1] }] : [],
  );
  plot('capacity-chart', {
    x,
    lines,
    marks,
    bars,
    height: 300,
    unit: '/s',
    xAxis: { label: 'in flight', read: (n) => String(Math.round(n)) },
  });
}

/** The universal scalability law of a test: its curve, and the curves at the corners of its parameters' intervals. */
function lawOf({ details, metrics }) {
  const of = (lambda, sigma, kappa) => (n) => (lambda * n) / (1 + sigma * (n - 1) + kappa * n * (n - 1));
  const parameters = ['lambda', 'sigma', 'kappa'].map((name) => {
    const fitted = details?.usl?.kind === 'fit' ? details.usl[name] : metrics[`usl.${name}`];
    return fitted && typeof fitted.value === 'number'
      ? { value: fitted.value, ends: fitted.ci95 ?? [fitted.value] }
      : undefined;
  });
  if (parameters.includes(undefined)) return undefined;
  const [lambda, sigma, kappa] = parameters;
  const corners = lambda.ends.flatMap((l) => sigma.ends.flatMap((s) => kappa.ends.map((k) => of(l, s, k))));
  return { middle: of(lambda.value, sigma.value, kappa.value), corners };
}
