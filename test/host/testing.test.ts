import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { Fixtures } from '../../src/testing/index.js';

const fixtures = new Fixtures(afterEach);

describe('the fixtures', () => {
  it('make each service ready to be used', async () => {
    const http = await fixtures.httpServer();
    const client = await fixtures.client({ http });
    expect((await client.callTool('http', 'add', { a: 1, b: 2 })).structuredContent).toEqual({ sum: 3 });
    const registry = await fixtures.registry();
    await registry.registerService({ name: 'http', type: 'mcp_server', endpoint: http.url });
    expect(registry.discoverServices({ type: 'mcp_server' })).toHaveLength(1);
    const discovery = await fixtures.discovery({ http: await client.listTools('http') });
    const [hit] = await discovery.searchTools('add numbers');
    expect(hit?.record.id).toBe('http/add');
    const [binding] = await fixtures.binder(discovery).bindTools({ query: 'add', entities: { a: 1, b: 2 } });
    expect((await binding!.call()).content[0]!.text).toMatch(/^add/);
    const router = fixtures.router([{ id: 'x', name: 'x', replicas: ['one'] }]);
    expect((await router.callTool('x')).result.content[0]!.text).toBe('one');
    expect(fixtures.validator().validate({ type: 'string' }, 5).valid).toBe(false);
    const monitoring = fixtures.monitoring();
    monitoring.recordMetric('tests', 1, 'counter');
    expect(monitoring.prometheus()).toMatch(/tests/);
    const host = await fixtures.host();
    expect((await host.call('sample/echo', { message: 'hi' })).result.content[0]!.text).toBe('hi');
  });

  it.skipIf(!existsSync(new URL('../../dist/cli/main.js', import.meta.url)))(
    'start a target in a process of its own, and end it (needs dist: npm run build)',
    async () => {
      const own = new Fixtures();
      const target = await own.target();
      const { pid } = target.child!;
      const client = await own.client({
        target: target.spec.kind === 'reference' ? target.concrete : target.spec,
      });
      expect((await client.listTools('target')).length).toBeGreaterThan(0);
      await own.cleanup();
      expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
    },
  );

  it('end the last first, and name what could not be ended', async () => {
    const own = new Fixtures();
    const ended: string[] = [];
    own.onCleanup('first', () => ended.push('first'));
    own.onCleanup('second', () => {
      throw new Error('stuck');
    });
    own.onCleanup('third', () => ended.push('third'));
    await expect(own.cleanup()).rejects.toThrow('Fixtures could not be ended: second: stuck');
    expect(ended).toEqual(['third', 'first']);
    await own.cleanup();
  });
});
