/** F1, F2: detectors are killed, at random and between any two steps, and the incidents are those of an undisturbed run. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { waitUntil } from '../services/wait-until.ts'
import { killOne, reviveAll, STEPS } from './lives.ts'
import { shareBroker } from './shared-broker.ts'
import { ALL, turmoil, type World } from './turmoil.ts'

const KILLS = ALL ? 50 : 8
const DEATHS = ALL ? 3 : 1

const shared = shareBroker()

describe('a detector that is killed', { concurrency: 3 }, () => {
  for (const detectors of [1, 2]) {
    test(`F1 ${detectors} of them, ${KILLS} times at random points: the same is found`, async () => {
      const fleet = { ...shared(), redis: { appendonly: true } }
      await turmoil({ seed: 1, detectors, times: KILLS, fault: killOne, mend: reviveAll, fleet })
    })
  }

  for (const step of STEPS) {
    test(`F2 right after "${step}": the same is found`, async () => {
      const env = { PICKET_FAILPOINT: `detector.${step}:2` }
      let deaths = 0
      const died = async ({ fleet, detectors: [detector] }: World): Promise<void> => {
        if (detector === undefined) return
        await waitUntil(
          () => !detector.isRunning,
          () => `the detector to die at ${step}; it said ${detector.log()}`,
        )
        assert.equal(detector.exit.signal, 'SIGKILL')
        await fleet.bury(detector)
        deaths++
        detector.start(deaths < DEATHS ? env : {})
      }
      await turmoil({ seed: 2, times: DEATHS, fault: died, env, fleet: shared() })
      assert.equal(deaths, DEATHS)
    })
  }
})
