import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { FakeClock } from '../../../core/clock.js';
import { ToolDiscovery } from '../discovery.js';
import { aTool } from '../source.fixture.js';
import { adapterSource } from './adapter-source.js';
import { fileSource } from './file-source.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dyno-sources-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function statusOf(text: string) {
  const path = join(folder, 'tools.json');
  await writeFile(path, text);
  const discovery = new ToolDiscovery({ clock: new FakeClock() });
  const status = await discovery.addSource(fileSource('file', path));
  discovery.close();
  return status;
}

describe('fileSource', () => {
  it.each([
    ['a list', JSON.stringify([aTool('x')])],
    ['an answer to tools/list', JSON.stringify({ tools: [aTool('x')] })],
    ['comments', `// my tools\n[${JSON.stringify(aTool('x'))}]`],
  ])('reads %s', async (_, text) => {
    expect(await statusOf(text)).toMatchObject({ state: 'fresh', tools: 1 });
  });

  it.each([
    ['no JSON', '{', /is no JSON/],
    ['no tools', '{"servers":[]}', /holds neither a list nor an object with a list named 'tools'/],
  ])('says what is wrong with a file that has %s', async (_, text, message) => {
    expect((await statusOf(text)).error).toMatch(message);
  });

  it('says so when the file is missing', async () => {
    const discovery = new ToolDiscovery({ clock: new FakeClock() });
    const status = await discovery.addSource(fileSource('file', join(folder, 'none.json')));
    expect(status.error).toMatch(/cannot be opened: ENOENT/);
    discovery.close();
  });
});

describe('adapterSource', () => {
  it('is asked anew when it tells of a change', async () => {
    const clock = new FakeClock();
    const discovery = new ToolDiscovery({ clock });
    let tools = [aTool('x')];
    const source = adapterSource('a', () => Promise.resolve(tools));
    await discovery.addSource(source);
    tools = [aTool('y')];
    source.changed();
    await clock.advance(250);
    expect(discovery.find('a', 'y')).toBeDefined();
    discovery.close();
  });
});
