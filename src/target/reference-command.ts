import { fileURLToPath } from 'node:url';
import type { ReferenceTargetSpec, StdioTargetSpec } from './target-spec.js';

/** The command line program, whether this runs compiled or from source. */
const program = fileURLToPath(new URL('../../bin/dyno.js', import.meta.url));

/** The command that starts the bundled reference server. */
export function referenceCommand(spec: ReferenceTargetSpec): StdioTargetSpec {
  const transport = spec.transport === 'stdio' ? ['--stdio'] : [];
  return {
    kind: 'stdio',
    command: process.execPath,
    args: [program, 'serve', ...transport, ...spec.args],
    env: {},
  };
}
