// Holds the direction of imports: services -> packages; conversation -> inference, audio; sip, rtp, inference -> audio;
// audio, observability and storage import nothing of ours. See ARCHITECTURE.md.

/** Packages of ours that each package may import, beside itself. */
const layers = {
  audio: [],
  observability: [],
  storage: [],
  rtp: ['audio'],
  sip: ['audio'],
  inference: ['audio'],
  conversation: ['inference', 'audio'],
}

const layerRules = Object.entries(layers).map(([name, allowed]) => ({
  name: `${name}-imports-downwards`,
  comment: `packages/${name} may import ${allowed.length ? allowed.map((one) => `packages/${one}`).join(', ') : 'nothing of ours'}.`,
  severity: 'error',
  from: { path: `^packages/${name}/` },
  to: { path: '^(packages|services|setup|test)/', pathNot: `^packages/(${[name, ...allowed].join('|')})/` },
}))

module.exports = {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'Two files that import each other are one thing in two places: split them along another line.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-internals-of-another',
      comment: 'Import a package by its name (@hotline/audio); only its index is public.',
      severity: 'error',
      from: { path: '^(packages|services)/([^/]+)/' },
      to: { path: '^(packages|services)/[^/]+/src/', pathNot: ['^$1/$2/', '^packages/[^/]+/src/index\\.ts$'] },
    },
    {
      name: 'services-stand-alone',
      comment: 'Services talk over the network, not through imports.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'judge-is-independent',
      comment: 'End-to-end tests judge from outside: nothing of the product in them.',
      severity: 'error',
      from: { path: '^test/' },
      to: { path: '^(packages|services|setup)/' },
    },
    {
      name: 'setup-stands-alone',
      comment: 'Set-up runs when the rest may be broken.',
      severity: 'error',
      from: { path: '^setup/' },
      to: { path: '^(packages|services|test)/' },
    },
    {
      name: 'resolvable',
      comment: 'An import that leads nowhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-test-in-product',
      comment: 'Product code must not import a test.',
      severity: 'error',
      from: { pathNot: '\\.test\\.ts$|/testing/' },
      to: { path: '\\.test\\.ts$' },
    },
    ...layerRules,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules/.cache)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.lint.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
}
