import { describe, expect, it } from 'vitest';
import { FakeClock, secrets } from '../core/index.js';
import { Log, type LogLevel } from './log.js';

function logged(level: LogLevel, format: 'text' | 'json') {
  const lines: string[] = [];
  const log = new Log({ level, format, write: (line) => lines.push(line), clock: new FakeClock() });
  return { lines, log };
}

describe('the log', () => {
  it('writes a line of text with time, level and fields', () => {
    const { lines, log } = logged('info', 'text');
    log.with({ run: 'r1' }).info('tool left out', { tool: 'get item', tries: 3, missing: undefined });
    expect(lines).toEqual(['2026-01-01T00:00:00.000Z info  tool left out run=r1 tool="get item" tries=3\n']);
  });

  it('writes JSON, one object a line', () => {
    const { lines, log } = logged('debug', 'json');
    log.with({ test: 'load' }).debug('two\nlines', { n: 1 });
    expect(JSON.parse(lines[0]!)).toEqual({
      time: '2026-01-01T00:00:00.000Z',
      level: 'debug',
      message: 'two\nlines',
      test: 'load',
      n: 1,
    });
    expect(lines[0]!.match(/\n/g)).toHaveLength(1);
  });

  it('says nothing below its level', () => {
    const { lines, log } = logged('warn', 'text');
    log.info('no');
    log.debug('no');
    log.warn('yes');
    log.error('yes');
    expect(lines).toHaveLength(2);
  });

  it.each(['text', 'json'] as const)('holds no secret and no control characters (%s)', (format) => {
    secrets.add('tok_4711_secret');
    const { lines, log } = logged('info', format);
    log.info('said \u001b[2Jtok_4711_secret\u0007', {
      header: 'Bearer tok_4711_secret',
      deep: { token: ['tok_4711_secret'] },
    });
    expect(lines.join('')).not.toContain('tok_4711_secret');
    // eslint-disable-next-line no-control-regex
    expect(lines.join('').trimEnd()).not.toMatch(/[\u0000-\u001f]/);
  });
});
