import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { messageOf, usageError } from '../../core/index.js';
import { showAddress, type Address } from './address.js';

/**
 * Listens for connections.
 *
 * @throws DynoError (104) where the port is in use, not allowed, or the address is not of this machine.
 */
export function listenForConnections(
  address: Address,
  accept: (socket: Socket) => void,
): Promise<{ server: Server; port: number }> {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, accept);
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(listenError(address, error));
    });
    server.listen({ host: address.host, port: address.port, backlog: 4096 }, () => {
      server.removeAllListeners('error');
      server.on('error', () => undefined);
      resolve({ server, port: (server.address() as AddressInfo).port });
    });
  });
}

/** What a failure to listen means for the user. */
export function listenError(address: Address, error: NodeJS.ErrnoException): Error {
  const place = showAddress(address);
  switch (error.code) {
    case 'EADDRINUSE':
      return usageError(
        `Cannot listen on ${place}: the port is in use`,
        'Choose another port, or 0 for any free one.',
        error,
      );
    case 'EACCES':
      return usageError(`Cannot listen on ${place}: not allowed`, 'Choose a port above 1023.', error);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return usageError(
        `Cannot listen on ${place}: this machine does not have that address`,
        undefined,
        error,
      );
    default:
      return usageError(`Cannot listen on ${place}: ${messageOf(error)}`, undefined, error);
  }
}
