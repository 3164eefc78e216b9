import { styleText } from 'node:util';

/** What a text means, and so how it is coloured; the marks ✓ ✗ ? say the same without colour. */
export type Tone = 'good' | 'bad' | 'unsure' | 'dim' | 'strong' | 'accent';

/** Colours a text, or leaves it as it is. */
export type Paint = (tone: Tone, text: string) => string;

const styles = {
  good: 'green',
  bad: 'red',
  unsure: 'yellow',
  dim: 'gray',
  strong: 'bold',
  accent: 'cyan',
} as const;

/** A {@link Paint} that colours by ANSI sequences, or not at all. */
export function painter(colours: boolean): Paint {
  if (!colours) return (_tone, text) => text;
  // Whether colours are wanted was decided by whoever called; Node must not decide again by its own stdout.
  return (tone, text) => (text === '' ? '' : styleText(styles[tone], text, { validateStream: false }));
}

/** The mark and the tone of a status. */
export function markOf(status: string): { mark: string; tone: Tone } {
  switch (status) {
    case 'pass':
      return { mark: '✓', tone: 'good' };
    case 'fail':
      return { mark: '✗', tone: 'bad' };
    case 'error':
      return { mark: '✗', tone: 'bad' };
    case 'inconclusive':
      return { mark: '?', tone: 'unsure' };
    default:
      return { mark: '–', tone: 'dim' };
  }
}
