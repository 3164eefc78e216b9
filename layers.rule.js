import { dirname, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mayImport } from './layers.config.js';

const src = fileURLToPath(new URL('src', import.meta.url));

/** The folder of src/ that a path lies in; undefined outside of src/ and for files directly in it. */
function folderOf(path) {
  const parts = relative(src, path).split(sep);
  return parts.length > 1 && parts[0] !== '..' ? parts[0] : undefined;
}

/**
 * ESLint rule: a file in src/FOLDER imports only what layers.config.js allows FOLDER; static, dynamic and type imports,
 * and re-exports.
 */
export const layers = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const from = folderOf(context.filename);
    if (from === undefined || mayImport[from] === undefined) return {};
    const allowed = ['core', from, ...mayImport[from]];
    const check = (source) => {
      const name = source?.value;
      if (typeof name !== 'string' || !name.startsWith('.')) return;
      const to = folderOf(resolve(dirname(context.filename), name));
      if (
        to === undefined ? resolve(dirname(context.filename), name).startsWith(src) : !allowed.includes(to)
      ) {
        context.report({
          node: source,
          message: `src/${from} may import only ${allowed.join(', ')} (layers.config.js), not ${name}`,
        });
      }
    };
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source ?? node.argument?.literal),
    };
  },
};
