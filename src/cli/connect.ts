import type { McpConnection } from '../protocol/index.js';
import { connectTarget, explainTargetError, openTarget, type TargetSpec } from '../target/index.js';
import type { CommandContext } from './command.js';
import { scriptedClient } from './server-requests.js';

/**
 * Opens a target, connects, and does something with the connection; then everything is closed and stopped again.
 *
 * @throws DynoError (111) when it cannot be started, reached or spoken to.
 */
export async function withConnection<T>(
  { settings, config, interrupts }: CommandContext,
  spec: TargetSpec,
  use: (connection: McpConnection) => Promise<T>,
): Promise<T> {
  const client = scriptedClient(config?.serverRequests ?? new Map());
  const target = await openTarget(spec, { startTimeoutMs: settings.startTimeout });
  try {
    const connection = await connectTarget(target, {
      protocol: settings.protocol,
      timeoutMs: settings.startTimeout,
      signal: interrupts.drain,
      ...(client ? { onRequest: client.onRequest, capabilities: client.capabilities } : {}),
    });
    try {
      return await use(connection);
    } catch (error) {
      throw await explainTargetError(target, error);
    } finally {
      await connection.close();
    }
  } finally {
    await target.stop();
  }
}
