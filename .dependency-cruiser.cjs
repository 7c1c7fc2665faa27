/** The import directions of ARCHITECTURE.md. `npm run check` also asserts how many modules were read. */
const only = (name, path, pathNot, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: '^src', pathNot },
  to: { path },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'model-imports-nothing',
      severity: 'error',
      from: { path: '^src/model' },
      to: { path: '^src/', pathNot: '^src/model' },
    },
    {
      name: 'nothing-imports-cli',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli/|main\\.ts)' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'transport-knows-only-the-model',
      severity: 'error',
      from: { path: '^src/transport' },
      to: { path: '^src/', pathNot: '^src/(transport|model)/' },
    },
    {
      name: 'continuity-is-pure',
      severity: 'error',
      from: { path: '^src/continuity' },
      to: { pathNot: '^src/(continuity|model)/' },
    },
    {
      name: 'normalization-is-pure',
      severity: 'error',
      from: { path: '^src/normalization' },
      to: { pathNot: '^src/(normalization|model)/|^src/sources/source\\.ts' },
    },
    {
      name: 'encoding-knows-no-kafka-and-no-source',
      severity: 'error',
      from: { path: '^src/encoding' },
      to: { path: '^src/', pathNot: '^src/(encoding|model)/|^src/sources/source\\.ts' },
    },
    {
      name: 'publishing-knows-records-only',
      severity: 'error',
      from: { path: '^src/publishing' },
      to: { path: '^src/', pathNot: '^src/(publishing|model)/|^src/encoding/encoded-record\\.ts' },
    },
    {
      name: 'consumer-knows-publishing-encoding-model',
      severity: 'error',
      from: { path: '^src/consumer' },
      to: { path: '^src/', pathNot: '^src/(consumer|publishing|encoding|model)/' },
    },
    {
      name: 'pipeline-knows-stages-not-sources',
      severity: 'error',
      from: { path: '^src/pipeline' },
      to: { path: '^src/(sources/(?!source\\.ts)|transport|config|cli|devnet|observability)' },
    },
    {
      name: 'replay-knows-stages-not-sources',
      severity: 'error',
      from: { path: '^src/replay' },
      to: { path: '^src/(sources/(?!source\\.ts)|transport|config|cli|devnet|observability|consumer)' },
    },
    {
      name: 'a-source-knows-transport-and-model',
      severity: 'error',
      from: { path: '^src/sources/[^/]+/' },
      to: { path: '^src/', pathNot: '^src/(sources|transport|model)/' },
    },
    {
      name: 'sources-are-strangers',
      severity: 'error',
      from: { path: '^src/sources/([^/]+)/' },
      // What several kinds do alike lies in folders of its own, which know no kind.
      to: { path: '^src/sources/[^/]+/', pathNot: '^src/sources/($1|following)/' },
    },
    {
      name: 'devnet-is-apart',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(devnet|cli)/' },
      to: { path: '^src/devnet' },
    },
    only('kafkajs-at-home', 'node_modules/kafkajs', '^src/(publishing|consumer|devnet)/'),
    only('avsc-at-home', 'node_modules/avsc', '^src/encoding/'),
    only('ws-at-home', 'node_modules/(ws|@microsoft/signalr)', '^src/(transport|devnet)/'),
    only('convict-at-home', 'node_modules/convict', '^src/config/'),
    only('pino-at-home', 'node_modules/(pino|prom-client)', '^src/observability/'),
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.cjs', '.mjs', '.json'] },
  },
};
