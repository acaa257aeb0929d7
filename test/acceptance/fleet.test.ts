/**
 * The story of a small fleet: three hosts, two detectors, a responder, and somebody who knocks once at each host.
 *
 * Real processes on a real broker and a real Redis; everything that is asked is asked as a user does, by `picket status`. The
 * chapters follow each other: each goes on where the one before it ended.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { VERSION } from '@picket/cli'
import type { FleetProcess } from '../fleet/fleet-process.ts'
import { RealFleet } from '../fleet/real-fleet.ts'
import { appendScan } from '../fleet/scan-lines.ts'
import { picket } from '../picket.ts'
import { waitUntil } from '../services/wait-until.ts'

const SCANNER = '203.0.113.77'
const DOOR = 8291

interface Host {
  readonly name: string
  readonly address: string
  readonly log: string
  readonly collector: FleetProcess
}

interface Status {
  readonly packets: number
  readonly incidents: readonly {
    readonly id: string
    readonly source: string
    readonly level: number
    readonly packets: number
    readonly hosts: readonly string[]
    readonly reporters: readonly string[]
  }[]
  readonly fleet: {
    readonly responder: { readonly healthy: boolean; readonly version: string }
    readonly hosts: readonly { readonly reporter: string; readonly state: string; readonly packets: number }[]
    readonly blind: readonly { readonly reporter: string }[]
    readonly detectors: readonly { readonly state: string; readonly version: string }[]
    readonly lag: Readonly<Record<string, { readonly records: number }>>
    readonly versions: Readonly<Record<string, number>>
  }
}

let fleet: RealFleet
let responder: FleetProcess
const hosts: Host[] = []

before(async () => {
  fleet = await RealFleet.start()
  for (const number of [1, 2, 3]) hosts.push(await newHost(number))
  const detectors = [await detectorOf(), await detectorOf()]
  responder = await fleet.process('responder', { alerts: { format: 'json' }, responder: { heartbeat: 1 } })
  const processes = [...hosts.map(({ collector }) => collector), ...detectors, responder]
  for (const one of processes) one.start()
  for (const one of processes) await one.ready()
})

after(async () => {
  await fleet?.stop()
})

async function newHost(number: number): Promise<Host> {
  const name = `web${number}`
  const log = join(fleet.folder, `${name}.log`)
  writeFileSync(log, '')
  const collector = await fleet.process('collector', {
    sources: [{ type: 'file', name: 'kern', path: log, from: 'start' }],
    timeZone: 'UTC',
    collector: { reporter: name, heartbeatSeconds: 1 },
  })
  return { name, address: `10.0.0.${number}`, log, collector }
}

function detectorOf(): Promise<FleetProcess> {
  return fleet.process('detector', { detector: { heartbeatSeconds: 1 } })
}

function host(name: string): Host {
  const found = hosts.find((one) => one.name === name)
  assert.ok(found !== undefined)
  return found
}

function knock({ name, address, log }: Host, src = SCANNER): void {
  appendScan(log, [{ src, dst: address, dpt: DOOR, host: name }])
}

async function statusWhen(isWanted: (status: Status) => boolean, what: string): Promise<Status> {
  let said = ''
  let status: Status | undefined
  await waitUntil(
    async () => {
      const ended = await picket([
        'status',
        '--json',
        '--config',
        join(responder.command.folder, 'picket.yaml'),
      ])
      said = ended.stdout + ended.stderr
      status = ended.status === 0 ? (JSON.parse(ended.stdout) as Status) : undefined
      return status !== undefined && isWanted(status)
    },
    () => `${what}; status said:\n${said}\nand the responder:\n${responder.log()}`,
    120_000,
  )
  return status as Status
}

/** What the responder told on its standard output, by incident. */
function told(): string[] {
  return readFileSync(join(responder.command.folder, 'out'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{"alert"'))
    .map((line) => (JSON.parse(line) as { incident: { id: string } }).incident.id)
}

const stateOf = (status: Status, name: string): string | undefined =>
  status.fleet.hosts.find(({ reporter }) => reporter === name)?.state

test('everybody reports for work', async () => {
  const status = await statusWhen(
    ({ fleet: { hosts, detectors, responder } }) =>
      hosts.length === 3 &&
      detectors.length === 2 &&
      responder.healthy &&
      [...hosts, ...detectors].every(({ state }) => state === 'running'),
    'three hosts and two detectors at work',
  )
  assert.deepEqual(
    status.fleet.hosts.map(({ reporter, state }) => `${reporter} ${state}`),
    ['web1 running', 'web2 running', 'web3 running'],
  )
  assert.deepEqual(
    status.fleet.detectors.map(({ state }) => state),
    ['running', 'running'],
  )
  assert.equal(status.fleet.responder.healthy, true)
  assert.deepEqual(status.incidents, [])
})

test('somebody knocks once at two hosts, which is nothing', async () => {
  for (const name of ['web1', 'web2']) knock(host(name))
  // a visitor with one door of one host, who is none of our business in this story
  knock(host('web1'), '198.51.100.20')
  const status = await statusWhen(({ packets }) => packets === 3, 'three packets')
  assert.deepEqual(status.incidents, [])
})

test('with the third host it is one scan of three hosts, told once', async () => {
  knock(host('web3'))
  const status = await statusWhen(({ incidents }) => incidents.length > 0, 'the incident')
  assert.equal(status.incidents.length, 1)
  const [incident] = status.incidents
  assert.equal(incident?.source, SCANNER)
  assert.equal(incident?.packets, 3)
  assert.deepEqual([...(incident?.hosts ?? [])].sort(), ['10.0.0.1', '10.0.0.2', '10.0.0.3'])
  assert.deepEqual([...(incident?.reporters ?? [])].sort(), ['web1', 'web2', 'web3'])
  await waitUntil(
    () => told().length > 0,
    () => `the alert\n${responder.log()}`,
  )
  assert.deepEqual(told(), [incident?.id])
})

test('status tells the hosts, what is left to read, and the versions', async () => {
  const { fleet: seen } = await statusWhen(
    ({ fleet: { lag } }) => Object.values(lag).every(({ records }) => records === 0),
    'nothing left to be read',
  )
  assert.deepEqual(
    seen.hosts.map(({ reporter, packets }) => `${reporter} ${packets}`),
    ['web1 2', 'web2 1', 'web3 1'],
  )
  assert.deepEqual(Object.keys(seen.lag).sort(), ['alerts', 'contacts', 'packets', 'receipts'])
  assert.deepEqual(Object.keys(seen.versions), [VERSION])
  assert.deepEqual([...new Set(seen.detectors.map(({ version }) => version))], [VERSION])
})

test('a collector that is stopped is stopped, and one that was killed is a blind host', async () => {
  assert.equal(await host('web2').collector.stop(), 0)
  await host('web3').collector.kill()
  const status = await statusWhen(
    // On a busy machine web1 may be late for three heartbeats, too, and is heard again.
    (now) =>
      stateOf(now, 'web1') === 'running' &&
      stateOf(now, 'web2') === 'stopped' &&
      stateOf(now, 'web3') === 'blind',
    'web1 running, web2 stopped and web3 blind',
  )
  assert.equal(stateOf(status, 'web1'), 'running')
  assert.deepEqual(
    status.fleet.blind.map(({ reporter }) => reporter),
    ['web3'],
  )
})

test('what a host logged while it was blind is seen when it sees again, and nobody is told twice', async () => {
  const { address, name, log, collector } = host('web3')
  appendScan(log, [{ src: SCANNER, dst: address, dpt: DOOR + 1, host: name }])
  collector.start()
  await collector.ready()
  const status = await statusWhen(
    (now) => stateOf(now, 'web3') === 'running' && now.incidents[0]?.packets === 4,
    'web3 running, and its packet in the incident',
  )
  assert.equal(status.incidents.length, 1)
  assert.deepEqual(told(), [status.incidents[0]?.id])
})
