import assert from 'node:assert/strict'
import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { MACHINE, Spooling } from './spooling.ts'

const segmentsIn = (folder: string): string[] =>
  readdirSync(folder).filter((name) => /^segment-\d+$/.test(name))

test('batches come back in the order of their numbers, which begin at 1 in each partition', async () => {
  const it = new Spooling()
  await it.open()
  await it.seal('a', [0, 1])
  await it.seal('b', [0])
  assert.deepEqual(it.take(0), ['1 a', '2 b'])
  assert.deepEqual(it.take(1), ['1 a'])
  assert.deepEqual(it.take(2), [])
  await it.spool.close()
})

test('a batch is due only when it is durable, and is the same one until it is acknowledged', async () => {
  const it = new Spooling()
  const spool = await it.open()
  spool.append(it.sealOf('a', [0]))
  assert.equal(spool.next(0), undefined)
  await spool.settled()
  assert.equal(spool.next(0)?.place, 1)
  await it.seal('b')
  assert.equal(spool.next(0)?.place, 1)
  await spool.close()
})

test('after a restart what was not acknowledged is due, and cursor, lines and numbers go on', async () => {
  const it = new Spooling()
  const { agent } = await it.open()
  for (const text of ['a', 'b', 'c']) await it.seal(text, [0, 2])
  assert.deepEqual(it.take(0, 2), ['1 a', '2 b'])
  await it.spool.close()
  const spool = await it.open()
  assert.equal(spool.agent, agent)
  assert.deepEqual(spool.positions.get('kern'), { at: 'c' })
  assert.equal(spool.recent('kern').length, 3)
  assert.deepEqual(it.take(0), ['3 c'])
  assert.deepEqual(it.take(2), ['1 a', '2 b', '3 c'])
  assert.equal(spool.reserve(0).number, 4)
  assert.equal(spool.reserve(1).number, 1)
  await spool.close()
})

test('numbers that were given out but never sealed are given out again', async () => {
  const it = new Spooling()
  const spool = await it.open()
  await it.seal('a')
  assert.equal(spool.reserve(0).number, 2)
  await spool.close()
  assert.equal((await it.open()).reserve(0).number, 2)
  await it.spool.close()
})

test('files whose batches are all acknowledged are removed, over many of them', async () => {
  const it = new Spooling({ segmentBytes: 2_000 })
  await it.open()
  for (let n = 0; n < 60; n++) await it.seal(`text ${n}`, [0, 1])
  assert.ok(segmentsIn(it.options.path).length > 5)
  assert.equal(it.take(0).length, 60)
  assert.ok(segmentsIn(it.options.path).length > 5, 'partition 1 still needs them')
  assert.deepEqual(
    it.take(1),
    Array.from({ length: 60 }, (_, n) => `${n + 1} text ${n}`),
  )
  await it.seal('last', [2])
  await it.seal('very last', [2])
  assert.ok(segmentsIn(it.options.path).length <= 2)
  await it.spool.close()
})

test('a long backlog is read back from its files, and counted', async () => {
  const it = new Spooling({ segmentBytes: 2_000 })
  await it.open()
  for (let n = 0; n < 100; n++) await it.seal(`text ${n}`, [0, 1])
  await it.spool.close()
  const spool = await it.open()
  assert.equal(spool.backlog.batches, 200)
  assert.ok((spool.oldest ?? 0) > 0)
  assert.equal(it.take(0).length, 100)
  assert.equal(it.take(1).length, 100)
  assert.deepEqual({ ...spool.backlog }, { batches: 0, packets: 0, bytes: 0 })
  assert.equal(spool.oldest, undefined)
  await spool.close()
})

test('at the cap the oldest batches go, counted, and their numbers stay missing', async () => {
  const it = new Spooling({ maxBytes: 20_000, segmentBytes: 2_000 })
  const spool = await it.open()
  for (let n = 0; n < 200; n++) await it.seal(`text ${n}`)
  assert.ok(spool.diskBytes <= 20_000 + 3_000, `${spool.diskBytes}`)
  assert.ok(spool.isNearlyFull)
  const dropped = it.events.lost.size.batches
  assert.ok(dropped > 100)
  assert.equal(it.events.lost.size.packets, dropped)
  assert.equal(spool.backlog.batches, 200 - dropped)
  const left = it.take(0)
  assert.equal(left.length, 200 - dropped)
  assert.equal(left[0], `${dropped + 1} text ${dropped}`)
  assert.equal(left.at(-1), '200 text 199')
  await spool.close()
  assert.equal((await it.open()).reserve(0).number, 201)
  await it.spool.close()
})

