/**
 * F15, F16 and F40: what happens to the store of a response, and to the kernel of a host that bans.
 */
import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { noBanningHost } from '../fleet/banning-host.ts'
import { redisCli } from '../services/redis-groups.ts'
import { waitUntil } from '../services/wait-until.ts'
import { ResponseWorld } from './response-world.ts'
import { shareBroker } from './shared-broker.ts'
import { ALL } from './turmoil.ts'

const TIMES = ALL ? 10 : 2

const shared = shareBroker()

async function inWorld(work: (world: ResponseWorld) => Promise<void>): Promise<void> {
  const world = await ResponseWorld.start(shared())
  try {
    await world.alert()
    await world.settled()
    await work(world)
    await world.settled()
    await world.checkMails()
  } finally {
    await world.stop()
  }
}

describe('a response whose Redis', { concurrency: 2 }, () => {
  test('F15 falls back in time mails again under the same Message-IDs, once, and loses neither mail nor ban', async () => {
    await inWorld(async (world) => {
      const { redis } = world.fleet
      redisCli(redis.port, 'SAVE')
      copyFileSync(join(redis.folder, 'dump.rdb'), join(redis.folder, 'kept.rdb'))
      await world.alert()
      await world.settled()
      await world.lift()
      await redis.kill()
      copyFileSync(join(redis.folder, 'kept.rdb'), join(redis.folder, 'dump.rdb'))
      await redis.start()
      await world.responder.ready()
      await world.alert()
      await waitUntil(
        async () => (await world.checkMailsSoFar()) > 0,
        () => `mails to come again; it said:\n${world.responder.log()}`,
      )
    })
  })

  test('F16 is emptied mails again under the same Message-IDs, lifts no ban, and bans anew only once that is enabled', async () => {
    await inWorld(async (world) => {
      const before = [...(await world.wished()).keys()].sort()
      redisCli(world.fleet.redis.port, 'FLUSHALL')
      await waitUntil(
        async () => JSON.parse(await world.ask('bans', '--json')).mode === 'dry-run',
        () => `bans to be a dry run; it said:\n${world.responder.log()}`,
      )
      assert.deepEqual([...(await world.wished()).keys()].sort(), before)
      await world.ask('bans', 'enable', '--yes')
      await world.alert()
      await waitUntil(
        async () => (await world.checkMailsSoFar()) > 0,
        () => `mails to come again; it said:\n${world.responder.log()}`,
      )
    })
  })

  test('F15 is away for a while tells and bans all of it when it is back', async () => {
    await inWorld(async (world) => {
      const { redis } = world.fleet
      redisCli(redis.port, 'SAVE')
      await redis.kill()
      await world.alert()
      await waitUntil(
        async () => (await world.responder.get('/readyz'))?.status === 503,
        () => `it to be unready; it said:\n${world.responder.log()}`,
      )
      await redis.start()
    })
  })
})

describe('a host', { skip: noBanningHost() }, () => {
  test(`F40 that is booted anew, and whose rule set is flushed, ${TIMES} times each has all its bans back, for as long as they still last`, async (t) => {
    await inWorld(async (world) => {
      const { host } = world
      assert.ok(host !== undefined)
      for (let time = 0; time < TIMES; time++) {
        const left = await host.banned()
        host.flush()
        t.diagnostic(`bans back ${Math.round(await world.settled())} ms after a flush`)
        await host.reboot()
        assert.equal((await host.banned()).size, 0)
        await world.alert()
        host.start()
        t.diagnostic(
          `bans there ${Math.round(await world.settled())} ms after the start of a host that was booted`,
        )
        const now = await host.banned()
        for (const [subject, seconds] of left)
          assert.ok((now.get(subject) ?? 0) <= seconds, `${subject} has more left than before`)
        await world.lift()
      }
    })
  })
})
