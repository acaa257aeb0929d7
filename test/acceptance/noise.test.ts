/**
 * A hundred scanners at once, from the lines in a kernel's log to the mailbox: real collector, detector, responder and mail server.
 *
 * psad sends 441 mails for them. The responder begins when all is found, so that how fast the others are does not show.
 */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { MESSAGES } from '@picket/schemas/messages'
import { all } from '../chaos/oracle.ts'
import type { FleetProcess } from '../fleet/fleet-process.ts'
import { RealFleet } from '../fleet/real-fleet.ts'
import { appendScan, type ScanProbe } from '../fleet/scan-lines.ts'
import { Kafka } from '../services/kafka.ts'
import { freshName, type SharedService, sharedKafka } from '../services/shared.ts'
import { waitUntil } from '../services/wait-until.ts'
import { type Smtp, startSmtp } from '../telling/smtp.ts'

const SCANNERS = 100
const PORTS = 120
const SERIOUS = 3

let shared: SharedService
let fleet: RealFleet
let smtp: Smtp

before(async () => {
  ;[shared, smtp] = await Promise.all([sharedKafka(), startSmtp()])
  const broker = new Kafka([], [shared.address], undefined)
  fleet = await RealFleet.start({ broker, prefix: freshName('noise') })
  await (await fleet.admin()).makeTopic(fleet.topic('bans'), 1, { 'cleanup.policy': 'compact' })
})

after(async () => {
  await fleet?.stop()
  await Promise.all([shared?.stop(), smtp?.stop()])
})

function source(scanner: number): string {
  return `203.0.113.${scanner}`
}

/** Each scans a host of its own, so that no two of them are one scan. */
function scans(): ScanProbe[] {
  return Array.from({ length: SCANNERS * PORTS }, (_, at) => {
    const scanner = at % SCANNERS
    return { src: source(scanner), dst: `10.0.${scanner}.5`, dpt: 1 + Math.floor(at / SCANNERS) }
  })
}

async function seriousSources(): Promise<Set<string>> {
  const sources = new Set<string>()
  for (let partition = 0; partition < fleet.partitions; partition++) {
    for (const { value } of await all(fleet.queue, fleet.topic('alerts'), partition)) {
      const alert = MESSAGES.alert.decode(value ?? new Uint8Array())
      if (alert.ok && alert.value.incident.level >= SERIOUS) sources.add(alert.value.incident.source ?? '')
    }
  }
  return sources
}

async function startFinders(): Promise<FleetProcess[]> {
  const log = join(fleet.folder, 'kern.log')
  writeFileSync(log, '')
  appendScan(log, scans())
  const collector = await fleet.process('collector', {
    sources: [{ type: 'file', name: 'kern', path: log, from: 'start' }],
    timeZone: 'UTC',
    collector: { reporter: 'web1' },
  })
  const detector = await fleet.process('detector')
  for (const one of [collector, detector]) one.start()
  return [collector, detector]
}

test('a hundred scanners at once are at most three mails, and all of them are told', async () => {
  const finders = await startFinders()
  await waitUntil(
    async () => (await seriousSources()).size === SCANNERS,
    () => `all to be found; ${finders.map((one) => one.log()).join('\n')}`,
    120_000,
  )
  await fleet.settled()
  const { partitions } = fleet
  const topics = { packets: partitions, contacts: partitions, alerts: partitions, bans: 1, receipts: 1 }
  const mail = { type: 'mail', from: 'picket@example.net', to: ['admin@example.net'], host: '127.0.0.1' }
  const responder = await fleet.process('responder', {
    kafka: { partitions: topics },
    channels: { ops: { ...mail, port: smtp.port, insecure: true } },
    mailBudget: { gatherSeconds: 10 },
    enrichment: { dns: { enabled: false }, whois: { enabled: false } },
  })
  responder.start()
  const text = (): string => smtp.mails.map(({ parsed }) => parsed.text).join('\n')
  await waitUntil(
    () => Array.from({ length: SCANNERS }, (_, scanner) => source(scanner)).every(isIn(text())),
    () => `all to be told; it said:\n${responder.log()}\n${text()}`,
  )
  await responder.stop()
  assert.ok(smtp.mails.length <= 3, `${smtp.mails.length} mails`)
})

function isIn(text: string): (address: string) => boolean {
  return (address) => new RegExp(`\\b${address.replaceAll('.', '\\.')}\\b`).test(text)
}
