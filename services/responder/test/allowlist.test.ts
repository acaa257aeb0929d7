/** The signed allowlist: what responders publish of it, over a queue and a store in memory, whatever happens to either. */
import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { MemoryQueue, MemoryStore, Metrics, makeLogger, type PartitionStore } from '@picket/runtime'
import {
  ALLOWLIST_KEY,
  isAllowlist,
  newSigningKey,
  publicKeyText,
  readPublicKey,
  type SigningKey,
  signAllowlist,
  verifyAllowlist,
} from '@picket/runtime/bans'
import type { Allowlist } from '@picket/schemas/messages'
import fc from 'fast-check'
import {
  type AllowEntry,
  adoptedAllowlist,
  checkAllowlist,
  DEFAULT_MAIL_BUDGET,
  type KeptAllowlist,
  type SignedEntry,
  signedEntries,
} from '../src/index.ts'
import { type Responder, startResponder } from '../src/main.ts'
import { SETTINGS } from './bed.ts'
import { policyOf } from './decide/deciding.ts'

const PARTITIONS = 4
const TOPICS = ['packets', 'contacts', 'alerts', 'receipts', 'bans']
const KEY = new TextEncoder().encode(ALLOWLIST_KEY)

const OURS: AllowEntry = { network: '192.0.2.10', until: null, comment: 'monitoring', from: 'configuration' }

function command(network: string, until: number | null = null): AllowEntry {
  return { network, until, comment: '', from: 'command', by: 'alice' }
}

class Fleet {
  readonly queue: MemoryQueue = new MemoryQueue({
    topics: {
      ...Object.fromEntries(TOPICS.map((name) => [`picket.${name}`, PARTITIONS])),
      'picket.dead-letters': 1,
    },
  })
  key: SigningKey = newSigningKey()
  store: PartitionStore = new MemoryStore()
  log = ''
  readonly #running: Responder[] = []

  async start(allow: readonly AllowEntry[] = [OURS]): Promise<Responder> {
    const log = makeLogger({ level: 'info', format: 'json' }, { write: (text) => (this.log += text) })
    const { queue, store, key } = this
    const response = {
      ...{ policy: policyOf([]), operations: [], budget: DEFAULT_MAIL_BUDGET, console: undefined, allow },
      ...{ confirmSeconds: 30, remarks: [] },
    }
    const outside = { queue, store, log, metrics: new Metrics(), sinks: [], channels: [], key }
    const responder = startResponder({ ...SETTINGS, response }, outside)
    this.#running.push(responder)
    await until(() => responder.ready().ok, 'the responder to be ready')
    return responder
  }

  /** As `picket allow add` and `remove` do it. */
  async allow(
    responder: Responder,
    change: (before: readonly AllowEntry[]) => readonly AllowEntry[],
  ): Promise<void> {
    const { response } = responder
    assert.ok(response !== undefined)
    const { bans } = response.response
    bans.useSettings(
      await bans.state.settings.update((before) => ({ ...before, allow: change(before.allow) })),
    )
    await response.allowlist.changed()
  }

  /** The newest message under the allowlist's key, whoever wrote it. */
  async newest(): Promise<Allowlist | undefined> {
    const { start, end } = await this.queue.extent('picket.bans', 0)
    let newest: Uint8Array | null = null
    for await (const { key, value } of this.queue.read('picket.bans', 0, start, end))
      if (key !== null && new TextDecoder().decode(key) === ALLOWLIST_KEY) newest = value
    if (newest === null || !isAllowlist(newest)) return undefined
    const keys = new Map([[this.key.id, readPublicKey(publicKeyText(this.key.publicKey), 'test')]])
    const verified = verifyAllowlist(newest, keys)
    return verified.ok ? verified.list : undefined
  }

