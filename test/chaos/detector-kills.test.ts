/** F1, F2: a detector is killed, at random and between any two steps, and the incidents are those of an undisturbed run. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { waitUntil } from '../services/wait-until.ts'
import { turmoil, type World } from './turmoil.ts'

const KILLS = Number(process.env['PICKET_CHAOS_KILLS'] ?? 8)

async function killOne({ detectors, random }: World): Promise<void> {
  const detector = random.pick(detectors)
  await new Promise((resolve) => setTimeout(resolve, random.between(50, 900)))
  await detector.kill()
  detector.start()
}

test(`F1 a detector that is killed ${KILLS} times at random points finds the same`, async () => {
  await turmoil({ seed: 1, times: KILLS, fault: killOne })
})

const STEPS = ['claimed', 'loaded', 'folded', 'contacts-sent', 'committed', 'alerts-sent', 'trimmed'] as const

for (const step of STEPS) {
  test(`F2 a detector that dies right after "${step}" finds the same`, async () => {
    const env = { PICKET_FAILPOINT: `detector.${step}:2` }
    let deaths = 0
    const died = async ({ detectors: [detector] }: World): Promise<void> => {
      if (detector === undefined) return
      await waitUntil(() => !detector.isRunning, `the detector to die at ${step}; it said ${detector.log()}`)
      assert.equal(detector.exit.signal, 'SIGKILL')
      deaths++
      detector.start(deaths < 3 ? env : {})
    }
    await turmoil({ seed: 2, times: 3, fault: died, env })
    assert.equal(deaths, 3)
  })
}
