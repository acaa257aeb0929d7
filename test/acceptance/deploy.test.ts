/**
 * What deploy/ offers holds together: rules that fire, units that systemd takes, configurations that are right, a composition whose parts
 * are there. No container is started here; README names that among the limits.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
import { picket } from '../picket.ts'
import { REPOSITORY } from '../places.ts'
import { needTool } from '../services/missing-tool.ts'

const DEPLOY = join(REPOSITORY, 'deploy')
const RULES = join(DEPLOY, 'prometheus', 'picket.rules.yml')

interface Ended {
  readonly status: number | string
  readonly said: string
}

function run(tool: string, args: readonly string[], cwd: string = DEPLOY): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(tool, args, { cwd }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : (error.code ?? 'killed'), said: stdout + stderr })
    })
  })
}

async function mustPass(tool: string, args: readonly string[]): Promise<void> {
  const { status, said } = await run(needTool(tool), args)
  assert.equal(status, 0, said)
}

const yaml = (file: string): unknown => parse(readFileSync(file, 'utf8'), { merge: true })

interface Rule {
  readonly alert: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly runbook_url: string }
}

function rules(): readonly Rule[] {
  const file = yaml(RULES) as { groups: readonly { rules: readonly Rule[] }[] }
  return file.groups.flatMap((group) => group.rules)
}

test('promtool takes configuration and rules, and every rule fires when it should and not before', async () => {
  await mustPass('promtool', ['check', 'config', 'prometheus/prometheus.yml'])
  await mustPass('promtool', ['check', 'rules', RULES])
  await mustPass('promtool', ['test', 'rules', 'prometheus/picket.rules.test.yml'])
  const tested = readFileSync(join(DEPLOY, 'prometheus', 'picket.rules.test.yml'), 'utf8')
  for (const { alert } of rules())
    assert.ok(tested.includes(`alertname="${alert}"`), `${alert} has no test in picket.rules.test.yml`)
})

test('every alert says how bad it is, and has a place where it stands what to do', () => {
  const page = readFileSync(join(REPOSITORY, 'docs', 'alerts.md'), 'utf8')
  const headings = [...page.matchAll(/^## (\w+)$/gm)].map(([, name]) => name)
  assert.deepEqual(
    headings.sort(),
    rules()
      .map(({ alert }) => alert)
      .sort(),
  )
  for (const { alert, labels, annotations } of rules()) {
    assert.equal(annotations.runbook_url, `docs/alerts.md#${alert.toLowerCase()}`)
    assert.notEqual(annotations.summary, '')
    assert.ok(['page', 'ticket', 'none'].includes(labels.severity), alert)
  }
})

test('rules speak of metrics that there are, by the page that is made from code', () => {
  const known = readFileSync(join(REPOSITORY, 'docs', 'metrics.md'), 'utf8')
  const used = new Set(readFileSync(RULES, 'utf8').match(/\bpicket_[a-z_]+\b/g))
  assert.ok(used.size > 20)
  for (const name of used) assert.ok(known.includes(`\`${name.replace(/_bucket$/, '')}\``), name)
})

test('picket takes each configuration as it stands', async () => {
  for (const name of [
    'picket.example.yaml',
    'fleet.example.yaml',
    'compose.picket.yaml',
    'compose.enforcer.yaml',
  ]) {
    const { status, stdout, stderr } = await picket(['config', 'check', '--config', join(DEPLOY, name)])
    assert.equal(status, 0, `${name}: ${stdout}${stderr}`)
  }
})

interface Container {
  readonly image: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly command?: readonly string[]
  readonly user?: string
  readonly read_only?: boolean
  readonly restart?: string
  readonly cap_drop?: readonly string[]
  readonly cap_add?: readonly string[]
  readonly network_mode?: string
  readonly extra_hosts?: readonly string[]
  readonly hostname?: string
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly networks?: readonly string[] | Readonly<Record<string, { readonly ipv4_address: string }>>
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: { readonly test: readonly string[] }
}

interface Composition {
  readonly services: Readonly<Record<string, Container>>
  readonly volumes: Readonly<Record<string, unknown>>
  readonly networks: Readonly<Record<string, unknown>>
}

const composition = yaml(join(DEPLOY, 'compose.yaml')) as Composition
const containers = Object.entries(composition.services)

/** Kafka's image writes its configuration at every start. */
const WRITABLE = ['kafka']
/** A container that does one thing and ends has no health. */
const ENDS = ['topics']

test('the parts that a composition names are there', () => {
  assert.deepEqual(
    containers.map(([name]) => name),
    ['kafka', 'redis', 'topics', 'collector', 'enforcer', 'detector', 'responder', 'prometheus'],
  )
  for (const [name, container] of containers) {
    assertWaitsForWhatIsThere(name, container)
    for (const network of networksOf(container)) assert.ok(network in composition.networks, network)
    for (const volume of container.volumes ?? []) assertIsThere(volume)
    if (container.build === undefined) continue
    const { context, dockerfile } = container.build
    assert.ok(existsSync(join(DEPLOY, context, dockerfile)))
  }
})

function networksOf({ networks = [] }: Container): readonly string[] {
  return Array.isArray(networks) ? networks : Object.keys(networks)
}

function assertWaitsForWhatIsThere(name: string, container: Container): void {
  for (const [of, { condition }] of Object.entries(container.depends_on ?? {})) {
    const other = composition.services[of]
    assert.ok(other !== undefined, `${name} waits for ${of}`)
    if (condition === 'service_healthy') assert.ok(other.healthcheck !== undefined, of)
  }
}

