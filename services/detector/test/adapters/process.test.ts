/** The detector as a process, over a queue and a store in memory. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Metrics } from '@picket/runtime'
import { partitionOf } from '@picket/schemas'
import { MESSAGES } from '@picket/schemas/messages'
import { EPOCH, tcp, upTo } from '../packets.ts'
import { Fleet, PARTITIONS } from './fleet-fixture.ts'

/** A source that asks one port of each of many hosts, each of which reports it. */
const sweep = (hosts: number) => upTo(hosts).map((i) => tcp({ dst: `10.0.0.${i + 1}`, dpt: 23, at: i }))

test('a scan that touches each host once is one incident of all of them', async () => {
  const fleet = new Fleet(EPOCH + 60_000)
  const detector = await fleet.start()
  for (const [i, packet] of sweep(9).entries())
    await fleet.publish(`host${i}`, [{ ...packet, reporter: `host${i}` }])
  await fleet.settled()
  await fleet.until(
    async () => (await fleet.alerts()).some(({ incident }) => incident.level === 2),
    'level 2',
  )
  const alerts = await fleet.alerts()
  assert.equal(new Set(alerts.map(({ incident }) => incident.id)).size, 1)
  const last = alerts.at(-1)?.incident
  assert.equal(last?.hostCount, 8)
  assert.deepEqual(last?.kinds, ['horizontal_sweep'])
  await detector.stop()
})

test('a detector goes on where the one before it stood', async () => {
  const [whole, halves] = [new Fleet(EPOCH + 60_000), new Fleet(EPOCH + 60_000)]
  const packets = sweep(60)
  const one = await whole.start()
  const first = await halves.start()
  for (const fleet of [whole, halves]) await fleet.publish('web1', packets.slice(0, 30))
  await halves.settled()
  await first.stop()
  for (const fleet of [whole, halves]) await fleet.publish('web1', packets.slice(30))
  const second = await halves.start()
  for (const fleet of [whole, halves]) await fleet.settled()
  await one.stop()
  await second.stop()
  assert.deepEqual(await halves.alerts(), await whole.alerts())
  assert.ok((await whole.alerts()).length >= 3)
})

test('a batch that is sent twice counts once', async () => {
  const fleet = new Fleet(EPOCH + 60_000)
  const detector = await fleet.start()
  await fleet.publish('web1', sweep(4))
  for (const { partition, value } of await fleet.all('picket.packets'))
    await fleet.send(partition, value as Uint8Array)
  await fleet.settled()
  const [metrics] = fleet.metrics
  assert.match((await metrics?.registry.metrics()) ?? '', /picket_detector_repeated_batches_total 1\n/)
  const last = (await fleet.alerts()).at(-1)
  assert.equal(last?.incident.packets, 3)
  await detector.stop()
})

test('what cannot be read is set aside with its reason, and reading goes on', async () => {
  const fleet = new Fleet(EPOCH + 60_000)
  const detector = await fleet.start()
  for (let partition = 0; partition < 3; partition++)
    await fleet.send(partition, new TextEncoder().encode('no message of ours'))
  await fleet.publish('web1', sweep(5))
  await fleet.settled()
  const letters = (await fleet.all('picket.dead-letters')).map(({ value }) =>
    MESSAGES.deadLetter.decode(value as Uint8Array),
  )
  assert.deepEqual(
    letters.map((letter) => letter.ok && [letter.value.topic, letter.value.offset, letter.value.reason]),
    [0, 1, 2].map(() => ['picket.packets', 0, 'not-ours']),
  )
  assert.equal((await fleet.alerts()).length > 0, true)
  await detector.stop()
})

test('two detectors share the partitions and find the same', async () => {
  const [alone, shared] = [new Fleet(EPOCH + 60_000), new Fleet(EPOCH + 60_000)]
  const packets = upTo(40).flatMap((source) =>
    upTo(6).map((i) => tcp({ src: `203.0.113.${source}`, dpt: 1_000 + i, at: i })),
  )
  const one = await alone.start()
  const both = [await shared.start(), await shared.start()]
  for (const fleet of [alone, shared]) await fleet.publish('web1', packets)
  for (const fleet of [alone, shared]) await fleet.settled()
  for (const detector of [one, ...both]) await detector.stop()
  assert.deepEqual(ids(await shared.alerts()), ids(await alone.alerts()))
  assert.equal(ids(await alone.alerts()).length >= 40, true)
})

test('a partition that another has claimed is taken back though nothing comes for it', async () => {
  const fleet = new Fleet(EPOCH + 60_000)
  const detector = await fleet.start()
  await fleet.publish('web1', sweep(20))
  await fleet.settled()
  const partition = partitionOf(tcp({}).src, PARTITIONS)
  const name = `packets:${partition}`
  const { epoch, next } = await fleet.store.claim(name)
  const isTakenBack = async () => (await fleet.store.ownership(name, epoch, next)) === 'fenced'
  await fleet.until(isTakenBack, 'its taking back')
  await fleet.publish('web1', sweep(60).slice(20))
  await fleet.settled()
  const [metrics] = fleet.metrics
  const text = (await metrics?.registry.metrics()) ?? ''
  assert.match(text, /picket_detector_displaced_total\{reason="fenced"\} 1\n/)
  assert.match(text, /picket_detector_refused_commits_total\{reason="fenced"\} 0\n/)
  await detector.stop()
})

test('a partition to which nothing ever came vouches for the time, or nothing would be judged together', async () => {
  const fleet = new Fleet(EPOCH + 60_000)
  const detector = await fleet.start()
  const vouching = async () => {
    const batches = (await fleet.all('picket.contacts')).map(({ value }) =>
      MESSAGES.contactBatch.decode(value ?? new Uint8Array()),
    )
    return new Set(batches.map((batch) => (batch.ok ? batch.value.upstream : -1)))
  }
  await fleet.until(async () => (await vouching()).size === PARTITIONS, 'all to vouch')
  await detector.stop()
})

test('a process counts what it did itself, also of partitions that it has given up', async () => {
  const fleet = new Fleet(EPOCH + 60_000)
  const first = await fleet.start()
  await fleet.publish('web1', sweep(20))
  await fleet.settled()
  await first.stop()
  const second = await fleet.start()
  await fleet.publish('web1', sweep(60).slice(20, 25))
  await fleet.settled()
  const probes = await Promise.all(fleet.metrics.map(probesOf))
  await second.stop()
  assert.deepEqual(probes, [20, 5])
})

async function probesOf({ registry }: Metrics): Promise<number> {
  const found = /picket_detector_observed_total\{observation="probe"\} (\d+)/.exec(await registry.metrics())
  return Number(found?.[1])
}

function ids(alerts: readonly { readonly id: string }[]): string[] {
  return alerts.map(({ id }) => id).sort()
}