  async untilSigned(networks: readonly string[]): Promise<Allowlist> {
    let newest: Allowlist | undefined
    const isSo = async (): Promise<boolean> => {
      newest = await this.newest()
      return newest?.entries.map(({ network }) => network).join() === networks.join()
    }
    await until(isSo, `the list to be ${networks.join()}`).catch((error: Error) => {
      throw new Error(`${error.message}; it is ${JSON.stringify(newest?.entries)}\n${this.log}`)
    })
    assert.ok(newest !== undefined)
    return newest
  }

  async write(value: Uint8Array | null): Promise<void> {
    await (await this.queue.producer()).send('picket.bans', 0, [{ key: KEY, value }])
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((responder) => responder.stop()))
  }
}

let fleet: Fleet
afterEach(async () => {
  await fleet?.stop()
  await fleet?.queue.close()
})

async function until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`waited for ${what}`)
    await pause(5)
  }
}

test('what configuration and commands allow is one signed list, each change of it with a higher revision', async () => {
  fleet = new Fleet()
  const responder = await fleet.start()
  const first = await fleet.untilSigned(['192.0.2.10'])
  await fleet.allow(responder, () => [command('198.51.100.0/28')])
  const second = await fleet.untilSigned(['192.0.2.10', '198.51.100.0/28'])
  assert.deepEqual(
    { ...second.entries[1] },
    { network: '198.51.100.0/28', until: 0, comment: '', from: 'command', by: 'alice' },
  )
  await fleet.allow(responder, () => [command('203.0.113.1', Date.now() + 300)])
  const last = await fleet.untilSigned(['192.0.2.10'])
  assert.ok(first.revision < second.revision && second.revision < last.revision)
})

test('nothing allowed is no message, and the last entry taken off is an empty list', async () => {
  fleet = new Fleet()
  const responder = await fleet.start([])
  await fleet.allow(responder, (before) => [...before])
  assert.deepEqual(await fleet.queue.extent('picket.bans', 0), { start: 0, end: 0 })
  await fleet.allow(responder, () => [command('203.0.113.1')])
  await fleet.untilSigned(['203.0.113.1'])
  await fleet.allow(responder, () => [])
  await fleet.untilSigned([])
})

test('what one responder is told another one signs, and they agree on one list', async () => {
  fleet = new Fleet()
  const responders = [await fleet.start(), await fleet.start()]
  for (const [i, responder] of responders.entries())
    await fleet.allow(responder, (before) => [...before, command(`203.0.113.${i}`)])
  await fleet.untilSigned(['192.0.2.10', '203.0.113.0', '203.0.113.1'])
})

test('an emptied store takes back from the topic what commands had allowed, and keeps what was allowed since', async () => {
  fleet = new Fleet()
  await fleet.allow(await fleet.start(), () => [command('203.0.113.1'), command('203.0.113.2')])
  const { revision } = await fleet.untilSigned(['192.0.2.10', '203.0.113.1', '203.0.113.2'])
  await fleet.stop()
  fleet.store = new MemoryStore()
  const again = await fleet.start([])
  await fleet.allow(again, (before) => [...before, command('203.0.113.3')])
  // What the configuration allowed is for the configuration to say.
  const list = await fleet.untilSigned(['203.0.113.1', '203.0.113.2', '203.0.113.3'])
  assert.ok(list.revision > revision)
  assert.match(fleet.log, /taken back from the topic/)
})

test('an old list that is put on the topic again, a tombstone and a stranger’s list are all overruled; the last is said', async () => {
  fleet = new Fleet()
  const responder = await fleet.start()
  const first = await fleet.untilSigned(['192.0.2.10'])
  await fleet.allow(responder, () => [command('203.0.113.1')])
  const whole = ['192.0.2.10', '203.0.113.1']
  await fleet.untilSigned(whole)
  await fleet.write(signAllowlist({ entries: first.entries, revision: first.revision }, fleet.key))
  await fleet.untilSigned(whole)
  await fleet.write(null)
  await fleet.untilSigned(whole)
  assert.doesNotMatch(fleet.log, /written by somebody else/)
  const everybody = [{ network: '0.0.0.0/0', until: 0, comment: '', from: 'command', by: '' }]
  await fleet.write(signAllowlist({ entries: everybody, revision: first.revision + 1e9 }, newSigningKey()))
  await fleet.untilSigned(whole)
  await fleet.write(new Uint8Array([1, 2, 3]))
  await fleet.untilSigned(whole)
  assert.match(fleet.log, /An allowlist was written by somebody else/)
})

