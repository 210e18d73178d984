/**
 * Imports go one way: protocol ← engine, host ← server, client ← cli, observability on the server, as docs/architecture.md draws it.
 * Each rule says what is not allowed; what no rule names is.
 */
const packages = ['protocol', 'engine', 'host', 'server', 'client', 'cli', 'observability', 'web'];

/** What each package may import of the others; nothing else. */
const allowed = {
  protocol: [],
  engine: ['protocol'],
  host: ['protocol'],
  server: ['protocol', 'engine', 'host'],
  client: ['protocol', 'engine', 'host'],
  cli: ['protocol', 'engine', 'host', 'server', 'client'],
  observability: ['server'],
  web: [],
};

const source = (name) => `^packages/${name}/src/`;

const directions = packages
  .filter((name) => name !== 'cli')
  .map((name) => ({
    name: `${name}-imports-one-way`,
    comment: `packages/${name} may import ${allowed[name].join(', ') || 'no other package'}.`,
    severity: 'error',
    from: { path: source(name) },
    to: { path: packages.filter((other) => other !== name && !allowed[name].includes(other)).map(source) },
  }));

/** The folders of the server that decide; `api` calls them, they never call it. */
const domain = [
  'administration',
  'admission',
  'sessions',
  'addressing',
  'policy',
  'usage',
  'pki',
  'clients',
  'metrics',
  'routes',
  'events',
  'settings',
  'webhooks',
  'servers',
  'enrolments',
  'front',
  'web',
  'findings',
  'checks',
  'diagnosis',
  'throughput',
  'load',
];
const inServer = (...folders) => folders.map((folder) => `^packages/server/src/${folder}/`);

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'A cycle has no first file to read.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-deep-import',
      comment:
        'Another package is imported by its name, through its exports, never by a path into its sources.',
      severity: 'error',
      from: { path: '^((?:packages/[^/]+)|e2e)/' },
      to: { path: '^(packages/[^/]+|e2e)/', pathNot: '^$1/', dependencyTypes: ['local'] },
    },
    ...directions,
    {
      name: 'server-domain-below-api',
      comment: 'api → domain → store: nothing of the domain knows the API.',
      severity: 'error',
      from: { path: inServer(...domain, 'store', 'config', 'network') },
      to: { path: inServer('api') },
    },
    {
      name: 'server-store-below-domain',
      comment: 'api → domain → store: the store knows rows, not decisions.',
      severity: 'error',
      from: { path: inServer('store') },
      to: { path: inServer(...domain) },
    },
    {
      name: 'server-leaves',
      comment:
        'config and network import nothing of the rest of the server, but network reads the configuration.',
      severity: 'error',
      from: { path: inServer('config', 'network') },
      to: { path: inServer(...domain, 'api', 'store') },
    },
    {
      name: 'no-test-in-product',
      comment: 'Product code never imports a test.',
      severity: 'error',
      from: { pathNot: '\\.test\\.ts$' },
      to: { path: '\\.test\\.ts$' },
    },
    {
      name: 'fake-engine-in-tests-only',
      comment: 'The fake engine is for tests.',
      severity: 'error',
      from: { path: '^packages/(server|client|cli|host)/src/', pathNot: '(\\.test\\.ts|/testing/.*)$' },
      to: { path: '^packages/engine/src/fake/' },
    },
    {
      name: 'resolvable',
      comment: 'Every import leads to a file or an installed package.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'declared-dependency',
      comment:
        'What a package imports is in its own package.json (vitest and fast-check come from the root).',
      severity: 'error',
      from: { path: '^packages/', pathNot: '(\\.test\\.ts|/testing/.*)$' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|native)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.lint.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
