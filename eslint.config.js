import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import vue from 'eslint-plugin-vue';
import tseslint from 'typescript-eslint';

/** Rules for every file, whatever its language level. */
const everywhere = {
  eqeqeq: 'error',
  'object-shorthand': 'error',
  'prefer-template': 'error',
  'no-restricted-imports': [
    'error',
    {
      paths: [
        {
          name: 'node:child_process',
          importNames: ['exec', 'execSync'],
          message: 'Programs get an argument list, never a shell string: use execFile or spawn.',
        },
      ],
    },
  ],
  'no-restricted-syntax': [
    'error',
    {
      selector: 'Program > VariableDeclaration[kind="let"]',
      message: 'No module-level state: pass it in, or keep it in an object with a lifetime.',
    },
    {
      selector: 'Program > ExportNamedDeclaration > VariableDeclaration[kind="let"]',
      message: 'No module-level state: pass it in, or keep it in an object with a lifetime.',
    },
  ],
  'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
};

export default defineConfig(
  globalIgnores([
    '**/dist/',
    '**/target/',
    '**/node_modules/',
    '.cache/',
    'coverage/',
    'packages/*/native/',
    '**/schema.d.ts',
  ]),
  // A rule that is wrong is changed here, for everybody and with a reason; a comment cannot switch it off.
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  { rules: everywhere },
  {
    files: ['**/*.ts', '**/*.vue'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.lint.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { allowDefaultCaseForExhaustiveSwitch: false, considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_', ignoreUsingDeclarations: true },
      ],
      // The SDK points to the format of Grafana 12; the classic one imports into every version.
      '@typescript-eslint/no-deprecated': [
        'error',
        {
          allow: [
            {
              from: 'package',
              package: '@grafana/grafana-foundation-sdk',
              name: ['DashboardBuilder', 'Dashboard'],
            },
            // Deprecated so that it stands out; the configuration takes http for this machine itself only.
            { from: 'package', package: 'openid-client', name: ['allowInsecureRequests'] },
          ],
        },
      ],
      // An interface that is asynchronous for its other implementation needs no `await` in this one.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
    },
  },
  {
    // Pages have a configuration of their own: they run in a browser, and half of them are Vue's files.
    files: ['packages/web/**/*.{ts,vue}'],
    extends: [vue.configs['flat/recommended']],
    languageOptions: {
      parserOptions: {
        parser: tseslint.parser,
        project: './packages/web/tsconfig.json',
        extraFileExtensions: ['.vue'],
      },
    },
    rules: {
      // TypeScript knows what a browser has.
      'no-undef': 'off',
      // Nobody imports the pages; what a query of theirs returns is longer to write than to infer.
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      // Prettier's.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/html-indent': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      // A property that is left out is undefined, as in every function.
      'vue/require-default-prop': 'off',
      'vue/no-v-html': 'error',
    },
  },
  {
    // What `<script setup>` declares belongs to one component.
    files: ['**/*.vue'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.test.ts', '**/*.config.ts'],
    rules: {
      'max-lines': 'off',
      // What `beforeEach` makes is seen by the tests of its file only.
      'no-restricted-syntax': 'off',
      // `expect(spy.method)` names a method without calling it.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // CommonJS, which Node.js starts faster.
    files: ['packages/cli/bin/*.js'],
    languageOptions: { sourceType: 'commonjs', globals: { require: 'readonly', __dirname: 'readonly' } },
  },
  {
    files: ['**/*.mjs', '*.js'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        AbortSignal: 'readonly',
        AbortController: 'readonly',
        performance: 'readonly',
      },
    },
  },
);
