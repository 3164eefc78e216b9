import { describe, expect, it } from 'vitest';

import { FakeClock } from '../../../core/clock.js';
import { editDistance } from '../../../core/nearest.js';
import { seededRandom } from '../../../core/random.js';
import { ToolDiscovery } from '../../discovery/discovery.js';
import { aTool, ScriptedSource } from '../../discovery/source.fixture.js';
import { adapterSource } from '../../discovery/sources/adapter-source.js';
import { editsForgiven, NameIndex } from './name-index.js';

async function discoveryOf(names: string[], server = 'a') {
  const discovery = new ToolDiscovery({ clock: new FakeClock() });
  await discovery.addSource(
    adapterSource(
      server,
      names.map((name) => aTool(name)),
    ),
  );
  return discovery;
}

describe('NameIndex', () => {
  it('finds exact names of several servers, and an id alone', async () => {
    const discovery = await discoveryOf(['create_issue', 'createIssue']);
    await discovery.addSource(adapterSource('b', [aTool('create_issue')]));
    const names = new NameIndex(discovery);
    expect(names.exact('create_issue').map(({ id }) => id)).toEqual(['a/create_issue', 'b/create_issue']);
    expect(names.exact('b/create_issue').map(({ id }) => id)).toEqual(['b/create_issue']);
    expect(names.exact('Create Issue').map(({ id }) => id)).toEqual([
      'a/createIssue',
      'a/create_issue',
      'b/create_issue',
    ]);
    expect(names.exact('create')).toEqual([]);
  });

  it('never takes a look-alike for the name itself', async () => {
    const names = new NameIndex(await discoveryOf(['dеlete_file'])); // with a Cyrillic е
    expect(names.exact('delete_file')).toEqual([]);
  });

  it.each([
    ['creat_isue', 'create_issue'],
    ['craete issue', 'create_issue'],
    ['listPullRequest', 'list_pull_requests'],
    ['serach_files', 'search_files'],
    ['kubectlget', 'kubectl_get'],
  ])('forgives %s', async (typed, name) => {
    const discovery = await discoveryOf([
      'create_issue',
      'list_pull_requests',
      'search_files',
      'kubectl_get',
      'send_mail',
    ]);
    expect(new NameIndex(discovery).near(typed, 3)[0]?.record.name).toBe(name);
  });

  it('finds nothing for what is near to no name, nor for nothing', async () => {
    const names = new NameIndex(await discoveryOf(['create_issue']));
    expect(names.near('weather in Oslo tomorrow', 5)).toEqual([]);
    expect(names.near('', 5)).toEqual([]);
    expect(names.near('x'.repeat(100_000), 5)).toEqual([]);
  });

  it('finds every name that comparing with all would', async () => {
    const random = seededRandom('names');
    const letters = 'abc';
    const draw = (length: number) => Array.from({ length }, () => random.pick([...letters])).join('');
    const all = Array.from({ length: 400 }, () => draw(random.integer(2, 14)));
    const names = new NameIndex(await discoveryOf([...new Set(all)]));
    for (let round = 0; round < 60; round++) {
      const typed = draw(random.integer(2, 14));
      const found = names.near(typed, 1_000).map(({ record }) => record.name);
      const expected = [...new Set(all)].filter(
        (name) => editDistance(typed, name) <= editsForgiven(typed.length),
      );
      expect(new Set(found)).toEqual(new Set(expected));
    }
  });

  it('follows the discovery and leaves nothing behind', async () => {
    const source = new ScriptedSource('a', [aTool('one'), aTool('two')]);
    const discovery = new ToolDiscovery({ clock: new FakeClock() });
    await discovery.addSource(source);
    const names = new NameIndex(discovery);
    source.tools = [aTool('two'), aTool('three')];
    await discovery.refresh();
    expect(names.exact('one')).toEqual([]);
    expect(names.exact('three')).toHaveLength(1);
    discovery.removeSource('a');
    expect(names.size).toEqual({ names: 0, grams: 0, lengths: 0 });
  });
});
