/** Our own HTTP/1.1 client on `node:net` and `node:tls`: bare connections for the load path, a pool for the rest. */
export { HttpAnswer } from './http-answer.js';
export { HttpConnection, type ConnectionEvents, type ConnectionOptions } from './http-connection.js';
export { HttpError } from './http-error.js';
export { HttpPool, type HttpPoolOptions, type HttpRequest } from './http-pool.js';
export { originOf, type HttpOrigin, type TlsOptions, type Via } from './origin.js';
export { ResponseHead } from './response-head.js';
export { defaultHttpLimits, ResponseParser, type HttpLimits, type ResponseSink } from './response-parser.js';
