import { secrets } from '../core/index.js';
import {
  environmentName,
  optionEntries,
  type GivenFlag,
  type OptionKey,
  type Settings,
} from '../plan/options/index.js';
import type { Io } from './io.js';

/** Shorter values under secret-looking names are rarely secrets, and everyday words elsewhere. */
const shortest = 8;

/**
 * Makes what was given as a secret known to the redaction before anything is said: flags, `DYNO_*`, and variables whose
 * names say secret.
 */
export function rememberGiven(flags: ReadonlyMap<OptionKey, GivenFlag>, env: Io['env']): void {
  for (const [key, spec] of optionEntries) {
    if (!spec.secret) continue;
    const given = flags.get(key)?.value;
    const variable = environmentName(spec);
    const texts = [
      ...(Array.isArray(given) ? (given as string[]) : []),
      ...(variable ? [env[variable] ?? ''] : []),
    ];
    for (const text of texts) rememberText(key, text);
  }
  for (const [name, value] of Object.entries(env)) {
    if (value !== undefined && value.length >= shortest) secrets.addNamed(name, value);
  }
}

/** The same for what a config file sets. */
export function rememberSettings({ header = [], bearer, oauthClientSecret, env = [] }: Settings): void {
  for (const text of [bearer, oauthClientSecret]) secrets.add(text);
  for (const text of [...header, ...env]) secrets.addArguments([text]);
}

/** Headers and variables are secret by their names, tokens as they are. */
function rememberText(key: OptionKey, text: string): void {
  if (text === '') return;
  if (key === 'header' || key === 'env') secrets.addArguments([text]);
  else secrets.add(text);
}