test('a forged list with the highest revision is overruled once, and what is allowed after it still rises', async () => {
  fleet = new Fleet()
  const responder = await fleet.start()
  const first = await fleet.untilSigned(['192.0.2.10'])
  // the highest that can be read; one more would be no message to anybody
  const revision = 2 ** 52 - 1
  const forged = signAllowlist({ entries: [], revision }, { ...newSigningKey(), id: fleet.key.id })
  await fleet.write(forged)
  const again = await fleet.untilSigned(['192.0.2.10'])
  const { end } = await fleet.queue.extent('picket.bans', 0)
  for (let look = 0; look < 3; look++) await responder.response?.allowlist.look()
  assert.equal((await fleet.queue.extent('picket.bans', 0)).end, end)
  await fleet.allow(responder, () => [command('203.0.113.1')])
  const last = await fleet.untilSigned(['192.0.2.10', '203.0.113.1'])
  assert.ok(first.revision < again.revision && again.revision < last.revision)
  assert.ok(last.revision < (Date.now() + 86_400_000) * 1000)
})

test('a new key signs the same list again without a word', async () => {
  fleet = new Fleet()
  await fleet.start()
  await fleet.untilSigned(['192.0.2.10'])
  await fleet.stop()
  fleet.key = newSigningKey()
  await fleet.start()
  await fleet.untilSigned(['192.0.2.10'])
  assert.doesNotMatch(fleet.log, /written by somebody else/)
})

test('what an entry covers is what is in force and touched by it, until somebody has lifted it', async () => {
  fleet = new Fleet()
  const { response } = await fleet.start()
  assert.ok(response !== undefined)
  const { allowlist } = response
  const { bans } = response.response
  for (const subject of ['198.51.100.1', '203.0.113.1'])
    await bans.place({ id: `hand ${subject}`, subject, seconds: 600, hosts: [], why: 'by hand', by: 'hand' })
  const entry = command('198.51.100.0/24')
  assert.deepEqual(allowlist.covered(entry), ['198.51.100.1'])
  await bans.lift('198.51.100.1')
  assert.deepEqual(allowlist.covered(entry), [])
})

const networks = fc.uniqueArray(
  fc.integer({ min: 0, max: 30 }).map((host) => `203.0.113.${host}`),
  { maxLength: 8 },
)

test('whatever store and topic hold, one adoption and one publication make them agree, and nothing the topic allowed is lost', () => {
  const some = fc.record({ revision: fc.integer({ min: 1, max: 9 }), networks, isOurs: fc.boolean() })
  fc.assert(
    fc.property(
      networks,
      fc.integer({ min: 0, max: 9 }),
      some,
      (held, known, { revision, networks: theirs, isOurs }) => {
        const there = { revision, isOurs, entries: signedEntries(theirs.map((network) => command(network))) }
        let kept: KeptAllowlist = {
          allow: held.map((network) => command(network)),
          ...(known === 0 ? {} : { allowRevision: known }),
        }
        const verdict = checkAllowlist(listOf(kept), known, there)
        if (verdict === 'adopt') {
          kept = adoptedAllowlist(kept, there)
          for (const network of theirs) assert.ok(kept.allow.some((entry) => entry.network === network))
        } else assert.deepEqual(adoptedAllowlist(kept, { ...there, revision: 0 }), kept)
        const published = { revision: 99, isOurs: true, entries: listOf(kept) }
        assert.equal(checkAllowlist(listOf({ ...kept, allowRevision: 99 }), 99, published), 'same')
      },
    ),
  )
})

function listOf({ allow }: KeptAllowlist): SignedEntry[] {
  return signedEntries(allow)
}
