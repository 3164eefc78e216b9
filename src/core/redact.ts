/** What stands where a secret stood. */
export const redacted = '«redacted»';

/** Shorter values cannot be told from ordinary text, and hide nothing worth hiding. */
const shortest = 4;

/** Values this short are replaced only where they stand alone, not inside of words. */
const shortestAnywhere = 8;

/** Ends a text that was cut. */
const cutMark = '…';

/** Members of JSON deeper than this are not looked at. */
const deepest = 64;

/** Values that secret-looking names often have without being secrets. */
const commonValues = new Set(
  'true false null none yes no on off auto default test local localhost admin root user debug info basic bearer'.split(
    ' ',
  ),
);

const secretName =
  /auth(?!or(?!iz))|cookie|token|secret|passw|passphrase|pwd|credential|bearer|jwt|^session$|signature|(?:^|[^a-z])sig$|(?:api|access|private|encryption|signing|master|subscription)[-_ .]?key|(?:^|[-_])(?:key|pat|pass|dsn)$/i;

/** Names that merely mention a secret: limits, files, addresses; and the shell's working directory. */
const harmlessName =
  /^(?:old)?pwd$|(?:url|uri|file|path|dir|host|port|type|mode|method|limit|timeout|ttl|count|size|max|min|enabled?|disabled?|endpoint|issuer|name|id|scopes?|realm|version|sock|max[-_]?tokens)$/i;

/** True where a value under this name (header, variable, parameter, option) is likely to be a secret. */
export function isSecretName(name: string): boolean {
  return secretName.test(name) && !harmlessName.test(name);
}

