import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { ConfigRefused, printFault } from '../src/config/fault.ts'
import { type KafkaConfig, kafkaSettings } from '../src/config/kafka-schema.ts'
import { findConfig, loadConfig } from '../src/config/load.ts'
import { nearest } from '../src/config/nearest.ts'
import { referencePage } from '../src/config/reference.ts'
import { foundSource, namedSources, runSettings } from '../src/config/run-settings.ts'
import { effectiveValues, printEffective } from '../src/config/show.ts'
import { parseYaml } from '../src/config/yaml-file.ts'
import { Folder, picket } from './picket.ts'

const folder = new Folder()
after(() => folder.remove())

async function faultsOf(yaml: string): Promise<string[]> {
  const file = folder.file('picket.yaml', yaml)
  const refused = await loadConfig(file).then(
    () => undefined,
    (error: unknown) => error,
  )
  assert.ok(refused instanceof ConfigRefused, `accepted: ${yaml}`)
  return refused.faults.map((fault) => printFault(fault).replace(`${folder.path}/`, ''))
}

/** One bad file a fault, and what is told of it. */
const FAULTY: readonly (readonly [yaml: string, ...told: string[]])[] = [
  ['polcy: psad\n', 'picket.yaml:1:1: polcy: unknown key; did you mean "policy"?'],
  ['state: 5\n', 'picket.yaml:1:8: state: must be text, not 5'],
  ['metrics: off\n', 'picket.yaml:1:10: metrics: must be a map, not "off"'],
  ['metrics:\n  port: 70000\n', 'picket.yaml:2:9: metrics.port: must be at most 65535, not 70000'],
  ['kafka: {brokers: [k1]}\n', 'picket.yaml:1:19: kafka.brokers[0]: must be HOST:PORT, not "k1"'],
  [
    'kafka: {brokers: ["k1:9092", "127.0.0.1:9092"]}\n',
    'picket.yaml:1:19: kafka.brokers[0]: would be reached in plain text: set kafka.tls, or allow it with insecure: true, not "k1:9092"',
  ],
  [
    'kafka: {tls: {cert: /a}}\n',
    'picket.yaml:1:14: kafka.tls: must name both cert and key, or neither, not {"cert":"/a"}',
  ],
  ['kafka: {sasl: {}}\n', 'picket.yaml:1:15: kafka.sasl.username: is missing: it must be text'],
  [
    'kafka: {partitions: {packet: 3}}\n',
    'picket.yaml:1:22: kafka.partitions.packet: unknown key; did you mean "packets"?',
  ],
  ['memory: {sources: 10}\n', 'picket.yaml:1:19: memory.sources: must be at least 1000, not 10'],
  [
    'alerts: {format: jsn}\n',
    'picket.yaml:1:18: alerts.format: must be one of text, json, not "jsn"; did you mean "json"?',
  ],
  ['alerts: {remote: {}}\n', 'picket.yaml:1:18: alerts.remote.host: is missing: it must be text'],
  [
    'timeZone: Mars/Base\n',
    'picket.yaml:1:11: timeZone: must be a time zone such as UTC, Europe/Berlin or +02:00, not "Mars/Base"',
  ],
  [
    'verdicts: {WEG: dorp}\n',
    'picket.yaml:1:17: verdicts.WEG: must be one of drop, reject, accept, audit, unknown, not "dorp"; did you mean "drop"?',
  ],
  [
    'sources:\n  - type: jornal\n',
    'picket.yaml:2:11: sources[0].type: must be one of file, journal, kmsg, socket, stdin, not "jornal"; did you mean "journal"?',
  ],
  ['sources:\n  - type: file\n', 'picket.yaml:2:5: sources[0].path: is missing: it must be text'],
  [
    'sources:\n  - {type: file, path: /a, form: end}\n',
    'picket.yaml:2:28: sources[0].form: unknown key; did you mean "from"?',
  ],
  [
    'policy: psda\n',
    'picket.yaml:1:9: policy: must be one of picket, psad, not "psda"; did you mean "psad"?',
  ],
  [
    'policy: {name: psda}\n',
    'picket.yaml:1:16: policy.name: must be one of picket, psad, not "psda"; did you mean "psad"?',
  ],
  ['policy: {DANGER_LEVEL1: 5}\n', 'picket.yaml:1:9: policy.name: is missing: one of picket, psad'],
  [
    'policy: {name: psad, DANGER_LEVL1: 5}\n',
    'picket.yaml:1:22: policy.DANGER_LEVL1: unknown key; did you mean "DANGER_LEVEL1"?',
  ],
  [
    'policy: {name: psad, DANGER_LEVEL2: 3}\n',
    'picket.yaml:1:37: policy.DANGER_LEVEL2: 3 is not above the level before it',
  ],
  [
    'policy: {name: psad, SCAN_TIMEOUT: 1y}\n',
    'picket.yaml:1:36: policy.SCAN_TIMEOUT: must be a number of seconds or a duration such as 30s, 5m, 24h or 7d, not "1y"',
  ],
  [
    'policy: {name: psad, IGNORE_PORTS: tcp/99999}\n',
    'picket.yaml:1:36: policy.IGNORE_PORTS: port 99999 is above 65535',
  ],
  [
    'policy: {name: picket, levels: {contacts: [3, 2, 100, 750, 5000]}}\n',
    'picket.yaml:1:43: policy.levels.contacts: must be five numbers that rise, not [3,2,100,750,5000]',
  ],
  [
    'policy: {name: picket, evidence: {ordnary: 3}}\n',
    'picket.yaml:1:35: policy.evidence.ordnary: unknown key; did you mean "ordinary"?',
  ],
  [
    'rules: {ignore: {ports: [udp]}}\n',
    'picket.yaml:1:26: rules.ignore.ports[0]: "udp" names no port; to ignore a whole protocol use ignore.protocols',
  ],
  [
    'rules: {assignments: [{network: 10.0.0.1, level: 7}]}\n',
    'picket.yaml:1:50: rules.assignments[0].level: must be at most 5, not 7',
  ],
  ['rules: {assignments: nowhere}\n', 'nowhere:1:1: no such file'],
  ['state: a\nstate: b\n', 'picket.yaml:2:1: Map keys must be unique'],
  ['just text\n', 'picket.yaml:1:1: must be a map, not "just text"'],
]

