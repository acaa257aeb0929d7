/** F28, F29, F33, F35: what agents and strangers send that they should not. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { MESSAGES } from '@picket/schemas/messages'
import { traffic } from '../fleet/traffic.ts'
import { alertNumber } from '../fleet-messages.ts'
import { all } from './oracle.ts'
import { shareBroker } from './shared-broker.ts'
import { ALL, type Fault, turmoil, type World } from './turmoil.ts'

const shared = shareBroker()
const HOURS_2 = 7_200_000
const nothing: Fault = async () => undefined

describe('traffic', { concurrency: 3 }, () => {
  test('F28 one host’s clock two hours ahead is counted, spoils no other host’s packets, and the same is found', async () => {
    const packets = 6_000
    await turmoil({
      seed: 28,
      times: 0,
      fault: nothing,
      fleet: shared(),
      traffic: { packets, firstAheadMs: HOURS_2 },
      check: async ({ detectors: [detector] }, { incidents }, story) => {
        const ahead = (await detector?.metric('picket_detector_ahead_packets_total')) ?? 0
        // one of six agents; some batches are lost by the traffic itself
        assert.ok(ahead > packets / 8 && ahead <= packets / 6, `${ahead} packets`)
        const latest = Math.max(...Array.from(incidents.values(), ({ lastSeen }) => lastSeen))
        assert.ok(latest < Date.now() + 60_000, 'an incident lies in the future')
        assert.ok(story.alerts.size > 0)
      },
    })
  })

  test('F28 one host’s clock two hours behind spoils nothing either', async () => {
    const traffic = { packets: 6_000, firstAheadMs: -HOURS_2 }
    await turmoil({ seed: 280, times: 0, fault: nothing, fleet: shared(), traffic })
  })

  test('F29 poison on the topics lies among the dead letters with its cause, and all else goes on', async () => {
    const poison = [
      ['not-ours', new Uint8Array([1, 2, 3])],
      ['unknown-schema', new Uint8Array([0xc3, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9])],
      ['wrong-type', MESSAGES.alert.encode(alertNumber(1))],
    ] as const
    const drop: Fault = async ({ fleet, random }: World) => {
      for (const topic of ['packets', 'contacts']) {
        const batches = poison.map(([, value]) => ({
          partition: random.between(0, fleet.partitions - 1),
          value,
          packets: 0,
        }))
        await fleet.publish(batches, fleet.topic(topic))
      }
    }
    const times = 3
    await turmoil({
      seed: 29,
      times,
      fault: drop,
      fleet: shared(),
      check: async ({ fleet, detectors: [detector] }) => {
        const letters = await all(fleet.queue, fleet.topic('dead-letters'), 0)
        const told: Record<string, number> = {}
        for (const { value } of letters) {
          const letter = MESSAGES.deadLetter.decode(value ?? new Uint8Array())
          assert.ok(letter.ok)
          const [, sent] = poison.find(([reason]) => reason === letter.value.reason) ?? []
          assert.deepEqual([...(letter.value.value ?? [])], [...(sent ?? [])])
          const name = `${letter.value.topic} ${letter.value.reason}`
          told[name] = (told[name] ?? 0) + 1
        }
        const expected = ['packets', 'contacts'].flatMap((topic) =>
          poison.map(([reason]) => [`${fleet.topic(topic)} ${reason}`, times] as const),
        )
        assert.deepEqual(told, Object.fromEntries(expected))
        assert.equal(await detector?.metric('picket_detector_dead_letters_total'), letters.length)
      },
    })
  })

  const strangers = ALL ? 1_000_000 : 30_000
  test(`F33 among ${strangers} sources that knock once each, memory stays bounded and the one that scans is caught`, async () => {
    const held = 1_000
    const mark = 10
    const flood: Fault = async ({ fleet, seed }) => {
      const from = Date.now() - 60_000
      const shape = { seed, partitions: fleet.partitions, packetsPerBatch: 1_000, from }
      for (let n = 0; n < strangers; n += 10_000) {
        const agents = { agents: 1, agentsBefore: 20 + n / 10_000 }
        const sources = { packets: 10_000, sources: Number.POSITIVE_INFINITY, sourcesBefore: 1_000 + n }
        await fleet.publish(traffic({ ...shape, ...agents, ...sources, stepMs: 1 }))
      }
    }
    await turmoil({
      seed: 33,
      times: 1,
      fault: flood,
      fleet: shared(),
      traffic: { packets: 6_000, sources: 200 },
      config: { detector: { sourcesPerPartition: held, changesPerCommit: 500 } },
      check: async ({ fleet, detectors: [detector] }, { alerts }) => {
        const sources = (await detector?.metric('picket_detector_sources')) ?? 0
        assert.ok(sources <= (held + 500) * fleet.partitions, `${sources} sources in memory`)
        assert.ok(((await detector?.metric('picket_detector_evicted_total')) ?? 0) > strangers / 2)
        assert.ok([...alerts.values()].some(({ incident }) => incident.packets > mark))
      },
    })
  })

  test('F35 every batch sent three times counts once, and the same is found', async () => {
    await turmoil({
      seed: 35,
      times: 0,
      fault: nothing,
      copies: 3,
      traffic: { packets: 6_000 },
      fleet: shared(),
      check: async ({ detectors: [detector] }, _, { packets }) => {
        const observed = await detector?.metric('picket_detector_observed_total')
        assert.equal(observed, packets)
        assert.ok(((await detector?.metric('picket_detector_repeated_batches_total')) ?? 0) > 0)
      },
    })
  })
})
