import type { ConnectionOptions } from 'node:tls';

/** TLS settings that a user may need: own authorities, client certificates, or no verification at all. */
export type TlsOptions = Pick<
  ConnectionOptions,
  'ca' | 'cert' | 'key' | 'passphrase' | 'rejectUnauthorized' | 'servername'
>;

/** Where connections go. */
export interface HttpOrigin {
  /** A name or address, without brackets. */
  host: string;
  port: number;
  secure: boolean;
  /** The value of the Host header. */
  hostHeader: string;
}

/** The origin of an http or https URL. */
export function originOf(url: URL | string): HttpOrigin {
  const { protocol, hostname, port, host } = new URL(url);
  const secure = protocol === 'https:';
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 443 : 80) : Number(port),
    secure,
    hostHeader: host,
  };
}
