import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import importX from 'eslint-plugin-import-x';
import prettier from 'eslint-config-prettier';
import { folders, mayImport } from './layers.config.js';

/** One zone per folder: everything of ours that the layer table does not allow is out of bounds. */
const zones = folders.map((folder) => ({
  target: `./src/${folder}`,
  from: './src',
  except: [...new Set(['core', folder, ...mayImport[folder]])].map((allowed) => `./${allowed}`),
  message: `src/${folder} may import only core, ${[folder, ...mayImport[folder]].join(', ')} (layers.config.js)`,
}));

export default tseslint.config(
  { ignores: ['dist', 'coverage', '.dyno', 'node_modules', 'bench/.build', 'test/data'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  prettier,
  {
    plugins: { 'import-x': importX },
    settings: { 'import-x/resolver': { typescript: { project: './tsconfig.json' } } },
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        setImmediate: 'readonly',
        performance: 'readonly',
        fetch: 'readonly',
        AbortController: 'readonly',
        AbortSignal: 'readonly',
      },
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-default-export': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      'no-restricted-globals': ['error', { name: '__dirname', message: 'ESM: use import.meta.url' }],
    },
  },
  {
    // The script of the HTML report runs in browsers.
    files: ['assets/report/*.js'],
    languageOptions: {
      globals: Object.fromEntries(
        ['document', 'window', 'getComputedStyle', 'matchMedia', 'devicePixelRatio', 'Blob'].map((name) => [
          name,
          'readonly',
        ]),
      ),
    },
  },
  { files: ['*.config.{js,ts}', 'examples/**'], rules: { 'import-x/no-default-export': 'off' } },
);
