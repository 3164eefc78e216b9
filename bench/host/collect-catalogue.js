/**
 * Writes what a server lists to data/catalogues/NAME.json: name, title, description, inputSchema and annotations.
 *
 *   node bench/host/collect-catalogue.js NAME PACKAGE VERSION LICENCE -- [what follows `dyno tools`]
 *   node bench/host/collect-catalogue.js memory @modelcontextprotocol/server-memory 2026.8.31 MIT -- -- mcp-server-memory
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const [name, pkg, version, licence, separator, ...target] = process.argv.slice(2);
if (licence === undefined || separator !== '--') {
  console.error(
    'Usage: node bench/host/collect-catalogue.js NAME PACKAGE VERSION LICENCE -- [target as for dyno tools]',
  );
  process.exit(104);
}
const dyno = fileURLToPath(new URL('../../bin/dyno.js', import.meta.url));
const { status, stdout, stderr } = spawnSync(process.execPath, [dyno, 'tools', '--json', ...target], {
  encoding: 'utf8',
  maxBuffer: 256 * 1024 * 1024,
});
if (status !== 0) {
  console.error(stderr);
  process.exit(status ?? 1);
}
const tools = JSON.parse(stdout).tools.map(({ name, title, description, inputSchema, annotations }) =>
  JSON.stringify({ name, title, description, inputSchema, annotations }),
);
const head = JSON.stringify({ server: name, package: pkg, version, licence }).slice(0, -1);
const file = new URL(`data/catalogues/${name}.json`, import.meta.url);
writeFileSync(file, `${head},"tools":[\n${tools.join(',\n')}\n]}\n`);
console.log(`${tools.length} tools in ${fileURLToPath(file)}`);