test('a batch that is under way when its file is dropped is not counted as dropped', async () => {
  const it = new Spooling({ maxBytes: 20_000, segmentBytes: 2_000 })
  const spool = await it.open()
  await it.seal('first')
  const due = spool.next(0)
  for (let n = 0; n < 200; n++) await it.seal(`text ${n}`)
  assert.ok(due !== undefined)
  spool.acknowledge(due)
  assert.equal(spool.backlog.batches + it.events.lost.size.batches, 200)
  await spool.close()
})

test('batches older than the cap in age go', async () => {
  const it = new Spooling({ maxAgeMs: 8, segmentBytes: 500 })
  const spool = await it.open()
  for (let n = 0; n < 20; n++) await it.seal(`text ${n}`)
  const deadline = performance.now() + 60_000
  while (it.events.lost.age.batches === 0 && performance.now() < deadline) await it.seal('more')
  assert.ok(it.events.lost.age.batches > 0)
  await spool.close()
})

test('a clock that is set far ahead makes no batch old', async (t) => {
  const it = new Spooling({ segmentBytes: 500 })
  const spool = await it.open()
  for (let n = 0; n < 20; n++) await it.seal(`text ${n}`)
  const real = Date.now
  t.after(() => {
    Date.now = real
  })
  Date.now = () => real() + 30 * 86_400_000
  for (let n = 0; n < 20; n++) await it.seal('text more')
  assert.equal(it.events.lost.age.batches, 0)
  assert.equal(it.take(0).length, 40)
  await spool.close()
})

test('a spool that was lost makes a new agent, since the old one’s numbers may be on the topic', async () => {
  const it = new Spooling()
  const { agent } = await it.open()
  await it.seal('a')
  await it.spool.close()
  for (const name of segmentsIn(it.options.path)) rmSync(join(it.options.path, name))
  const spool = await it.open()
  assert.notEqual(spool.agent, agent)
  assert.equal(spool.reserve(0).number, 1)
  assert.match(it.said.join(''), /a new agent goes on/)
  await spool.close()
})

test('an older copy of the spool makes a new agent, which still sends what is left under the old numbers', async () => {
  const it = new Spooling()
  const { agent } = await it.open()
  await it.seal('a')
  await it.spool.close()
  const copy = new Spooling()
  cpSync(it.options.path, copy.options.path, { recursive: true })
  await it.open()
  for (const text of ['b', 'c']) await it.seal(text)
  await it.spool.close()
  for (const name of segmentsIn(it.options.path)) rmSync(join(it.options.path, name))
  for (const name of segmentsIn(copy.options.path)) {
    cpSync(join(copy.options.path, name), join(it.options.path, name))
  }
  const spool = await it.open()
  assert.notEqual(spool.agent, agent)
  await it.seal('d')
  assert.deepEqual(it.take(0), ['1 a', '1 d'])
  await spool.close()
  const next = await it.open()
  assert.equal(next.agent, spool.agent)
  assert.equal(next.reserve(0).number, 2)
  await next.close()
})

test('a disk that was cloned begins as a new agent with nothing of the other machine’s', async () => {
  const it = new Spooling()
  const { agent } = await it.open()
  await it.seal('a')
  await it.spool.close()
  const spool = await it.open('b'.repeat(32))
  assert.notEqual(spool.agent, agent)
  assert.equal(spool.positions.size, 0)
  assert.equal(spool.next(0), undefined)
  assert.match(it.said.join(''), /another machine/)
  assert.ok(readdirSync(join(it.options.path, 'of-another-machine')).length > 0)
  await spool.close()
})

test('another number of partitions is refused while the spool knows of the old one', async () => {
  const it = new Spooling()
  await it.open()
  await it.spool.close()
  const other = new Spooling({ path: it.options.path, partitions: 5 })
  await assert.rejects(other.open(), /filled for 3 partitions, and now there are 5/)
  await it.open()
  await it.spool.close()
})

test('two collectors cannot have one spool', async () => {
  const it = new Spooling()
  await it.open()
  await assert.rejects(new Spooling({ path: it.options.path }).open(MACHINE), /in use by process/)
  await it.spool.close()
})

test('files of others in the folder are left alone', async () => {
  const it = new Spooling()
  writeFileSync(join(it.options.path, 'segment-note.txt'), 'mine')
  await it.open()
  await it.seal('a')
  await it.spool.close()
  assert.ok(readdirSync(it.options.path).includes('segment-note.txt'))
})
