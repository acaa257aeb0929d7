/** F4: responders are killed, and what was told is what is worth telling, under the same ids, and no more than once in a life. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { FleetProcess } from '../fleet/fleet-process.ts'
import { waitUntil } from '../services/wait-until.ts'
import { shareBroker } from './shared-broker.ts'
import { toldIn, worthTelling } from './telling.ts'
import { ALL, turmoil, type World } from './turmoil.ts'

const KILLS = ALL ? 50 : 6
const STEPS = ['folded', 'committed', 'told'] as const

const shared = shareBroker()

describe('a responder that is killed', () => {
  test(`F4 ${KILLS} times, at random and between its steps, tells all that is worth telling`, async () => {
    let responder: FleetProcess | undefined
    const lives: string[] = []
    const begin = async ({ fleet }: World): Promise<void> => {
      const responder_ = { heartbeat: 1 }
      responder = await fleet.process('responder', { responder: responder_, alerts: { format: 'json' } })
      responder.start()
      await responder.ready()
    }
    const end = async ({ fleet }: World): Promise<void> => {
      if (responder === undefined) return
      await responder.kill()
      await fleet.bury(responder)
      lives.push(responder.out().slice(lives.join('').length))
    }
    const kill = async (world: World): Promise<void> => {
      const { random } = world
      await until(responder, async (one) => !one.isRunning || (await one.get('/readyz'))?.ok === true)
      await pause(random.between(0, 800))
      await end(world)
      const env = { PICKET_FAILPOINT: `responder.${random.pick(STEPS)}:${random.between(1, 5)}` }
      responder?.start(random.chance(0.5) ? env : {})
    }
    await turmoil({
      seed: 4,
      times: KILLS,
      prepare: begin,
      fault: kill,
      mend: async (world) => {
        await end(world)
        responder?.start()
      },
      fleet: { ...shared(), redis: { appendonly: true } },
      check: async (world) => {
        const { fleet } = world
        const worth = await worthTelling(fleet.queue, fleet.topic('alerts'))
        const told = (): Set<string> => new Set(toldIn(responder?.out() ?? ''))
        await until(responder, () => [...worth].every((id) => told().has(id)))
        await end(world)
        assert.deepEqual([...told()].sort(), [...worth].sort())
        for (const life of lives) assert.equal(new Set(toldIn(life)).size, toldIn(life).length, life)
      },
    })
  })
})

function until(
  responder: FleetProcess | undefined,
  isTrue: (responder: FleetProcess) => boolean | Promise<boolean>,
): Promise<void> {
  if (responder === undefined) throw new Error('there is no responder')
  return waitUntil(
    () => isTrue(responder),
    () => `the responder, which said:\n${responder.log()}`,
  )
}
