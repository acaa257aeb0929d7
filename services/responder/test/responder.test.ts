import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { MemoryQueue, MemoryStore, Metrics, makeLogger, type PartitionStore } from '@picket/runtime'
import { parseAddress, partitionOf } from '@picket/schemas'
import {
  type AlertMessage,
  type Heartbeat,
  MESSAGES,
  type PartitionTotals,
  type Receipt,
} from '@picket/schemas/messages'
import { type FleetView, type Responder, startResponder } from '../src/main.ts'
import { alertMessage, idOf, ListeningSink, receipt, SETTINGS } from './bed.ts'

const PARTITIONS = 4
const NAMES = ['packets', 'contacts', 'alerts', 'receipts'].map((topic) => [`picket.${topic}`, PARTITIONS])

class Fleet {
  readonly queue: MemoryQueue = new MemoryQueue({
    topics: { ...Object.fromEntries(NAMES), 'picket.dead-letters': 1 },
  })
  readonly store: PartitionStore = new MemoryStore()
  readonly sink: ListeningSink = new ListeningSink()
  readonly #responders: Responder[] = []
  log = ''

  start(): Responder {
    const log = makeLogger({ level: 'info', format: 'json' }, { write: (text) => (this.log += text) })
    const { queue, store } = this
    const outside = { queue, store, log, metrics: new Metrics(), sinks: [this.sink] }
    const responder = startResponder({ ...SETTINGS, heartbeatSeconds: 0.2 }, outside)
    this.#responders.push(responder)
    return responder
  }

  async alert(alert: AlertMessage, partition = 0): Promise<void> {
    await this.#send('picket.alerts', partition, MESSAGES.alert.encode(alert))
  }

  async heartbeat(beat: Receipt, partition = 0): Promise<void> {
    await this.#send('picket.receipts', partition, MESSAGES.receipt.encode(beat))
  }

  async #send(topic: string, partition: number, value: Uint8Array): Promise<void> {
    const producer = await this.queue.producer()
    await producer.send(topic, partition, [{ key: null, value }])
  }

  /** All of them; each process sends to one partition. */
  async heartbeats(): Promise<Heartbeat[]> {
    const beats: Heartbeat[] = []
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const { start, end } = await this.queue.extent('picket.receipts', partition)
      for await (const { value } of this.queue.read('picket.receipts', partition, start, end)) {
        const beat = MESSAGES.receipt.decode(value ?? new Uint8Array(0))
        if (beat.ok && beat.value.heartbeat !== null) beats.push(beat.value.heartbeat)
      }
    }
    return beats
  }

  async stop(): Promise<void> {
    await Promise.all(this.#responders.map((responder) => responder.stop()))
    await this.queue.close()
  }
}

const fleets: Fleet[] = []
after(async () => {
  for (const fleet of fleets) await fleet.stop()
})

function newFleet(): Fleet {
  const fleet = new Fleet()
  fleets.push(fleet)
  return fleet
}

async function until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 60_000
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`waited for ${what}`)
    await pause(5)
  }
}

/** The view once it is as wanted. */
async function viewOf(
  responder: Responder,
  isWanted: (view: FleetView) => boolean,
  what: string,
): Promise<FleetView> {
  let view = await responder.view()
  await until(async () => {
    view = await responder.view()
    return isWanted(view)
  }, what)
  return view
}

test('a responder is ready when it reads, tells what comes, and shows it', async () => {
  const fleet = newFleet()
  const responder = fleet.start()
  assert.deepEqual(responder.ready(), { ok: false, reasons: ['starting'] })
  await until(() => responder.ready().ok, 'it to be ready')
  await fleet.alert(alertMessage(1))
  const view = await viewOf(responder, ({ incidents }) => incidents.length === 1, 'the incident')
  assert.equal(view.incidents[0]?.incident.id, idOf(1))
  await until(() => fleet.sink.told.length === 1, 'the alert')
  assert.deepEqual(fleet.sink.told[0]?.incident.kinds, ['vertical_scan', 'stealth_scan'])
})

test('an incident is shown as the detector keeps it, where that knows more than the last alert', async () => {
  const fleet = newFleet()
  const responder = fleet.start()
  const [old, newer] = [alertMessage(1), alertMessage(2)]
  await fleet.alert(old)
  await fleet.alert(newer, 1)
  const source = parseAddress(old.incident.source ?? '')
  assert.ok(source !== undefined)
  const name = `packets:${partitionOf(source, PARTITIONS)}`
  const { epoch } = await fleet.store.claim(name)
  const view = (
    alert: AlertMessage,
    packets: number,
  ): { key: string; value: Uint8Array; ttlSeconds: number } => ({
    key: `i${alert.incident.id}`,
    value: MESSAGES.alert.encode({
      ...alert,
      revision: 0,
      rose: [],
      incident: { ...alert.incident, packets },
    }),
    ttlSeconds: 60,
  })
  await fleet.store.note(name, epoch, [view(old, 5_000), view(newer, 1)])
  const { incidents } = await viewOf(responder, (shown) => shown.incidents.length === 2, 'both incidents')
  const packets = new Map(incidents.map(({ incident }) => [incident.id, incident.packets]))
  assert.deepEqual([packets.get(idOf(1)), packets.get(idOf(2))], [5_000, newer.incident.packets])
})

