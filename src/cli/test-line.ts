import { formatDuration, printableLine, type TestResult } from '../core/index.js';
import { fit, markOf, painter } from '../report/terminal/index.js';
import type { TextStream } from './io.js';

/** How a test came out, in one line, while others are still to come. */
export function testLine(test: TestResult, { columns, colours }: TextStream): string {
  const { mark, tone } = markOf(test.status);
  const reason = test.reason === undefined ? '' : `  ${printableLine(test.reason, 300)}`;
  const text = fit(
    `${mark} ${printableLine(test.id, 60)}  ${formatDuration(test.durationMs)}${reason}`,
    columns - 1,
  );
  return painter(colours)(tone, text);
}
