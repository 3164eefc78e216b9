/**
 * What each folder of src/ may import, besides core and itself (the table in CONTRIBUTING.md). ESLint enforces it,
 * for type imports and dynamic imports too.
 */
export const mayImport = {
  core: [],
  analysis: [],
  report: [],
  store: [],
  measure: [],
  protocol: [],
  target: ['protocol', 'measure'],
  reference: ['protocol'],
  network: ['protocol'],
  plan: ['target', 'analysis'],
  load: ['plan', 'target', 'protocol', 'measure', 'analysis'],
  host: ['protocol', 'target'],
  cluster: ['plan', 'load', 'analysis'],
  suite: [
    'analysis',
    'store',
    'measure',
    'protocol',
    'target',
    'reference',
    'network',
    'plan',
    'load',
    'host',
  ],
  live: ['report'],
};

export const folders = Object.keys(mayImport);