const TOTALS: PartitionTotals = {
  ...{
    offset: 2,
    batches: 3,
    packets: 30,
    from: 1_000,
    to: 2_000,
    missing: 1,
    repeated: 0,
    late: 0,
    ahead: 0,
  },
  ...{
    observed: { probe: 30 },
    protocols: { tcp: 30 },
    sources: {},
    ports: {},
    prefixes: {},
    reporters: { web1: 30 },
  },
}

test('totals and what is yet to be read are those of all partitions', async () => {
  const fleet = newFleet()
  const responder = fleet.start()
  const producer = await fleet.queue.producer()
  const value = new Uint8Array(1)
  for (const partition of [0, 1]) {
    await producer.send(
      'picket.packets',
      partition,
      Array.from({ length: 5 }, () => ({ key: null, value })),
    )
    const { epoch } = await fleet.store.claim(`packets:${partition}`)
    const puts = [{ key: 't', value: MESSAGES.partitionTotals.encode(TOTALS), ttlSeconds: 60 }]
    const commit = { epoch, expected: undefined, next: 3, puts, marks: [], outbox: [] }
    await fleet.store.commit(`packets:${partition}`, commit)
  }
  const { totals, backlogs } = await responder.view()
  assert.deepEqual([totals.batches, totals.packets, totals.missing], [6, 60, 2])
  const packets = backlogs.find(({ topic }) => topic === 'packets')
  assert.deepEqual(packets, { topic: 'packets', records: 4, since: 2_000 })
})

test('a host that falls silent is called blind by whoever reads its heartbeats, and shown blind by everybody', async () => {
  const fleet = newFleet()
  const responders = [fleet.start(), fleet.start()]
  await until(() => responders.every((responder) => responder.ready().ok), 'both to be ready')
  const now = Date.now()
  const heartbeat = { started: now, everyMs: 200, state: 'running', faults: [], numbers: {} }
  await fleet.heartbeat(receipt(now, { heartbeat }), 3)
  await until(() => /blind host: its collector is silent/.test(fleet.log), 'the blind host')
  for (const responder of responders) {
    const isShown = ({ processes }: FleetView): boolean =>
      processes.some(({ reporter, toldBlind }) => reporter === 'web1' && toldBlind)
    await viewOf(responder, isShown, 'the blind host to be shown')
  }
  await fleet.heartbeat(receipt(Date.now(), { heartbeat: { ...heartbeat, state: 'stopping' } }), 3)
  await until(() => /sees again/.test(fleet.log), 'the host to be heard again')
  assert.equal(fleet.log.match(/blind host: /g)?.length, 1)
})

test('a responder that ends says so, and what it leaves another takes up', async () => {
  const fleet = newFleet()
  const first = fleet.start()
  await fleet.alert(alertMessage(1), 2)
  await until(() => fleet.sink.told.length === 1, 'the alert')
  await first.stop()
  assert.equal((await fleet.heartbeats()).at(-1)?.state, 'stopping')
  const second = fleet.start()
  await until(() => second.ready().ok, 'the second to be ready')
  await fleet.alert(alertMessage(1), 2)
  await fleet.alert(alertMessage(2), 2)
  await until(() => fleet.sink.told.length === 2, 'the new alert')
  assert.deepEqual(
    fleet.sink.told.map(({ id }) => id),
    [idOf(1), idOf(2)],
  )
  // both are the same process here, and its first life ended in good order
  const view = await viewOf(second, ({ processes }) => processes.length > 0, 'a heartbeat')
  assert.deepEqual(
    view.processes.map(({ service }) => service),
    ['responder'],
  )
})

test('a partition that the store has elsewhere is taken anew though nothing comes for it', async () => {
  const fleet = newFleet()
  fleet.start()
  await fleet.alert(alertMessage(1), 2)
  await until(() => fleet.sink.told.length === 1, 'the alert')
  const { epoch, next } = await fleet.store.claim('alerts:2')
  const isTakenBack = async () => (await fleet.store.ownership('alerts:2', epoch, next)) === 'fenced'
  await until(isTakenBack, 'its taking back')
  await fleet.alert(alertMessage(2), 2)
  await until(() => fleet.sink.told.length === 2, 'the new alert')
  assert.deepEqual(
    fleet.sink.told.map(({ id }) => id),
    [idOf(1), idOf(2)],
  )
})

test('a topic that is missing is a fault and not waited for', async () => {
  const fleet = newFleet()
  const log = makeLogger({ level: 'info', format: 'json' }, { write: () => undefined })
  const queue = new MemoryQueue({ topics: {} })
  const outside = { queue, store: fleet.store, log, metrics: new Metrics(), sinks: [] }
  const responder = startResponder(SETTINGS, outside)
  await until(() => responder.fault !== undefined, 'the fault')
  assert.match(responder.healthy().reasons[0] ?? '', /picket\.receipts/)
  await responder.stop()
  await queue.close()
})
