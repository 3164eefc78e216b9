import type { ConnectionOptions } from 'node:tls';

/** TLS settings that a user may need: own authorities, client certificates, or no verification at all. */
export type TlsOptions = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized' | 'servername'
>;

/** Where to connect to in place of the origin itself, such as a proxy that passes bytes on. */
export interface Via {
  host: string;
  port: number;
}

/** Where connections go. */
export interface HttpOrigin {
  /** A name or address, without brackets. */
  host: string;
  port: number;
  secure: boolean;
  /** The value of the Host header. */
  hostHeader: string;
  /** Connect here instead; Host header and certificate stay the origin's. */
  via?: Via;
}

/** The origin of an http or https URL. */
export function originOf(url: URL | string, via?: Via): HttpOrigin {
  const { protocol, hostname, port, host } = new URL(url);
  const secure = protocol === 'https:';
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 443 : 80) : Number(port),
    secure,
    hostHeader: host,
    ...(via === undefined ? {} : { via }),
  };
}