test('each fault is told with its line, its column, its path and what to write', async () => {
  for (const [yaml, ...told] of FAULTY) assert.deepEqual(await faultsOf(yaml), told)
})

test('all faults are told at once, in the order of the lines', async () => {
  const yaml =
    'souces: []\npolicy:\n  name: psad\n  DANGER_LEVEL1: five\nrules:\n  allow: [10.0.0.300]\n  ignore: {prefixes: ["("]}\nlog: {level: loud}\n'
  const told = await faultsOf(yaml)
  assert.deepEqual(
    told.map((line) => line.split(':')[1]),
    ['1', '4', '6', '7', '8'],
  )
})

test('a fault in an auto_dl file is told with that file and line', async () => {
  folder.file('auto_dl', '# ours\n10.0.0.1 0;\n10.0.0.2 nine;\n')
  assert.deepEqual(await faultsOf('rules: {assignments: auto_dl}\n'), [
    'auto_dl:3:1: "nine" is no danger level; write 0 to 5',
  ])
})

test('an empty file is a configuration: every key has a default', async () => {
  const { config } = await loadConfig(folder.file('empty.yaml', ''))
  assert.equal(config.policy, 'picket')
  assert.deepEqual(config.metrics, { enabled: true, host: '127.0.0.1', port: 9477 })
})

test('durations and psad’s Y and N are taken', async () => {
  const file = folder.file(
    'psad.yaml',
    'policy: {name: psad, SCAN_TIMEOUT: 1h, CHECK_INTERVAL: 10, ENABLE_PERSISTENCE: Y}\n',
  )
  const { policy } = (await loadConfig(file)).config
  assert.ok(typeof policy !== 'string' && policy.name === 'psad')
  assert.deepEqual([policy.SCAN_TIMEOUT, policy.CHECK_INTERVAL, policy.ENABLE_PERSISTENCE], [3600, 10, true])
})

