/** The arrows of design.md §2: apps -> infra -> domain <- projections <- apps. Each rule says what it protects. */
const to = (path) => ({ path })
module.exports = {
  forbidden: [
    {
      name: 'domain-depends-on-nothing',
      severity: 'error',
      comment: 'decisions come from values alone',
      from: { path: '^domain/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: '^(domain/|node_modules/zod/)' },
    },
    {
      name: 'domain-specs-stay-in-domain',
      severity: 'error',
      from: { path: '^domain/.*\\.spec\\.ts$' },
      to: { path: '^(apps|infra|projections)/' },
    },
    {
      name: 'projections-depend-on-domain-only',
      severity: 'error',
      comment: 'event -> view, pure',
      from: { path: '^projections/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: '^(domain/|projections/|node_modules/zod/)' },
    },
    {
      name: 'projection-stands-alone',
      severity: 'error',
      comment: 'one folder, one view',
      from: { path: '^projections/([^/]+)/' },
      to: { path: '^projections/([^/]+)/', pathNot: '^projections/$1/' },
    },
    {
      name: 'infra-not-to-apps-or-projections',
      severity: 'error',
      from: { path: '^infra/' },
      to: to('^(apps|projections)/'),
    },
    {
      name: 'infra-a-not-to-infra-b',
      severity: 'error',
      comment:
        "one folder, one outside system: only another folder's port, config, observability, sqlite (files derived from the log)",
      from: { path: '^infra/([^/]+)/' },
      to: {
        path: '^infra/([^/]+)/',
        pathNot: [
          '^infra/$1/',
          '^infra/[^/]+/port\\.ts$',
          '^infra/[^/]+/[^/]+/port\\.ts$',
          '^infra/(config|observability|sqlite)/',
        ],
      },
    },
    {
      name: 'app-a-not-to-app-b',
      severity: 'error',
      comment: "mailkeep composes the others' modules; the CLI starts mailkeep",
      from: { path: '^apps/([^/]+)/', pathNot: '^apps/(mailkeep|cli)/' },
      to: { path: '^apps/([^/]+)/', pathNot: '^apps/$1/' },
    },
    {
      name: 'web-knows-the-api-only',
      severity: 'error',
      comment: 'the browser client runs elsewhere: it has the types of the API and nothing of the server',
      from: { path: '^apps/web/' },
      to: { path: '^(apps|domain|infra|projections)/', pathNot: '^apps/web/' },
    },
    {
      name: 'cli-only-to-mailkeep',
      severity: 'error',
      from: { path: '^apps/cli/' },
      to: { path: '^apps/', pathNot: '^apps/(cli|mailkeep)/' },
    },
    {
      name: 'production-not-to-test',
      severity: 'error',
      from: { path: '^(apps|domain|infra|projections)/', pathNot: '\\.spec\\.ts$' },
      to: to('^test/|\\.spec\\.ts$'),
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'driver-only-in-its-folder',
      severity: 'error',
      comment: 'an outside system has one door',
      from: { path: '^(apps|domain|projections)/', pathNot: '\\.spec\\.ts$' },
      to: {
        path: 'node_modules/(smtp-server|nodemailer|clamscan|mailauth|@virustotal|@eventstore|@grpc|ldapts|@elastic)/|^(node:)?(sqlite|dns|dns/promises)$',
      },
    },
    { name: 'not-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|test/bench/peers)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { conditionNames: ['source', 'import', 'node', 'default'], exportsFields: ['exports'] },
    skipAnalysisNotInRules: true,
  },
}
