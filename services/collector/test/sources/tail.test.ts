import assert from 'node:assert/strict'
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { bytesOf } from '@picket/runtime'
import type { Position } from '../../src/adapters/log-source.ts'
import { TailSource } from '../../src/adapters/tail.ts'
import type { CollectorEvents } from '../../src/events.ts'
import { asText, eventually, freshFolder, numbered, quietEvents, Reading } from './reading.ts'

const tail = (
  path: string,
  from: 'start' | 'end' = 'start',
  events: CollectorEvents = quietEvents(),
): Reading => new Reading(new TailSource({ name: 'log', path, from }, events))

/** Reads until `count` lines, stops, and gives the position. */
async function readSome(
  path: string,
  count: number,
  from?: Position,
): Promise<{ texts: string[]; position: Position }> {
  const reading = tail(path)
  await reading.start(from)
  await reading.until(count)
  await reading.source.stop()
  return { texts: reading.texts, position: reading.position as Position }
}

test('without a saved position reading starts at the end, and at the start of a line that has not ended', async () => {
  const path = join(freshFolder(), 'kern.log')
  writeFileSync(path, 'old\nhalf')
  const reading = tail(path, 'end')
  await reading.start()
  appendFileSync(path, ' and half\nnew\n')
  assert.deepEqual(await reading.until(2), ['half and half', 'new'])
  await reading.source.stop()
})

test('a written line is delivered within 100 ms, long before the next poll', async () => {
  const path = join(freshFolder(), 'kern.log')
  writeFileSync(path, '')
  const reading = tail(path)
  await reading.start()
  const tookMs: number[] = []
  for (let i = 0; i < 20; i++) {
    const began = performance.now()
    appendFileSync(path, `line ${i}\n`)
    await reading.until(i + 1)
    tookMs.push(performance.now() - began)
  }
  await reading.source.stop()
  tookMs.sort((a, b) => a - b)
  assert.ok((tookMs[10] as number) < 100, `median ${tookMs[10]} ms`)
})

test('a line written byte by byte is delivered once and whole, also over a restart in its middle', async () => {
  const path = join(freshFolder(), 'kern.log')
  writeFileSync(path, '')
  const first = tail(path)
  await first.start()
  for (const byte of 'one\ntw') appendFileSync(path, byte)
  await first.until(1)
  await first.source.stop()
  const second = tail(path)
  await second.start(first.position)
  for (const byte of 'o\n') appendFileSync(path, byte)
  assert.deepEqual(await second.until(1), ['two'])
  assert.equal(second.lines[0]?.offset, 4)
  assert.equal(second.lines[0]?.input, first.lines[0]?.input)
  await second.source.stop()
})

test('a hundred rotations by rename under load lose no line and double none', async () => {
  const folder = freshFolder()
  const path = join(folder, 'kern.log')
  writeFileSync(path, '')
  const reading = tail(path)
  await reading.start()
  for (let rotation = 0; rotation < 100; rotation++) {
    appendFileSync(path, asText(numbered(rotation * 30, rotation * 30 + 20)))
    for (let n = 12; n > 0; n--) rename(`${path}.${n}`, `${path}.${n + 1}`)
    renameSync(path, `${path}.1`)
    // The writer has not been told yet: it goes on in the renamed file while the new one stands there, empty.
    writeFileSync(path, '')
    if (rotation % 7 === 0) await reading.until(rotation * 30 + 20)
    appendFileSync(`${path}.1`, asText(numbered(rotation * 30 + 20, rotation * 30 + 30)))
  }
  appendFileSync(path, asText(['last']))
  assert.deepEqual(await reading.until(3001), [...numbered(0, 3000), 'last'])
  await reading.source.stop()
})

function rename(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, to)
}

test('rotations while nobody was reading are caught up from the old inode on, in order', async () => {
  const path = join(freshFolder(), 'kern.log')
  writeFileSync(path, asText(numbered(0, 10)))
  const { position } = await readSome(path, 10)
  appendFileSync(path, asText(numbered(10, 20)))
  renameSync(path, `${path}.1`)
  writeFileSync(path, asText(numbered(20, 30)))
  renameSync(`${path}.1`, `${path}.2`)
  renameSync(path, `${path}.1`)
  writeFileSync(path, asText(numbered(30, 40)))
  const { texts } = await readSome(path, 30, position)
  assert.deepEqual(texts, numbered(10, 40))
})

test('dated names of rotated files are caught up as numbered ones are', async () => {
  const path = join(freshFolder(), 'kern.log')
  writeFileSync(path, asText(numbered(0, 10)))
  const { position } = await readSome(path, 10)
  renameSync(path, `${path}-20261122`)
  appendFileSync(`${path}-20261122`, asText(numbered(10, 20)))
  writeFileSync(path, asText(numbered(20, 30)))
  const { texts } = await readSome(path, 20, position)
  assert.deepEqual(texts, numbered(10, 30))
})

