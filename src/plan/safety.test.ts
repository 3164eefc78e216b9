import { describe, expect, it } from 'vitest';
import type { CatalogueTool } from './catalogue.js';
import { commonPrefix, isPrivateAddress, isPublicHost, judgeTool, type SafetyPolicy } from './safety.js';

const nothing: SafetyPolicy = {
  named: new Set(),
  all: false,
  allow: new Set(),
  allowWrites: false,
  deny: new Set(),
};
const tool = (name: string, annotations?: CatalogueTool['annotations']): CatalogueTool => ({
  name,
  inputSchema: { type: 'object' },
  ...(annotations ? { annotations } : {}),
});
const readOnly = { readOnlyHint: true };

describe('what is called unasked', () => {
  it('is what says that it only reads', () => {
    expect(judgeTool(tool('get_item', readOnly), nothing)).toEqual({ call: true, because: 'read-only' });
    expect(judgeTool(tool('list_updates', readOnly), nothing).call).toBe(true);
    expect(judgeTool(tool('get_deleted_items', readOnly), nothing).call).toBe(true);
  });

  it.each([
    ['no hints at all', tool('get_item'), 'destructive'],
    ['empty hints', tool('get_item', {}), 'destructive'],
    ['a destructive one', tool('get_item', { readOnlyHint: false, destructiveHint: true }), 'destructive'],
    ['a harmless write', tool('get_item', { destructiveHint: false }), 'not-read-only'],
    [
      'hints that contradict each other',
      tool('get_item', { readOnlyHint: true, destructiveHint: true }),
      'contradictory',
    ],
    ['a name that denies its hint', tool('delete_item', readOnly), 'contradictory'],
    ['such a name in camelCase', tool('itemRemove', readOnly), 'contradictory'],
    ['such a name with capitals', tool('DROP_TABLE', readOnly), 'contradictory'],
    ['a writing verb in front', tool('update-record', readOnly), 'contradictory'],
    ['the environment', tool('get-env', readOnly), 'cautious'],
    ['secrets', tool('list_api_keys', readOnly), 'cautious'],
    ['triggers', tool('trigger-long-running-operation', readOnly), 'cautious'],
    ['toggles', tool('toggle-simulated-logging', readOnly), 'cautious'],
  ])('is not %s', (_what, one, reason) => {
    expect(judgeTool(one, nothing)).toMatchObject({ call: false, reason });
  });

  it('does not look at the prefix that all tools share', () => {
    const names = ['update_server_list', 'update_server_get', 'update_server_find'];
    expect(commonPrefix(names)).toBe(2);
    expect(judgeTool(tool(names[0]!, readOnly), nothing, 2).call).toBe(true);
    expect(judgeTool(tool('update_server_delete', readOnly), nothing, 2).call).toBe(false);
    expect(commonPrefix(['a_b'])).toBe(0);
  });
});

describe('what is called when asked', () => {
  const wipe = tool('wipe_disk', { destructiveHint: true });

  it.each<[string, Partial<SafetyPolicy>, boolean]>([
    ['named', { named: new Set(['wipe_disk']) }, true],
    ['allowed', { allow: new Set(['wipe_disk']) }, true],
    ['writes allowed', { allowWrites: true }, true],
    ['all: still only what reads', { all: true }, false],
    ['another one allowed', { allow: new Set(['wipe_disk2']) }, false],
    [
      'denied, whatever else',
      { named: new Set(['wipe_disk']), allowWrites: true, deny: new Set(['wipe_disk']) },
      false,
    ],
  ])('%s', (_what, policy, called) => {
    expect(judgeTool(wipe, { ...nothing, ...policy }).call).toBe(called);
  });

  it('all: also read-only ones that dyno would rather leave alone', () => {
    expect(judgeTool(tool('get-env', readOnly), { ...nothing, all: true }).call).toBe(true);
    expect(judgeTool(tool('delete_item', readOnly), { ...nothing, all: true }).call).toBe(false);
  });

  it('says how to ask', () => {
    expect(judgeTool(wipe, nothing)).toMatchObject({ hint: 'To call it: --allow wipe_disk' });
    expect(judgeTool(tool('a b', {}), nothing)).toMatchObject({ hint: "To call it: --allow 'a b'" });
  });
});

describe('whose host it is', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['10.1.2.3', true],
    ['172.16.0.1', true],
    ['172.32.0.1', false],
    ['192.168.1.1', true],
    ['192.169.1.1', false],
    ['169.254.1.1', true],
    ['100.64.0.1', true],
    ['8.8.8.8', false],
    ['::1', true],
    ['[::1]', true],
    ['fd00::1', true],
    ['fe80::1', true],
    ['2001:4860:4860::8888', false],
    ['::ffff:10.0.0.1', true],
    ['::ffff:8.8.8.8', false],
  ])('%s is private: %s', (address, isPrivate) => {
    expect(isPrivateAddress(address)).toBe(isPrivate);
  });

  it('is told by all addresses of a name, and public where the name resolves to nothing', async () => {
    const resolves =
      (...addresses: string[]) =>
      () =>
        Promise.resolve(addresses);
    expect(await isPublicHost('db.internal', resolves('10.0.0.5', 'fd00::5'))).toBe(false);
    expect(await isPublicHost('mixed.example', resolves('10.0.0.5', '8.8.8.8'))).toBe(true);
    expect(await isPublicHost('nowhere.example', resolves())).toBe(true);
    await expect(isPublicHost('broken.example', () => Promise.reject(new Error('no')))).rejects.toMatchObject(
      {
        exitCode: 111,
      },
    );
    const never = () => Promise.reject(new Error('not asked'));
    expect(await isPublicHost('localhost', never)).toBe(false);
    expect(await isPublicHost('api.localhost', never)).toBe(false);
    expect(await isPublicHost('8.8.8.8', never)).toBe(true);
  });
});
