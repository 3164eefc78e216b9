import { describe, expect, it } from 'vitest';
import type { AskingCall } from './asking-calls.js';
import { marksIn, StandIn } from './stand-in.js';
import { judge } from './together.js';

const signal = new AbortController().signal;
const call = {} as AskingCall;
const made = (text: string | undefined, mark?: string) => ({
  call,
  mark,
  ms: 1,
  ...(text === undefined ? {} : { text }),
});
const answered = (method: string, asked: string, mark: string) => ({ method, asked, mark });
const sampling = 'sampling/createMessage';

describe('whose answers calls show', () => {
  it('is told by the marks that their questions carry', () => {
    const client = {
      answered: [
        answered(sampling, 'dyno-call-1-end', 'dyno-answer-10-end'),
        answered(sampling, 'dyno-call-2-end', 'dyno-answer-11-end'),
      ],
    };
    const right = [
      made('dyno-answer-10-end', 'dyno-call-1-end'),
      made('dyno-answer-11-end', 'dyno-call-2-end'),
    ];
    const wrong = [
      made('dyno-answer-11-end', 'dyno-call-1-end'),
      made('dyno-answer-10-end', 'dyno-call-2-end'),
    ];
    expect(judge(right, client)).toEqual({ verified: 2, mixed: 0 });
    expect(judge(wrong, client)).toEqual({ verified: 0, mixed: 2 });
  });

  it('is told by one answer shown twice where questions carry nothing', () => {
    const client = {
      answered: [
        answered(sampling, '{}', 'dyno-answer-1-end'),
        answered(sampling, '{}', 'dyno-answer-2-end'),
      ],
    };
    expect(judge([made('dyno-answer-1-end'), made('dyno-answer-2-end')], client)).toEqual({
      verified: 2,
      mixed: 0,
    });
    expect(judge([made('dyno-answer-1-end'), made('dyno-answer-1-end')], client)).toEqual({
      verified: 1,
      mixed: 1,
    });
  });

  it('is not asked of roots, which servers keep, nor of calls that failed or show nothing', () => {
    const client = { answered: [answered('roots/list', '{}', 'dyno-answer-1-end')] };
    expect(
      judge([made('dyno-answer-1-end'), made('dyno-answer-1-end'), made('none'), made(undefined)], client),
    ).toEqual({
      verified: 0,
      mixed: 0,
    });
  });

  it('does not take one mark for the beginning of another', () => {
    expect(marksIn('dyno-call-1-end dyno-call-12-end dyno-call-1-end')).toEqual([
      'dyno-call-1-end',
      'dyno-call-12-end',
    ]);
  });
});

describe('the stand-in for a client', () => {
  it('fills forms with values that fit, its mark where a text may be anything', async () => {
    const properties = {
      name: { type: 'string' },
      mail: { type: 'string', format: 'email' },
      day: { type: 'string', format: 'date' },
      sure: { type: 'boolean' },
      count: { type: 'integer', minimum: 3 },
      colour: { type: 'string', enum: ['red', 'blue'] },
      hero: { type: 'string', oneOf: [{ const: 'a', title: 'A' }] },
      pets: { type: 'array', items: { anyOf: [{ const: 'cat' }] } },
    };
    const result = await new StandIn().answer(
      'elicitation/create',
      { message: '?', requestedSchema: { type: 'object', properties } },
      { signal },
    );
    expect(result).toEqual({
      action: 'accept',
      content: {
        name: 'dyno-answer-1-end',
        mail: 'dyno-answer-1-end@example.com',
        day: '2026-01-02',
        sure: true,
        count: 3,
        colour: 'red',
        hero: 'a',
        pets: ['cat'],
      },
    });
  });

  it('opens no page, and refuses what it does not know', async () => {
    const client = new StandIn();
    const url = client.answer('elicitation/create', { mode: 'url', url: 'https://example.com' }, { signal });
    await expect(url).resolves.toEqual({ action: 'decline' });
    await expect(client.answer('x/y', {}, { signal })).rejects.toThrow('does not answer x/y');
  });
});