test('a file that was compressed while nobody was reading is counted as lost, and the next ones are read', async () => {
  const path = join(freshFolder(), 'kern.log')
  writeFileSync(path, asText(numbered(0, 10)))
  const { position } = await readSome(path, 10)
  writeFileSync(`${path}.2.gz`, new Uint8Array(gzipSync(bytesOf(readFileSync(path)))))
  rmSync(path)
  writeFileSync(`${path}.1`, asText(numbered(20, 30)))
  writeFileSync(path, asText(numbered(30, 40)))
  const events = quietEvents()
  const reading = tail(path, 'start', events)
  await reading.start(position)
  assert.deepEqual(await reading.until(20), numbered(20, 40))
  assert.equal(events.truncations['log'], 1)
  await reading.source.stop()
})

test('a file truncated in place is read from its start, and the cut is counted', async () => {
  const path = join(freshFolder(), 'kern.log')
  writeFileSync(path, asText(numbered(0, 10)))
  const events = quietEvents()
  const reading = tail(path, 'start', events)
  await reading.start()
  await reading.until(10)
  truncateSync(path)
  appendFileSync(path, asText(['anew']))
  assert.deepEqual(await reading.until(11), [...numbered(0, 10), 'anew'])
  assert.equal(events.truncations['log'], 1)
  await reading.source.stop()
})

test('a file replaced in place by a longer one between two looks is read from its start', async () => {
  const path = join(freshFolder(), 'kern.log')
  writeFileSync(path, asText(numbered(0, 10)))
  const reading = tail(path)
  await reading.start()
  await reading.until(10)
  writeFileSync(path, asText(numbered(500, 600)))
  assert.deepEqual(await reading.until(110), [...numbered(0, 10), ...numbered(500, 600)])
  await reading.source.stop()
})

test('copytruncate while nobody was reading: the rest is read from the copy, then the file from its start', async () => {
  const path = join(freshFolder(), 'kern.log')
  writeFileSync(path, asText(numbered(0, 10)))
  const { position } = await readSome(path, 10)
  appendFileSync(path, asText(numbered(10, 20)))
  copyFileSync(path, `${path}.1`)
  truncateSync(path)
  appendFileSync(path, asText(numbered(20, 50)))
  const { texts } = await readSome(path, 40, position)
  assert.deepEqual(texts, numbered(10, 50))
})

test('another file under the same inode number, longer than the old position, is read from its start', async () => {
  const path = join(freshFolder(), 'kern.log')
  writeFileSync(path, asText(numbered(0, 10)))
  const { position } = await readSome(path, 10)
  // Truncating and writing anew keeps the inode for certain; deleting and making it again only may.
  writeFileSync(path, asText(numbered(500, 600)))
  const { texts } = await readSome(path, 100, position)
  assert.deepEqual(texts, numbered(500, 600))
})

test('a file that does not exist yet is waited for and read from its start', async () => {
  const folder = join(freshFolder(), 'later')
  const path = join(folder, 'kern.log')
  const reading = tail(path, 'end')
  await reading.start()
  assert.equal(reading.source.status().state, 'waiting')
  mkdirSync(folder)
  writeFileSync(path, asText(numbered(0, 3)))
  assert.deepEqual(await reading.until(3), numbered(0, 3))
  await reading.source.stop()
})

test('what appears between two lives of a reader that had seen no file yet is all read', async () => {
  const path = join(freshFolder(), 'kern.log')
  const first = tail(path, 'end')
  await first.start()
  await first.source.stop()
  writeFileSync(path, asText(numbered(0, 3)))
  const second = tail(path, 'end')
  await second.start(first.position)
  assert.deepEqual(await second.until(3), numbered(0, 3))
  await second.source.stop()
})

test('a line of a megabyte is passed over and counted, and the next line is right', async () => {
  const path = join(freshFolder(), 'kern.log')
  writeFileSync(path, `before\n${'x'.repeat(1_000_000)}\nafter\n`)
  const reading = tail(path)
  await reading.start()
  assert.deepEqual(await reading.until(2), ['before', 'after'])
  assert.equal(reading.lines[1]?.offset, 7 + 1_000_001)
  await reading.source.stop()
})

test('the last line of a rotated file counts though it has no line end', async () => {
  const path = join(freshFolder(), 'kern.log')
  writeFileSync(path, 'one\ntwo')
  const reading = tail(path)
  await reading.start()
  await reading.until(1)
  renameSync(path, `${path}.1`)
  writeFileSync(path, 'three\n')
  assert.deepEqual(await reading.until(3), ['one', 'two', 'three'])
  await reading.source.stop()
})

test('a file that may not be read says which group to join', async (t) => {
  const path = join(freshFolder(), 'kern.log')
  writeFileSync(path, 'x\n', { mode: 0o000 })
  if (process.getuid?.() === 0) {
    t.skip('root may read everything')
    return
  }
  await assert.rejects(tail(path).start(), /group/)
})

test('what is there and not read yet is told as being behind', async () => {
  const path = join(freshFolder(), 'kern.log')
  writeFileSync(path, 'half a line')
  const reading = tail(path)
  await reading.start()
  await eventually(() => reading.source.status().behindBytes === 11)
  await reading.source.stop()
})