test('what show prints is a configuration that says the same', async () => {
  const yaml =
    'policy: {name: psad, SCAN_TIMEOUT: 1h}\nsources:\n- type: journal\n- {type: file, path: /a}\nrules: {assignments: [{network: 1.2.3.4, level: 3}]}\nalerts: {remote: {host: log}}\n'
  const file = folder.file('shown.yaml', yaml)
  const shown = printEffective(effectiveValues((await loadConfig(file)).yaml))
  assert.match(shown, /SCAN_TIMEOUT: "1h" +# .*shown\.yaml:1\n/)
  assert.match(shown, /CHECK_INTERVAL: 5 +# default\n/)
  const again = await loadConfig(folder.file('again.yaml', shown))
  assert.deepEqual(again.config, (await loadConfig(file)).config)
})

test('what show prints of the defaults is a configuration that says the same', async () => {
  const shown = printEffective(effectiveValues(parseYaml('', '(defaults)')))
  const { config } = await loadConfig(folder.file('defaults.yaml', shown))
  const { policy, ...rest } = config
  const { policy: _, ...expected } = (await loadConfig(undefined)).config
  assert.deepEqual(rest, expected)
  assert.ok(typeof policy !== 'string' && policy.name === 'picket')
})

test('the named file wins over the environment, and that over the default place', () => {
  assert.equal(findConfig('a.yaml', { PICKET_CONFIG: 'b.yaml' }), 'a.yaml')
  assert.equal(findConfig(undefined, { PICKET_CONFIG: 'b.yaml' }), 'b.yaml')
})

test('sources are named by themselves, each differently', () => {
  const named = namedSources([
    { type: 'journal' },
    { type: 'file', path: '/a' },
    { type: 'journal' },
    { type: 'kmsg', name: 'k' },
  ])
  assert.deepEqual(
    named.map(({ name }) => name),
    ['journal', '/a', 'journal#2', 'k'],
  )
})

test('without sources the journal is read, else a log file, else the ring buffer', () => {
  assert.equal(foundSource(() => true).type, 'journal')
  assert.deepEqual(
    foundSource((path) => path === '/var/log/messages'),
    { type: 'file', path: '/var/log/messages' },
  )
  assert.equal(foundSource(() => false).type, 'kmsg')
})

test('a run is told everything resolved', async () => {
  const file = folder.file(
    'run.yaml',
    'sources: [{type: stdin}]\nmetrics: {enabled: false}\nverdicts: {WEG: drop}\n',
  )
  const settings = runSettings(await loadConfig(file))
  assert.deepEqual(settings.sources, [{ type: 'stdin', name: 'stdin' }])
  assert.equal(settings.metrics, undefined)
  assert.equal(settings.policy.name, 'picket')
  assert.equal(settings.verdicts?.['WEG'], 'drop')
  assert.equal(settings.verdicts?.['DROP'], 'drop')
})

test('config check ends with status 2 on a fault and 0 without', async () => {
  const bad = folder.file('bad.yaml', 'state: 5\n')
  assert.equal((await picket(['config', 'check', '--config', bad])).status, 2)
  const asJson = await picket(['config', 'check', '--json', '--config', bad])
  assert.equal(asJson.status, 2)
  assert.equal((JSON.parse(asJson.stdout) as { faults: { path: string }[] }).faults[0]?.path, 'state')
  const good = folder.file('good.yaml', 'state: /tmp/x\n')
  assert.equal((await picket(['config', 'check'], '', { PICKET_CONFIG: good })).status, 0)
})

test('config schema prints a JSON Schema that knows psad’s names', async () => {
  const { stdout } = await picket(['config', 'schema'])
  const schema = JSON.parse(stdout) as { $schema: string; properties: Record<string, unknown> }
  assert.match(schema.$schema, /json-schema\.org/)
  assert.match(JSON.stringify(schema.properties['policy']), /PORT_RANGE_SCAN_THRESHOLD/)
})

test('the reference page tells of every key', () => {
  const page = referencePage()
  for (const key of [
    'sources',
    'DANGER_LEVEL5',
    'evidence.stealth',
    'ignore.prefixes',
    'assignments[].only',
    'remote.host',
  ]) {
    assert.ok(page.includes(`\`${key}\``), key)
  }
})

test('the nearest name is suggested, and none that is far', () => {
  assert.equal(nearest('jornal', ['file', 'journal', 'kmsg']), 'journal')
  assert.equal(nearest('danger_levl1', ['DANGER_LEVEL1', 'DANGER_LEVEL2']), 'DANGER_LEVEL1')
  assert.equal(nearest('xyz', ['file', 'journal']), undefined)
})

test('brokers are reached in plain text on this machine, elsewhere by TLS or when that is asked for', async () => {
  for (const kafka of [
    '{brokers: ["127.0.0.1:9092", "localhost:9093"]}',
    '{brokers: ["k1:9092"], tls: {}}',
    '{brokers: ["k1:9092"], insecure: true}',
  ]) {
    await loadConfig(folder.file('picket.yaml', `kafka: ${kafka}\n`))
  }
})

test('the password of Kafka is in a file that the configuration or the environment names', async () => {
  const load = async (more: string): Promise<KafkaConfig> =>
    (await loadConfig(folder.file('picket.yaml', `kafka: {sasl: {username: picket${more}}}\n`))).config.kafka
  const named = kafkaSettings(await load(', passwordFile: /a'), { PICKET_KAFKA_PASSWORD_FILE: '/b' })
  assert.equal(named.sasl?.passwordFile, '/a')
  const unnamed = await load('')
  assert.equal(kafkaSettings(unnamed, { PICKET_KAFKA_PASSWORD_FILE: '/b' }).sasl?.passwordFile, '/b')
  assert.throws(() => kafkaSettings(unnamed, {}), /set kafka.sasl.passwordFile or PICKET_KAFKA_PASSWORD_FILE/)
})
