/**
 * The broker that chaos tests share which do not disturb it: a fleet there has names of its own.
 */
import { after, before } from 'node:test'
import type { FleetOptions } from '../fleet/real-fleet.ts'
import { Kafka } from '../services/kafka.ts'
import { freshName, type SharedService, sharedKafka } from '../services/shared.ts'

/** To be called at the top of a test file; what it gives is for one fleet. */
export function shareBroker(): () => FleetOptions {
  let shared: SharedService | undefined
  before(async () => {
    shared = await sharedKafka()
  })
  after(() => shared?.stop())
  return () => {
    if (shared === undefined) throw new Error('there is no broker yet')
    return { broker: new Kafka([], [shared.address], undefined), prefix: freshName('chaos') }
  }
}
