import { isIP } from 'node:net';
import { printableLine, unreachableError } from '../core/index.js';
import { wordsOf } from './arguments/field-words.js';
import type { CatalogueTool } from './catalogue.js';

/** What the user allowed. */
export interface SafetyPolicy {
  /** Named with `--tool`. */
  named: ReadonlySet<string>;
  /** `--tool all`: also read-only tools that dyno would rather leave alone. */
  all: boolean;
  /** `--allow`, or `allow: true` in the config. */
  allow: ReadonlySet<string>;
  /** `--allow-writes`. */
  allowWrites: boolean;
  /** `--deny`, or `false` in the config. Wins over everything. */
  deny: ReadonlySet<string>;
}

/** Why a tool may be called, or why it is not. */
export type SafetyVerdict =
  | { call: true; because: 'read-only' | 'named' | 'allowed' | 'writes allowed' }
  | {
      call: false;
      reason: 'denied' | 'destructive' | 'not-read-only' | 'contradictory' | 'cautious';
      /** In a few words, for lists. */
      why: string;
      /** How to have it called anyway. */
      hint: string;
    };

/** What no tool does that only reads, wherever in its name it stands. */
const destroying = new Set(
  'delete remove drop destroy erase purge wipe truncate kill terminate shutdown reboot uninstall revoke overwrite'.split(
    ' ',
  ),
);

/** What no tool does that only reads, if its name begins with it. */
const changing = new Set(
  'write create update insert set add put post patch send move rename edit publish deploy execute exec run install reset clear upload buy pay transfer approve cancel'.split(
    ' ',
  ),
);

/** Read-only in the letter, but nothing to load unasked. */
const cautions: readonly (readonly [RegExp, string])[] = [
  [
    /^(get |print |show |list |read )?env( vars?)?$|\benvironment( variables?)?\b|\bprintenv\b/,
    'shows environment variables',
  ],
  [/\b(secrets?|credentials?|passwords?|tokens?|api keys?|private keys?)\b/, 'shows secrets'],
  [/^(toggle|trigger)\b/, 'starts or switches something'],
  [/\blong running\b|^sleep$|^wait$/, 'runs long on purpose'],
  [/\b(shutdown|restart|reboot|exit|quit)\b/, 'stops something'],
];

/** The words that all tools of a server begin with (`git_log`, `git_show`): they say nothing of one tool. */
export function commonPrefix(names: readonly string[]): number {
  const split = names.map(wordsOf);
  const [first] = split;
  if (first === undefined || split.length < 3) return 0;
  let length = 0;
  while (split.every((words) => words.length > length + 1 && words[length] === first[length])) length++;
  return length;
}

/**
 * Whether a tool may be called. Only `readOnlyHint: true` speaks for it; an absent hint means destructive. A hint that
 * contradicts another, or the tool's own name, is not believed. Naming a tool is asking for it.
 */
export function judgeTool(tool: CatalogueTool, policy: SafetyPolicy, prefixLength = 0): SafetyVerdict {
  const { name, annotations = {} } = tool;
  if (policy.deny.has(name)) {
    return {
      call: false,
      reason: 'denied',
      why: 'denied',
      hint: 'It is named by --deny, or false in the config.',
    };
  }
  if (policy.named.has(name)) return { call: true, because: 'named' };
  if (policy.allow.has(name)) return { call: true, because: 'allowed' };
  if (policy.allowWrites) return { call: true, because: 'writes allowed' };
  const hint = `To call it: --allow ${/^[\w.:/-]+$/.test(name) ? name : `'${name}'`}`;
  const words = wordsOf(name).slice(prefixLength);
  if (annotations.readOnlyHint !== true) {
    // The specification's default: destructive unless said otherwise.
    return annotations.destructiveHint === false
      ? { call: false, reason: 'not-read-only', why: 'changes something', hint }
      : {
          call: false,
          reason: 'destructive',
          why: annotations.destructiveHint === true ? 'destructive' : 'may be destructive',
          hint,
        };
  }
  if (annotations.destructiveHint === true) {
    return { call: false, reason: 'contradictory', why: 'marked read-only and destructive at once', hint };
  }
  const verb =
    words.find((word) => destroying.has(word)) ?? (changing.has(words[0] ?? '') ? words[0] : undefined);
  if (verb !== undefined) {
    return { call: false, reason: 'contradictory', why: `marked read-only, but named '${verb}'`, hint };
  }
  const caution = policy.all ? undefined : cautions.find(([pattern]) => pattern.test(words.join(' ')))?.[1];
  if (caution !== undefined) return { call: false, reason: 'cautious', why: caution, hint };
  return { call: true, because: 'read-only' };
}

/** Above this many calls per second a public host needs `--yes`. */
export const publicRateLimit = 20;

/** True for an address that cannot be somebody else's public server: loopback, private, link-local, unique local. */
export function isPrivateAddress(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (isIP(plain) === 4) {
    const [a = 0, b = 0] = plain.split('.').map(Number);
    return (
      a === 127 ||
      a === 10 ||
      (a === 172 && b >= 16 && b <= 31) ||
      (a === 192 && b === 168) ||
      (a === 169 && b === 254) ||
      (a === 100 && b >= 64 && b <= 127) ||
      plain === '0.0.0.0'
    );
  }
  return isIP(plain) === 6 && (/^(::1|::)$/.test(plain) || /^f[cd]/i.test(plain) || /^fe[89ab]/i.test(plain));
}

/**
 * True for a host that needs the user's word: not loopback, not private, also not by all addresses that its name
 * resolves to.
 *
 * @throws DynoError (111) for a name that does not resolve: there is nobody to ask about.
 */
export async function isPublicHost(
  host: string,
  resolve: (host: string) => Promise<string[]> = resolveHost,
): Promise<boolean> {
  const name = host.replace(/^\[|\]$/g, '');
  if (isIP(name) !== 0) return !isPrivateAddress(name);
  if (name === 'localhost' || name.endsWith('.localhost')) return false;
  const addresses = await resolve(name).catch((error: unknown) => {
    throw unreachableError(
      `The host '${printableLine(name, 100)}' cannot be found`,
      'Check its name, and whether this machine can look names up.',
      error,
    );
  });
  return addresses.length === 0 || !addresses.every(isPrivateAddress);
}

async function resolveHost(host: string): Promise<string[]> {
  const { lookup } = await import('node:dns/promises');
  return (await lookup(host, { all: true })).map(({ address }) => address);
}
