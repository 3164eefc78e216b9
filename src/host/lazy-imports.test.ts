import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** Loads the built registry and monitoring in a fresh process, and says what else came with them. */
function loadedBy(script: string): string[] {
  const dist = new URL('../../dist/host/', import.meta.url).href;
  const listing = `
    import { createRequire, register } from 'node:module';
    const { ServiceRegistry } = await import('${dist}registry/index.js');
    const { Monitoring } = await import('${dist}monitoring/index.js');
    ${script}
    console.log(JSON.stringify(Object.keys(createRequire('${dist}x.js').cache)));`;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', listing], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as string[];
}

const of = (files: string[], name: string) => files.filter((file) => file.includes(`/node_modules/${name}/`));

describe('importing registry and monitoring', () => {
  it('loads neither NATS nor OpenTelemetry, which are loaded when they are asked for', () => {
    const plain = loadedBy(`
      const registry = await ServiceRegistry.open();
      const monitoring = new Monitoring();
      monitoring.prometheus();
      await monitoring.close();
      await registry.close();`);
    expect(of(plain, '@nats-io')).toEqual([]);
    expect(of(plain, '@opentelemetry')).toEqual([]);
    // The same way of looking does find what was loaded.
    expect(of(plain, 'semver')).not.toEqual([]);
    const exporting = loadedBy(`
      const monitoring = new Monitoring();
      await monitoring.exportOtlp({ url: 'http://127.0.0.1:1/', timeoutMs: 100 });
      await monitoring.close();`);
    expect(of(exporting, '@opentelemetry')).not.toEqual([]);
  });
});
