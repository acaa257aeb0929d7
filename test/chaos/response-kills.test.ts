/**
 * F4: responder and enforcer are killed between any two of their steps. Each incident that is to be told is mailed under one Message-ID,
 * once or twice; each ban that is due is on the topic and in the kernel, and no other.
 *
 * A kill in the instant between the server's answer and our note of it is what makes a mail come twice; the next kill waits until that has
 * been made good, since no two kills in a row can be told from one.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { noBanningHost } from '../fleet/banning-host.ts'
import { Random } from '../generate/random.ts'
import { ResponseWorld } from './response-world.ts'
import { shareBroker } from './shared-broker.ts'
import { ALL, seeded } from './turmoil.ts'

/** In the order in which they are passed. */
const STEPS = [
  'folded',
  'committed',
  'ban-kept',
  'ban-published',
  'notice-planned',
  'notice-sent',
  'notice-done',
  'told',
] as const
const HOST_STEPS = ['planned', 'applied', 'receipts-sent', 'ledger-due', 'ledger-written'] as const
const KILLS = ALL ? 50 : STEPS.length

const shared = shareBroker()

describe('a responder and an enforcer that are killed', () => {
  test(`F4 ${KILLS} times, at each step of telling and banning: each incident mailed once or twice, kernels as wished`, async (t) => {
    const skipped = noBanningHost()
    if (skipped !== false) t.diagnostic(`without kernels: ${skipped}`)
    const world = await ResponseWorld.start({ ...shared(), redis: { appendonly: true } })
    try {
      const times = await killAll(world)
      const repeated = await world.checkMails()
      await world.checkRevisions()
      t.diagnostic(`${world.smtp.mails.length} mails, ${repeated} of them a second time`)
      t.diagnostic(`from the last restart until kernels were as wished: ${spread(times)}`)
      assert.ok(repeated > 0, 'no kill came between the answer of the mail server and our note of it')
    } finally {
      await world.stop()
    }
  })
})

/** How long it took each time. */
async function killAll(world: ResponseWorld): Promise<number[]> {
  const random = new Random(seeded(4))
  const times: number[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    if (kill > 0) await world.lift()
    await (kill >= STEPS.length && random.chance(0.5)
      ? killAtRandom(world, random)
      : killAtStep(world, kill, random))
    times.push(await world.settled())
    await world.checkMails()
  }
  return times
}

/** Both die at a step of theirs, and begin again. */
async function killAtStep(world: ResponseWorld, kill: number, random: Random): Promise<void> {
  const { responder, host } = world
  const step = STEPS[kill % STEPS.length] as (typeof STEPS)[number]
  // all alerts of a round may be folded and committed at once
  const isOnce = kill < STEPS.length || step === 'folded' || step === 'committed'
  await world.killResponder()
  responder.start({ PICKET_FAILPOINT: `responder.${step}:${isOnce ? 1 : random.between(2, 3)}` })
  await host?.end()
  host?.start(`enforcer.${HOST_STEPS[kill % HOST_STEPS.length]}`)
  await world.alert()
  await world.died()
  responder.start()
  await world.hostDied()
  host?.start()
}

/** One or both die at any moment, or somebody flushes the rule set. */
async function killAtRandom(world: ResponseWorld, random: Random): Promise<void> {
  const { responder, host } = world
  await world.alert()
  await pause(random.between(0, 600))
  const what = random.between(0, 2)
  if (what !== 1) await world.killResponder()
  if (what !== 0) await host?.end()
  if (random.chance(0.3)) host?.flush()
  if (what !== 1) responder.start()
  if (what !== 0) host?.start()
}

function spread(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b)
  const at = (part: number): string => `${Math.round(sorted[Math.floor(part * (sorted.length - 1))] ?? 0)} ms`
  return `median ${at(0.5)}, at most ${at(1)} (${times.length} kills)`
}
