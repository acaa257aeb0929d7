/**
 * Metrics page: docs/metrics.md, written from what each process registers.
 *
 * The values of a label are those that are there from the start; a label whose values are not known beforehand is one of
 * `OPEN_LABELS`, and there is no other. To change the page, change the events of the service.
 */
import { EnforcerEvents } from '@picket/collector/enforcer'
import { CollectorEvents, SpoolEvents } from '@picket/collector/main'
import { DetectorEvents, DetectorProcessEvents, processNumbers } from '@picket/detector/main'
import { BanEvents, FleetEvents, NoticeEvents, ResponderEvents } from '@picket/responder/main'
import { Metrics, makeLogger } from '@picket/runtime'
import { RemoteEvents } from '../remote/events.ts'
import { RunEvents } from '../run/events.ts'
import { registerBuild } from './build-info.ts'

/** Nothing happens here that it could tell. */
const SILENT = makeLogger({ level: 'error', format: 'json' })
/** Stands for the name of any source. */
const A_SOURCE = '…'

const A_CHANNEL = { name: '…' }

/** Labels whose values come from the configuration or the release, never from the network. */
const OPEN_LABELS: Readonly<Record<string, string>> = {
  source: 'the name of each source in the configuration',
  channel: 'the name of each channel in the configuration',
  version: 'the release',
  node: 'that of Node',
}

const HEAD = `# Metrics

<!-- Written by \`npm run docs\` from the events of each service; do not edit. -->

Each process serves \`/metrics\` for Prometheus, on loopback by default: \`picket run\` and the collector on
\`metrics.port\` (9477), the enforcer one above it, the detector two, the responder three. All of them also expose what prom-client
knows of a Node process (\`process_*\`, \`nodejs_*\`; the event loop's lag is \`nodejs_eventloop_lag_seconds\`), and
\`picket_build_info\`.

No label is an address, a host or an incident: each has the values named here and no other, all of them from the start,
with 0. Counters begin at 0 with each start of the process.

\`/healthz\` answers 200 while the process does its work and 503 with reasons when somebody has to come: a source that
cannot be read, a spool that cannot be written, reading that has stopped for good. \`/readyz\` answers 200 when it has taken up
its work and can do it now: a detector or responder without Redis or Kafka is alive and not ready; a collector is ready
without a broker, since what it reads is safe in its spool.
`

interface Page {
  readonly title: string
  readonly intro: string
  readonly register: (metrics: Metrics) => void
}

const PAGES: readonly Page[] = [
  { title: 'Collector', intro: 'Port `metrics.port`.', register: registerCollector },
  { title: 'Enforcer', intro: 'Port `metrics.port` + 1.', register: registerEnforcer },
  { title: 'Detector', intro: 'Port `metrics.port` + 2.', register: registerDetector },
  { title: 'Responder', intro: 'Port `metrics.port` + 3.', register: registerResponder },
  {
    title: 'One host: `picket run`',
    intro:
      'Port `metrics.port`. Collector and detector in one process; where alerts are decided about also what the responder, and once bans are enabled what the enforcer counts (above).',
    register: registerRun,
  },
]

export async function metricsPage(): Promise<string> {
  const sections = await Promise.all(PAGES.map(section))
  return [HEAD, ...sections].join('\n')
}

async function section({ title, intro, register }: Page): Promise<string> {
  const metrics = new Metrics()
  register(metrics)
  const all = (await metrics.registry.getMetricsAsJSON()) as unknown as readonly Described[]
  const rows = [...all].sort((a, b) => (a.name < b.name ? -1 : 1)).map(row)
  return [
    `## ${title}`,
    '',
    intro,
    '',
    '| name | type | labels | meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

interface Described {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly values: readonly { readonly labels: Readonly<Record<string, string | number>> }[]
}

function row({ name, help, type, values }: Described): string {
  return `| \`${name}\` | ${type} | ${labelsText(type, values)} | ${help} |`
}

function labelsText(type: string, values: Described['values']): string {
  if (type === 'histogram') return ''
  const known = new Map<string, string[]>()
  for (const { labels } of values) {
    for (const [label, value] of Object.entries(labels)) {
      known.set(label, [...(known.get(label) ?? []), String(value)])
    }
  }
  return [...known]
    .map(([label, all]) => `\`${label}\`: ${OPEN_LABELS[label] ?? all.map((one) => `\`${one}\``).join(', ')}`)
    .join('; ')
}

function registerCollector(metrics: Metrics): void {
  registerBuild(metrics)
  registerLines(metrics)
  const backlog = { batches: 0, bytes: 0 }
  const spool = { backlog, diskBytes: 0, oldest: undefined, fault: undefined }
  new SpoolEvents(SILENT, metrics).watch(metrics, spool, 0, () => 0)
}

function registerLines(metrics: Metrics): void {
  const status = { state: 'open', behindBytes: 0, detail: '' } as const
  const idle = async (): Promise<void> => undefined
  const source = { name: A_SOURCE, start: idle, stop: idle, hold: () => undefined, status: () => status }
  const events = new CollectorEvents(SILENT, metrics, [A_SOURCE])
  events.watch(metrics, () => [source])
}

function registerEnforcer(metrics: Metrics): void {
  registerBuild(metrics)
  const figures = { inKernel: 0, wished: 0, refused: 0 }
  new EnforcerEvents(SILENT, metrics).watchEnforcer(metrics, { figures }, { skewMs: 0 }, { waiting: 0 })
}

function registerDetector(metrics: Metrics): void {
  registerBuild(metrics)
  const nobody = { packets: undefined, contacts: undefined }
  new DetectorProcessEvents(SILENT, metrics).watch(metrics, () => processNumbers(nobody, 0))
}

function registerResponder(metrics: Metrics): void {
  registerBuild(metrics)
  new ResponderEvents(SILENT, metrics)
  new RemoteEvents(SILENT, metrics)
  new NoticeEvents(SILENT, metrics, [A_CHANNEL])
  const none = { alerts: 0, receipts: 0 }
  new BanEvents(
    SILENT,
    metrics,
    () => undefined,
    () => 0,
  ).watch(metrics, () => 0)
  new FleetEvents(SILENT, metrics).watch(metrics, () => ({
    ...{ incidents: 0, processes: 0, blindHosts: 0, waiting: 0, clockAheadSeconds: 0 },
    ...{ lagRecords: none, lagSeconds: none, partitions: none },
  }))
}

function registerRun(metrics: Metrics): void {
  new RunEvents(SILENT, metrics)
  registerLines(metrics)
  const evicted = [0, 0, 0]
  const { observed } = processNumbers({ packets: undefined, contacts: undefined }, 0)
  const events = new DetectorEvents(metrics, () => ({ tracked: 0, counts: { observed, evicted } }))
  events.watchTogether(metrics, () => undefined)
  new ResponderEvents(SILENT, metrics)
}
