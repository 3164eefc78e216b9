import { printable } from '../../core/index.js';

/** HTML that was made here, and so needs no escaping. */
export interface Markup {
  readonly html: string;
}

type Child = Markup | string | number | null | undefined | false | readonly Child[];

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that shows letter by letter, in content and in attributes; control characters are gone. */
export function escapeHtml(text: string): string {
  return printable(text).replace(/[&<>"']/g, (char) => entities[char]!);
}

const voids = new Set(['br', 'col', 'input', 'meta', 'link']);

/** An element. Text children are escaped, whatever they hold; only {@link Markup} stands for markup. */
export function h(
  name: string,
  attributes: Readonly<Record<string, string | number | boolean | undefined>> = {},
  ...children: Child[]
): Markup {
  let html = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) html += ` ${key}`;
    else if (value !== undefined && value !== false) html += ` ${key}="${escapeHtml(String(value))}"`;
  }
  html += '>';
  return { html: voids.has(name) ? html : `${html}${childrenHtml(children)}</${name}>` };
}

function childrenHtml(children: readonly Child[]): string {
  let html = '';
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (typeof child === 'string') html += escapeHtml(child);
    else if (typeof child === 'number') html += String(child);
    else if (isList(child)) html += childrenHtml(child);
    else html += child.html;
  }
  return html;
}

function isList(child: object): child is readonly Child[] {
  return Array.isArray(child);
}

/** Data as a script element that the page reads; nothing in it can end the element. */
export function dataElement(id: string, data: unknown): Markup {
  const json = JSON.stringify(data)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  return { html: `<script type="application/json" id="${id}">${json}</script>` };
}

/** A column of a table: its head, and whether its cells are numbers. */
export interface Column {
  title: string;
  numeric?: boolean;
}

/** A table with a caption, which scrolls on its own where it is too wide. */
export function table(
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly (Markup | string)[])[],
): Markup {
  const cls = (i: number) => (columns[i]?.numeric ? 'n' : undefined);
  return h(
    'div',
    { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
    h(
      'table',
      {},
      h('caption', {}, caption),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          columns.map(({ title }, i) => h('th', { scope: 'col', class: cls(i) }, title)),
        ),
      ),
      h(
        'tbody',
        {},
        rows.map((row) =>
          h(
            'tr',
            {},
            row.map((cell, i) => h('td', { class: cls(i) }, cell)),
          ),
        ),
      ),
    ),
  );
}

/** A part of the page with a heading and an anchor. */
export function section(id: string, title: string, ...children: Child[]): Markup {
  return h(
    'section',
    { id, 'aria-labelledby': `${id}-title` },
    h('h2', { id: `${id}-title` }, title),
    ...children,
  );
}
