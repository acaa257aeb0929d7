import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deserialize, serialize } from 'node:v8'
import fc from 'fast-check'
import { bytesOf, JournalledStore, type PartitionStore, type Put } from '../src/index.ts'

const KEYS = ['a', 'b', 'c'] as const
const small = fc.nat({ max: 3 })

const change = fc.oneof(
  fc.record({ does: fc.constant('claim' as const) }),
  fc.record({ does: fc.constant('trim' as const), place: small }),
  fc.record({ does: fc.constant('note' as const), key: fc.constantFrom(...KEYS), ttlSeconds: small }),
  fc.record({ does: fc.constant('commit' as const), key: fc.constantFrom(...KEYS), next: small }),
  fc.record({ does: fc.constant('time passes' as const), ms: fc.constantFrom(500, 1_500) }),
  fc.record({ does: fc.constant('snapshot' as const) }),
)
type Change = typeof change extends fc.Arbitrary<infer C> ? C : never

class Life {
  now = 1_000_000
  snapshot: Uint8Array | undefined
  records: Uint8Array[] = []
  readonly store = new JournalledStore({
    journal: (record) => this.records.push(record),
    now: () => this.now,
  })
  #epoch = 0
  #next: number | undefined

  async make(one: Change): Promise<void> {
    const put = (key: string, ttlSeconds: number): Put => ({
      ...{ key, ttlSeconds },
      value: Uint8Array.of(this.records.length),
    })
    if (one.does === 'time passes') this.now += one.ms
    if (one.does === 'claim') ({ epoch: this.#epoch, next: this.#next } = await this.store.claim('p'))
    if (one.does === 'trim') await this.store.trim('p', this.#epoch, one.place)
    if (one.does === 'note') await this.store.note('p', this.#epoch, [put(one.key, one.ttlSeconds)])
    if (one.does === 'commit') await this.#commit(one.next, put(one.key, 2))
    if (one.does === 'snapshot') {
      this.snapshot = bytesOf(serialize(this.store.capture()))
      this.records = []
    }
  }

  async #commit(next: number, put: Put): Promise<void> {
    const commit = { epoch: this.#epoch, expected: this.#next, next, puts: [put], marks: [] }
    const outcome = await this.store.commit('p', { ...commit, outbox: [put.value] })
    if (outcome.done) this.#next = next
  }

  /** What a process finds that begins where this one was killed. */
  again(): JournalledStore {
    const store = new JournalledStore({ journal: () => assert.fail(), now: () => this.now })
    if (this.snapshot !== undefined) store.restore(deserialize(this.snapshot))
    for (const record of this.records) store.replay(record)
    return store
  }
}

async function contentOf(store: PartitionStore): Promise<unknown> {
  return [await store.load('p', KEYS), await store.position('p')]
}

test('a store that was killed anywhere is what it was, from its snapshot and its journal', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change, { maxLength: 30 }), async (changes) => {
      const life = new Life()
      for (const one of changes) await life.make(one)
      const again = life.again()
      assert.deepEqual(await contentOf(again), await contentOf(life.store))
      assert.deepEqual(await claimed(again), await claimed(life.store))
    }),
    { numRuns: 300 },
  )
})

/** What the next owner would get, without claiming it. */
function claimed(store: JournalledStore): Promise<unknown> {
  const copy = new JournalledStore({ journal: () => undefined })
  copy.restore(deserialize(bytesOf(serialize(store.capture()))))
  return copy.claim('p')
}

test('a store that nobody has claimed is empty, also when it was read', async () => {
  const store = new JournalledStore({ journal: () => undefined })
  await store.load('p', ['a'])
  assert.equal(store.isEmpty, true)
  await store.claim('p')
  assert.equal(store.isEmpty, false)
})

test('what is restored, and what is put as a Buffer, is a copy that keeps no larger piece of memory', async () => {
  const life = new Life()
  const { epoch } = await life.store.claim('p')
  const buffer = Buffer.from('as it was')
  // The oldest declarations do not take it for one; at run time it is
  const value = buffer as unknown as Uint8Array
  const commit = { epoch, expected: undefined, next: 1, marks: [], outbox: [value] }
  await life.store.commit('p', { ...commit, puts: [{ key: 'a', value, ttlSeconds: 60 }] })
  buffer.fill(0)
  const snapshot = bytesOf(serialize(life.store.capture()))
  const again = new JournalledStore({ journal: () => undefined, now: () => life.now })
  again.restore(deserialize(snapshot))
  snapshot.fill(0)
  const values = [...(await again.load('p', ['a'])), (await again.claim('p')).outbox[0]?.value]
  for (const kept of values) {
    assert.ok(kept)
    assert.equal(new TextDecoder().decode(kept), 'as it was')
    assert.equal(kept.buffer.byteLength, kept.length)
  }
})
