import { secrets } from '../core/index.js';
import type { TargetSpec } from './target-spec.js';

/**
 * Makes the secrets of a target known to the redaction of this thread: credentials in headers, variables, arguments and
 * URLs. For a command also those of our own environment, which it inherits and may print.
 */
export function rememberSecrets(spec: TargetSpec): void {
  if (spec.kind === 'reference') return;
  if (spec.kind === 'stdio') {
    secrets.addEnvironment(spec.env);
    secrets.addArguments([spec.command, ...spec.args]);
    for (const [name, value] of Object.entries(process.env)) {
      // Short values under secret-looking names are rarely secrets, and everyday words elsewhere.
      if (value !== undefined && value.length >= 8) secrets.addNamed(name, value);
    }
    return;
  }
  secrets.addHeaders(spec.headers);
  secrets.addUrl(spec.url);
  if (spec.auth?.kind === 'bearer') secrets.add(spec.auth.token);
  if (spec.auth?.kind === 'client-credentials') secrets.add(spec.auth.clientSecret);
  if (spec.auth?.kind === 'bearer-command') secrets.addArguments(spec.auth.command.split(/\s+/));
}
