/** The severities of MCP's log messages in their order, the least first (RFC 5424). */
export const severities = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
] as const;
