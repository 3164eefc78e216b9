// Writes what is made of the option table: docs/options.md and schema/dyno.config.1.json. Run `npm run build` first.
import { writeFile } from 'node:fs/promises';
import { optionsPage } from '../dist/plan/options/options-page.js';
import { configSchema } from '../dist/plan/config/config-schema.js';

const root = new URL('..', import.meta.url);
await writeFile(new URL('docs/options.md', root), optionsPage());
await writeFile(new URL('schema/dyno.config.1.json', root), `${JSON.stringify(configSchema(), null, 2)}\n`);
