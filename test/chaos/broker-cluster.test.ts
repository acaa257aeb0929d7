/** F9: of three brokers the one that leads dies, again and again. */
import { test } from 'node:test'
import { freshName } from '../services/shared.ts'
import { waitUntil } from '../services/wait-until.ts'
import { ALL, ONLY_ALL, turmoil, type World } from './turmoil.ts'

test('F9 three brokers whose leaders die find the same, with two copies in sync', ONLY_ALL, async () => {
  const loseLeader = async ({ fleet, random }: World): Promise<void> => {
    const admin = await fleet.admin()
    const topic = fleet.topic('packets')
    const partition = random.between(0, fleet.partitions - 1)
    const leader = await admin.leaderOf(topic, partition)
    const node = fleet.kafka.nodes[leader - 1]
    await node?.kill()
    await waitUntil(
      async () => ![leader, -1].includes(await admin.leaderOf(topic, partition)),
      'another leader',
    )
    await node?.start()
    await waitUntil(() => admin.isWhole(topic), 'all copies to be in sync')
  }
  const fleet = {
    ...{ kafka: { brokers: 3 }, topics: { 'min.insync.replicas': '2' }, requestTimeoutMs: 5_000 },
    prefix: freshName('chaos'),
  }
  const config = { kafka: { requestTimeoutSeconds: 5 } }
  await turmoil({ seed: 9, detectors: 2, times: ALL ? 4 : 1, fault: loseLeader, fleet, config })
})
