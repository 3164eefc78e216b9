import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import prettier from 'eslint-config-prettier';
import { layers } from './layers.rule.js';

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Explicit named exports only.',
};

export default tseslint.config(
  { ignores: ['dist', 'coverage', '.dyno', 'node_modules', 'bench/.build', 'test/data'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  prettier,
  {
    plugins: { ours: { rules: { layers } } },
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
      'ours/layers': 'error',
      'no-restricted-syntax': ['error', noDefaultExport],
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
  { files: ['*.config.{js,ts}', 'examples/**'], rules: { 'no-restricted-syntax': 'off' } },
);
