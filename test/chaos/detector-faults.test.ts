/** F13, F14, F30, F44: what happens to detectors and their groups, other than plain deaths. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { MESSAGES } from '@picket/schemas/messages'
import type { FleetProcess } from '../fleet/fleet-process.ts'
import { RealFleet } from '../fleet/real-fleet.ts'
import { traffic } from '../fleet/traffic.ts'
import { waitUntil } from '../services/wait-until.ts'
import { working } from './lives.ts'
import { all } from './oracle.ts'
import { shareBroker } from './shared-broker.ts'
import { ALL, addDetector, turmoil, type World } from './turmoil.ts'

const shared = shareBroker()

describe('detectors and their groups', { concurrency: 3 }, () => {
  test('F13 detectors that come and go all the time find the same', async () => {
    const storm = async ({ fleet, detectors, random }: World): Promise<void> => {
      const running = detectors.filter((one) => one.isRunning)
      if (running.length < 2 || (running.length < 4 && random.chance(0.5))) {
        const more = await addDetector(fleet)
        detectors.push(more)
        more.start()
      } else if (random.chance(0.5)) await random.pick(running).kill()
      else await random.pick(running).stop()
      await pause(random.between(200, 2_000))
    }
    await turmoil({ seed: 13, detectors: 2, times: ALL ? 50 : 6, fault: storm, fleet: shared() })
  })

  test('F14 a detector that slept past its session is refused when it wakes, and the same is found', async () => {
    const sleepOver = async ({ fleet, detectors }: World): Promise<void> => {
      const zombie = detectors[0] as FleetProcess
      await waitUntil(
        () => zombie.isStopped,
        () => `it to be stopped; it said ${zombie.log()}`,
      )
      const other = await addDetector(fleet)
      detectors.push(other)
      other.start()
      const claims = async (): Promise<number> => other.metric('picket_detector_claims_total')
      await waitUntil(
        async () => (await claims()) >= 2 * fleet.partitions,
        () => `the other to have all partitions; it said ${other.log()}`,
      )
      zombie.signal('SIGCONT')
      await waitUntil(
        async () => (await zombie.metric('picket_detector_refused_commits_total', 'reason="fenced"')) > 0,
        () => `the zombie to be refused; it said ${zombie.log()}`,
      )
    }
    const env = { PICKET_FAILPOINT: 'detector.folded:30:stop' }
    await turmoil({ seed: 14, times: 1, fault: sleepOver, env, fleet: shared() })
  })

  test('F30 a message at which the fold always fails is set aside after a few tries, and the rest goes on', async () => {
    const at = { partition: 1, offset: 7 }
    await turmoil({
      seed: 30,
      times: 1,
      fault: async () => undefined,
      env: { PICKET_FAULT: `detector.fold:packets:${at.partition}:${at.offset}` },
      fleet: shared(),
      oracle: { without: (partition, offset) => partition === at.partition && offset === at.offset },
      check: async ({ fleet, detectors: [detector] }) => {
        const letters = (await all(fleet.queue, fleet.topic('dead-letters'), 0)).map(({ value }) =>
          MESSAGES.deadLetter.decode(value ?? new Uint8Array()),
        )
        const told = letters.map((one) => one.ok && [one.value.partition, one.value.offset, one.value.reason])
        assert.deepEqual(told, [[at.partition, at.offset, 'fold-failed']])
        assert.equal(await detector?.metric('picket_detector_fold_failures_total'), 3)
      },
    })
  })
})

describe('what a detector cannot go on from', { concurrency: 3 }, () => {
  /** It has read everything once, and has ended. */
  async function ended(): Promise<{ fleet: RealFleet; detector: FleetProcess }> {
    const fleet = await RealFleet.start(shared())
    const detector = await addDetector(fleet)
    detector.start()
    await publish(fleet)
    await fleet.settled()
    assert.equal(await detector.stop(), 0)
    return { fleet, detector }
  }

  async function stopsWith(detector: FleetProcess, words: RegExp): Promise<void> {
    await waitUntil(
      () => !detector.isRunning,
      () => `it to end; it said ${detector.log()}`,
    )
    assert.notEqual(detector.exit.code, 0)
    assert.match(detector.log(), words)
  }

  test('F44 messages that retention removed unread are a loud stop that says so', async () => {
    const { fleet, detector } = await ended()
    try {
      await publish(fleet)
      for (let partition = 0; partition < fleet.partitions; partition++) {
        const { end } = await fleet.queue.extent(fleet.topic('packets'), partition)
        await (await fleet.admin()).trim(fleet.topic('packets'), partition, end)
      }
      detector.start()
      await stopsWith(detector, /the store stands at offset \d+.*\(retention\).*runbook/)
    } finally {
      await fleet.stop()
    }
  })

  test('F44 a topic that was made wider is a loud stop that says what to do', async () => {
    const { fleet, detector } = await ended()
    try {
      await (await fleet.admin()).addPartitions(fleet.topic('packets'), fleet.partitions + 1)
      detector.start()
      await stopsWith(detector, /has 5 partitions, not 4.*kafka\.partitions/)
    } finally {
      await fleet.stop()
    }
  })

  test('F44 a topic that is deleted under a running detector is a loud stop', async () => {
    const { fleet, detector } = await ended()
    try {
      detector.start()
      await working(detector)
      await (await fleet.admin()).deleteTopic(fleet.topic('packets'))
      await stopsWith(detector, /packets/)
    } finally {
      await fleet.stop()
    }
  })

  test('F44 a topic that was made anew while the detector was away is a loud stop, not a silent beginning', async () => {
    const { fleet, detector } = await ended()
    try {
      const admin = await fleet.admin()
      await admin.deleteTopic(fleet.topic('packets'))
      await waitUntil(
        async () => (await admin.partitionsOf(fleet.topic('packets'))) === 0,
        'the topic to be gone',
      )
      await admin.makeTopic(fleet.topic('packets'), fleet.partitions)
      detector.start()
      await stopsWith(detector, /the topic was cut or made anew/)
    } finally {
      await fleet.stop()
    }
  })

  function publish(fleet: RealFleet): Promise<number> {
    return fleet.publish(
      traffic({
        ...{ seed: 44, packets: 1_000, partitions: fleet.partitions, packetsPerBatch: 40, agents: 2 },
        ...{ sources: 100, from: Date.now() - 60_000, stepMs: 50 },
      }),
    )
  }
})
