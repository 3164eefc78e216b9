import { clearConditions, type NetworkConditions } from './conditions/conditions.js';
import { networkProfile } from './conditions/profiles.js';
import { applySettings } from './conditions/settings.js';

/**
 * A network in one word or a few: a profile's name, settings, or both, such as `3g`, `latency=50ms;jitter=5ms` or
 * `dsl;stall=1%:200ms`.
 *
 * @throws DynoError (104) that names `what`.
 */
export function readNetwork(text: string, what = '--network'): NetworkConditions {
  const [first = '', ...rest] = text.split(';').map((part) => part.trim());
  const named = first !== '' && !first.includes('=');
  const base = named ? networkProfile(first, what).conditions : clearConditions();
  const parts = (named ? rest : [first, ...rest]).filter((part) => part !== '');
  if (!named && parts.length === 0) networkProfile(text, what);
  const values = Object.fromEntries(
    parts.map((part) => {
      const at = part.indexOf('=');
      return at === -1 ? [part, ''] : [camelCase(part.slice(0, at).trim()), part.slice(at + 1).trim()];
    }),
  );
  return applySettings(base, values, ({ name }) => `'${name}' of ${what}`);
}

function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_all, letter: string) => letter.toUpperCase());
}
