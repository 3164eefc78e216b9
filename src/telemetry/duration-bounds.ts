/**
 * Upper bounds of the buckets of durations, in seconds: those of OpenTelemetry's conventions for MCP, and finer ones
 * below, since a fast server answers within a tenth of the first.
 */
export const durationBounds: readonly number[] = [
  0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300,
];
