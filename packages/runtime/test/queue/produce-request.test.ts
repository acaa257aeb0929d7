import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProduceLane } from '../../src/queue/kafka/produce-lane.ts'
import { lanesOfOneRequest } from '../../src/queue/kafka/produce-request.ts'

const IDENTITY = { producerId: 1, producerEpoch: 0 }

function lane(partition: number, bytes = 10): ProduceLane {
  const made = new ProduceLane('topic', partition, true)
  made.identity = IDENTITY
  const messages = [{ key: null, value: new Uint8Array(bytes) }]
  const pending = { messages, bytes, isAmbiguous: false, missingSince: undefined }
  made.waiting.push({ ...pending, resolve: () => undefined, reject: () => undefined })
  return made
}

/** Sends again and again while every lane always has more. */
function served(lanes: readonly ProduceLane[], requests: number): number[] {
  const counts = lanes.map(() => 0)
  for (let request = 1; request <= requests; request++) {
    for (const chosen of lanesOfOneRequest(lanes)) {
      chosen.servedAt = request
      counts[chosen.partition] = (counts[chosen.partition] ?? 0) + 1
    }
  }
  return counts
}

test('partitions that share identity and room go in one request', () => {
  assert.equal(lanesOfOneRequest([lane(0), lane(1), lane(2)]).length, 3)
  assert.equal(lanesOfOneRequest([lane(0, 700_000), lane(1, 700_000)]).length, 1)
})

test('no partition is kept out by others that always have something to send', () => {
  const lanes = [lane(0, 700_000), lane(1, 700_000), lane(2), lane(3), lane(4)]
  for (const alone of lanes.slice(2, 4)) alone.isAlone = true
  const stranger = lanes[4]
  if (stranger !== undefined) stranger.identity = { producerId: 2, producerEpoch: 0 }
  for (const count of served(lanes, 50)) assert.ok(count >= 10, String(count))
})