/** A file of ours, a place of the machine, or a volume by name. */
function assertIsThere(volume: string): void {
  const [from = ''] = volume.replaceAll(/\$\{\w+:-([^}]+)\}/g, '$1').split(':')
  if (from.startsWith('./')) assert.ok(existsSync(join(DEPLOY, from)), from)
  else if (!from.startsWith('/')) assert.ok(from in composition.volumes, from)
}

/** A capability does not reach a user who is not root: the enforcer is root, without any other right. */
function assertHasNoRightsBeside(name: string, { build, user, cap_add, network_mode }: Container): void {
  const isEnforcer = name === 'enforcer'
  if (build !== undefined) assert.equal(user, isEnforcer ? 'root' : 'node')
  if (!isEnforcer) assert.deepEqual([cap_add, network_mode], [undefined, undefined], name)
}

test('no container is root where it need not be, writes outside its volumes, or is reached from elsewhere', () => {
  for (const [name, container] of containers) {
    assert.deepEqual(container.cap_drop, ['ALL'], name)
    assert.equal(container.read_only === true || WRITABLE.includes(name), true, name)
    assertHasNoRightsBeside(name, container)
    for (const port of container.ports ?? []) assert.match(port, /^127\.0\.0\.1:/)
    assert.equal(container.healthcheck !== undefined || ENDS.includes(name), true, name)
  }
})

test('the enforcer has this machine’s network and one right, finds the broker, and is found', () => {
  const { enforcer, collector, kafka } = composition.services
  assert.deepEqual([enforcer?.cap_add, enforcer?.network_mode], [['NET_ADMIN'], 'host'])
  assert.equal(enforcer?.hostname, collector?.hostname)
  const { fleet } = (kafka?.networks ?? {}) as Record<string, { ipv4_address: string }>
  assert.deepEqual(enforcer?.extra_hosts, [`kafka:${fleet?.ipv4_address}`])
  const own = yaml(join(DEPLOY, 'compose.enforcer.yaml')) as {
    metrics: { host: string }
    enforcer: { state: string; keys: string }
  }
  const [gateway] = (composition.networks['fleet'] as { ipam: { config: { gateway: string }[] } }).ipam.config
  assert.equal(own.metrics.host, gateway?.gateway)
  assert.ok(own.enforcer.keys.startsWith(own.enforcer.state))
  assert.match(readFileSync(join(DEPLOY, 'Dockerfile'), 'utf8'), /install .*nftables iproute2/)
})

test('health is asked at the port at which each service listens', async () => {
  const ports: Readonly<Record<string, number>> = {
    ...{ collector: 9477, enforcer: 9478, detector: 9479, responder: 9480 },
  }
  const prometheus = readFileSync(join(DEPLOY, 'prometheus', 'prometheus.yml'), 'utf8')
  for (const [name, port] of Object.entries(ports)) {
    const { healthcheck, command = [] } = composition.services[name] ?? {}
    assert.match(
      healthcheck?.test.join(' ') ?? '',
      new RegExp(`(127\\.0\\.0\\.1|172\\.30\\.77\\.1):${port}/`),
    )
    assert.match(prometheus, new RegExp(`${port}`))
    const [subcommand = ''] = command
    assert.equal((await picket([subcommand, '--help'])).status, 0)
  }
})

test('the image is built from what is in the checkout', () => {
  const lines = readFileSync(join(DEPLOY, 'Dockerfile'), 'utf8').split('\n')
  const copied = lines.filter((line) => line.startsWith('COPY ') && !line.includes('--from'))
  const sources = copied.flatMap((line) => line.split(' ').slice(1, -1))
  assert.ok(sources.length > 5)
  const ignored = readFileSync(join(DEPLOY, 'Dockerfile.dockerignore'), 'utf8')
  for (const source of sources) {
    assert.ok(existsSync(join(REPOSITORY, source)), source)
    assert.ok(ignored.includes(`!${source}\n`), `${source} is not in the build context`)
  }
  assert.ok(lines.includes('USER node'))
})

/** In tenths, of 100: 15 has a service that may use the network and read logs, 17 the one that may change the firewall, 18 what does both. */
const MOST_EXPOSED = 17
const ALL_EXPOSED = 18

test('systemd takes the units, and finds little exposed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'picket-units-'))
  try {
    const command = join(folder, 'picket')
    writeFileSync(command, '#!/bin/sh\n', { mode: 0o755 })
    const names = readdirSync(join(DEPLOY, 'systemd')).filter((name) => name.endsWith('.service'))
    const units = names.map((name) => {
      const unit = readFileSync(join(DEPLOY, 'systemd', name), 'utf8')
      // the command is not installed here
      const file = join(folder, name.replace('@.', '@1.'))
      writeFileSync(file, unit.replaceAll('/usr/bin/picket', command))
      return file
    })
    assert.ok(units.length >= 4)
    // A guard as well with all that can be added to it
    const all = join(folder, 'picket-all.service')
    copyFileSync(join(folder, 'picket.service'), all)
    cpSync(join(DEPLOY, 'systemd', 'picket.service.d'), `${all}.d`, { recursive: true })
    units.push(all)
    const verified = await run('systemd-analyze', ['verify', '--man=no', ...units])
    assert.deepEqual(verified, { status: 0, said: '' })
    for (const unit of units) {
      const threshold = `--threshold=${unit === all ? ALL_EXPOSED : MOST_EXPOSED}`
      const { status, said } = await run('systemd-analyze', ['security', '--offline=yes', threshold, unit])
      assert.equal(status, 0, said)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
