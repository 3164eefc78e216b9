/**
 * MCP on the wire, client and server side, both eras.
 *
 * @example
 * ```ts
 * const connection = await connect({ kind: 'http', url: 'http://127.0.0.1:3001/mcp' });
 * const tools = await connection.listTools();
 * await connection.close();
 * ```
 */

export type * from './types.js';
export type * from './server/server-types.js';
export { protocolVersions } from './types.js';
export { WireError, type WireErrorOptions } from './wire-error.js';
export {
  classifyMessage,
  isRequestId,
  type ClassifiedMessage,
  type JsonRpcErrorObject,
} from './message/json-rpc.js';
export {
  classifyHttpAnswer,
  classifyResponse,
  classifyStatus,
  describeResponse,
  plain,
} from './message/classify-response.js';
export { nameOf, requestHeaders } from './message/request-headers.js';
export { metaKeys, metaOf, statelessMeta, type ClientIdentity } from './message/request-meta.js';
export {
  decodeHeaderValue,
  encodeHeaderValue,
  headerMarks,
  paramHeaders,
  type HeaderMark,
  type HeaderMarks,
} from './message/param-headers.js';
export { connect } from './client/connect.js';
export {
  callAsTask,
  cancelTask,
  createTask,
  taskStatus,
  tasksCapability,
  tasksExtension,
  type TaskOptions,
  type TaskRun,
  type TaskStatus,
} from './client/task-run.js';
export { defaultLimits } from './client/limits.js';
export { forgetVerdicts } from './client/verdicts.js';
export { McpServer } from './server/mcp-server.js';
export { ClientRefusal, RpcError, rpcCodes } from './server/rpc-error.js';
export { WireFault, type Fault } from './server/wire-fault.js';
export { serveHttp } from './server/serve-http.js';
export { serveStdio } from './server/serve-stdio.js';