/** `scheme://user:password@` in any URL. */
const userinfo = /([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'<>@]*:[^\s/?#"'<>]*@/gi;
/** `Authorization: Bearer …`, also as a JSON member. */
const authorization =
  /((?:proxy-)?authorization["']?\s*[:=]\s*["']?)(?:(bearer|basic|digest|negotiate|token)\s+)?[^\s"',;]+/gi;
/** Query parameters (and form fields) with a name that says secret. */
const parameter = /([?&;])([A-Za-z0-9_.-]{1,64})=([^\s&;#"'<>]+)/g;

/**
 * The secrets known to this process, and the one place that removes them from text: raw, percent-encoded, in JSON
 * strings, and in base64 at whatever position.
 */
export class Secrets {
  readonly #needles = new Set<string>();
  #pattern: RegExp | undefined;

  /** Remembers a value; values under four characters are ignored. */
  add(value: string | undefined): void {
    if (value === undefined) return;
    const secret = value.trim();
    if (secret.length < shortest || secret === redacted || this.#needles.has(secret)) return;
    for (const form of formsOf(secret)) this.#needles.add(form);
    this.#pattern = undefined;
  }

  /** Remembers a value if its name says that it is a secret and it is no everyday word. */
  addNamed(name: string, value: string): void {
    if (isSecretName(name) && !/^\d{1,6}$/.test(value) && !commonValues.has(value.toLowerCase()))
      this.add(value);
    if (value.includes('://')) this.addUrl(value);
  }

  /** Remembers the values of headers that carry credentials, with their parts (`Bearer X`, `Basic …`, cookies). */
  addHeaders(headers: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(headers)) {
      if (!isSecretName(name)) continue;
      if (/cookie/i.test(name)) {
        for (const pair of value.split(';')) this.add(pair.slice(pair.indexOf('=') + 1));
      }
      const credentials = /^([A-Za-z][\w-]*)\s+(\S.*)$/.exec(value.trim())?.[2];
      this.add(credentials ?? value);
      if (credentials !== undefined && /^basic\s/i.test(value.trim())) {
        const plain = Buffer.from(credentials, 'base64').toString();
        this.add(plain);
        this.add(plain.slice(plain.indexOf(':') + 1));
      }
    }
  }

  /** Remembers what the names of environment variables mark as secret. */
  addEnvironment(env: Readonly<Record<string, string | undefined>>): void {
    for (const [name, value] of Object.entries(env)) if (value !== undefined) this.addNamed(name, value);
  }

  /**
   * Remembers what the members of a JSON value hold under secret-looking names, however deep. A template (`{{uuid}}`) is no
   * secret.
   */
  addMembers(value: unknown, name = '', depth = 0): void {
    if (typeof value === 'string') {
      if (!value.includes('{{')) this.addNamed(name, value);
    } else if (depth < deepest && Array.isArray(value)) {
      for (const item of value) this.addMembers(item, name, depth + 1);
    } else if (depth < deepest && typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) this.addMembers(item, key, depth + 1);
    }
  }

  /** Remembers a URL's password and its secret-looking query parameters. Text that is no URL is ignored. */
  addUrl(text: string): void {
    let url: URL;
    try {
      url = new URL(text);
    } catch {
      return;
    }
    if (url.password !== '') {
      this.add(url.password);
      this.add(decodeUri(url.password));
    }
    for (const [name, value] of url.searchParams) if (isSecretName(name)) this.add(value);
  }

  /** Remembers the secrets of a command line: `--api-key X`, `--token=X`, `TOKEN=X`, `Name: value`, URLs. */
  addArguments(args: readonly string[]): void {
    args.forEach((arg, index) => {
      const next = args[index + 1];
      const option = /^--?([A-Za-z][\w.-]*)(?:=(.*))?$/s.exec(arg);
      if (option?.[2] !== undefined) this.addNamed(option[1]!, option[2]);
      else if (option && next !== undefined && !next.startsWith('-')) this.addNamed(option[1]!, next);
      else if (/^[\w.-]+=/.test(arg))
        this.addNamed(arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1));
      const header = /^([\w-]+):\s*(\S.*)$/s.exec(arg);
      if (header && !arg.includes('://')) this.addHeaders({ [header[1]!]: header[2]! });
      this.addUrl(arg);
    });
  }

  /** The text with every known secret, and whatever stands where credentials stand, replaced by {@link redacted}. */
  redact(text: string): string {
    let clean = text;
    if (this.#needles.size > 0) {
      this.#pattern ??= patternOf([...this.#needles]);
      clean = clean.replace(this.#pattern, redacted);
      if (clean.includes(cutMark)) clean = this.#withoutBeginnings(clean);
    }
    return clean
      .replace(userinfo, `$1${redacted}@`)
      .replace(authorization, (_all, name: string, scheme?: string) =>
        scheme === undefined ? name + redacted : `${name}${scheme} ${redacted}`,
      )
      .replace(parameter, (all: string, start: string, name: string) =>
        isSecretName(name) ? `${start}${name}=${redacted}` : all,
      );
  }

  /** What was cut before it came here may end with the beginning of a secret. */
  #withoutBeginnings(text: string): string {
    return text
      .split(cutMark)
      .map((part, index, parts) => {
        if (index === parts.length - 1) return part;
        let most = 0;
        for (const needle of this.#needles) {
          let length = Math.min(needle.length - 1, part.length);
          while (length > most && !part.endsWith(needle.slice(0, length))) length--;
          most = Math.max(most, length);
        }
        return most < shortest ? part : part.slice(0, part.length - most) + redacted;
      })
      .join(cutMark);
  }

  /** A deep copy of plain data, every string in it (keys too) redacted and the values under secret names dropped. */
  redactJson<T>(value: T): T {
    return this.#copy(value) as T;
  }

  #copy(value: unknown): unknown {
    if (typeof value === 'string') return this.redact(value);
    if (Array.isArray(value)) return value.map((item) => this.#copy(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [this.redact(key), this.#copy(item)]),
    );
  }
}

/** The secrets of this thread. Worker threads have their own, filled when their target is opened. */
export const secrets = new Secrets();

/** {@link Secrets.redact} of this thread's {@link secrets}. */
export function redact(text: string): string {
  return secrets.redact(text);
}

function decodeUri(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function formsOf(secret: string): Set<string> {
  const forms = new Set([secret, JSON.stringify(secret).slice(1, -1)]);
  const percent = encodeURIComponent(secret);
  const strict = percent.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const form = new URLSearchParams([['', secret]]).toString().slice(1);
  for (const encoded of [percent, strict, form]) {
    forms.add(encoded);
    forms.add(encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()));
  }
  if (secret.length < shortestAnywhere) return forms;
  for (const encoded of base64Forms(secret)) {
    forms.add(encoded);
    forms.add(encoded.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return forms;
}

/**
 * What base64 always contains when the secret is part of what was encoded, for each of the three positions that it can
 * have within a group of three bytes; the characters that neighbours change are left out.
 */
function base64Forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const start = Math.ceil((offset * 8) / 6);
    const end = Math.floor(((offset + bytes.length) * 8) / 6);
    return encoded.slice(start, end);
  });
}

function patternOf(needles: string[]): RegExp {
  const alternatives = needles
    .sort((a, b) => b.length - a.length)
    .map((needle) => {
      const literal = needle.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
      return needle.length < shortestAnywhere ? `(?<![A-Za-z0-9_])${literal}(?![A-Za-z0-9_])` : literal;
    });
  return new RegExp(alternatives.join('|'), 'g');
}
