import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, test } from 'node:test'
import { ResponderEvents } from '@picket/responder/main'
import { bufferOf, JournalledStore, Metrics, makeLogger } from '@picket/runtime'
import type { Alert, Incident } from '@picket/schemas'
import { loadConfig } from '../../src/config/load.ts'
import { runSettings } from '../../src/config/run-settings.ts'
import { AlertDesk } from '../../src/run/alert-desk.ts'
import { RunEvents } from '../../src/run/events.ts'
import { LazyResponse } from '../../src/run/lazy-response.ts'
import type { HostResponseSettings } from '../../src/run/settings.ts'
import { SCAN } from '../report-fixture.ts'
import { freshFolder } from './processes.ts'

const folder = freshFolder()
after(() => rmSync(folder, { recursive: true }))

async function settingsOf(sections: Readonly<Record<string, unknown>>): Promise<HostResponseSettings> {
  const file = join(folder, 'picket.yaml')
  const enrichment = { dns: { enabled: false }, whois: { enabled: false } }
  writeFileSync(file, JSON.stringify({ enrichment, enforcer: { firewall: 'dry-run' }, ...sections }))
  const { response } = runSettings(await loadConfig(file))
  assert.ok(response !== undefined)
  return response
}

const started: LazyResponse[] = []
afterEach(async () => {
  for (const response of started.splice(0)) await response.stop()
})

/** A journal, and what a process has that keeps one. */
class Life {
  readonly journal: string[] = []
  readonly store: JournalledStore
  readonly log = makeLogger({ level: 'error', format: 'json' }, { write: () => undefined })
  readonly metrics = new Metrics()
  readonly sinkEvents = new ResponderEvents(this.log, this.metrics)

  constructor() {
    this.store = new JournalledStore({
      journal: (record) => this.journal.push(bufferOf(record).toString('latin1')),
    })
  }

  response(settings: HostResponseSettings): LazyResponse {
    const { store, log, metrics, sinkEvents } = this
    const events = new RunEvents(log, new Metrics())
    const wasUsed = (): boolean => !store.isEmpty
    const response = new LazyResponse(settings, {
      store,
      log,
      metrics,
      sinkEvents,
      events,
      wasUsed,
      current: () => undefined,
    })
    started.push(response)
    return response
  }

  keeps(alert: Alert): boolean {
    return this.journal.some((record) => record.includes(alert.incident.id))
  }
}

function alertNow(number: number): Alert {
  const time = Date.now()
  const id = number.toString(16).padStart(16, '0')
  const incident = { ...SCAN, id, firstSeen: time, lastSeen: time } as unknown as Incident
  return { id, revision: 1, rose: ['level'], time, incident }
}

interface Listed {
  readonly entries: readonly unknown[]
  readonly own: readonly { readonly network: string }[]
}

async function listed(response: LazyResponse): Promise<Listed> {
  return (await response.answer({ command: 'allow-list' })) as Listed
}

test('an alert is taken when the store has it, and not before', async () => {
  const life = new Life()
  const response = life.response(await settingsOf({ decisions: { rules: [{ name: 'all', tell: ['*'] }] } }))
  const starting = response.start()
  const first = alertNow(1)
  const taken = response.take(first).then(() => life.keeps(first))
  await starting
  const second = alertNow(2)
  await response.take(second)
  assert.ok(life.keeps(second))
  assert.equal(await taken, true, 'also what was raised while it began')
})

test('what is raised while a configuration is read again is taken under the new one, and metrics are there once', async () => {
  const life = new Life()
  const sections = (name: string): object => ({ decisions: { rules: [{ name, tell: ['*'] }] } })
  const response = life.response(await settingsOf({ ...sections('before') }))
  await response.start()
  const reloading = response.reload(await settingsOf({ ...sections('after') }))
  const alert = alertNow(3)
  await response.take(alert)
  await reloading
  assert.ok(life.keeps(alert))
  assert.ok(life.journal.some((record) => record.includes('rule \\"after\\" fits')))
  assert.match(
    await life.metrics.registry.metrics(),
    /picket_responder_decision_reasons_total{reason="rule"} 1\n/,
  )
})

test('nothing is loaded or kept where nobody asks, until a command does, and then at each start', async () => {
  const life = new Life()
  const settings = await settingsOf({})
  const response = life.response(settings)
  await response.start()
  await response.take(alertNow(4))
  assert.deepEqual([life.journal.length, response.status], [0, null])
  assert.deepEqual((await listed(response)).entries, [])
  await response.answer({ command: 'allow-add', network: '192.0.2.1' })
  await response.stop()
  const next = life.response(settings)
  life.metrics.registry.clear()
  await next.start()
  assert.equal(next.status?.bans, 'dry-run')
  const { entries, own } = await listed(next)
  assert.equal(entries.length, 1)
  assert.ok(own.some(({ network }) => network === '127.0.0.1'))
})

test('an alert is noted as told only when what is to be done about it is kept', async () => {
  const { log } = new Life()
  const told: string[] = []
  let keep: () => void = () => undefined
  const desk = new AlertDesk({
    sinks: [],
    events: new ResponderEvents(log, new Metrics()),
    onTold: (id) => told.push(id),
    respond: () => new Promise((resolve) => (keep = resolve)),
  })
  const alert = alertNow(5)
  desk.raise(alert, Date.now())
  await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual([told, desk.untold], [[], [alert]])
  keep()
  await desk.close(10_000)
  assert.deepEqual([told, desk.untold], [[alert.id], []])
})
