/** F26: whatever becomes of the bytes of a spool, it opens, and what it then holds is true. */
import assert from 'node:assert/strict'
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { recoverSpool } from '../../src/adapters/spool/recover-spool.ts'
import { freshFolder, PARTITIONS, Spooling } from './spooling.ts'

const decoder = new TextDecoder()

interface Held {
  readonly batches: string[]
  readonly at: unknown
  readonly isDoubtful: boolean
}

function heldIn(folder: string): Held {
  const { segments, state, isDoubtful } = recoverSpool(folder, PARTITIONS)
  const batches: string[] = []
  for (const segment of segments) {
    for (const stored of segment.allAfter(0, 0)) batches.push(decoder.decode(segment.read(stored)))
  }
  return { batches, at: state.positions.get('kern')?.['at'], isDoubtful }
}

async function filled(options = {}): Promise<{ folder: string; newest: string }> {
  const it = new Spooling(options)
  await it.open()
  for (const text of ['a', 'b', 'c', 'd']) await it.seal(text)
  // As a kill leaves it: what is said at an orderly end must not be needed.
  const folder = freshFolder()
  cpSync(it.options.path, folder, { recursive: true })
  rmSync(join(folder, 'lock'))
  await it.spool.close()
  const newest = readdirSync(folder)
    .filter((name) => name.startsWith('segment-'))
    .sort()
    .at(-1)
  return { folder, newest: newest ?? '' }
}

const ALL = ['1 a', '2 b', '3 c', '4 d']

function isPrefix(held: Held, text: string): void {
  assert.deepEqual(held.batches, ALL.slice(0, held.batches.length), text)
  const last = held.batches.at(-1)?.slice(2)
  assert.equal(held.at, last, `${text}: the cursor stands where the batches end`)
}

test('a spool that is cut at any byte opens with a prefix of what it held', async () => {
  const { folder, newest } = await filled()
  const whole = readFileSync(join(folder, newest))
  const copy = freshFolder()
  const seen = new Set<number>()
  for (let length = 0; length < whole.length; length++) {
    rmSync(copy, { recursive: true })
    mkdirSync(copy)
    copyFileSync(join(folder, newest), join(copy, newest))
    truncateSync(join(copy, newest), length)
    const held = heldIn(copy)
    isPrefix(held, `cut at ${length}`)
    assert.equal(held.isDoubtful, false, `cut at ${length}: nobody was promised what is gone`)
    assert.deepEqual({ ...heldIn(copy) }, held, 'and again')
    seen.add(held.batches.length)
  }
  assert.deepEqual([...seen], [0, 1, 2, 3])
})

test('a spool with any byte changed opens with a prefix of what it held, and doubts its numbers', async () => {
  const { folder, newest } = await filled()
  const whole = new Uint8Array(readFileSync(join(folder, newest)))
  const copy = freshFolder()
  for (let at = 0; at < whole.length; at++) {
    rmSync(copy, { recursive: true })
    mkdirSync(copy)
    const bytes = whole.slice()
    bytes[at] = (bytes[at] as number) ^ (1 << (at % 8))
    writeFileSync(join(copy, newest), bytes)
    const held = heldIn(copy)
    isPrefix(held, `flipped at ${at}`)
    assert.ok(held.batches.length < ALL.length || held.isDoubtful === false)
  }
})

test('damage in an older file costs what stands behind it there, and nothing of the next file', async () => {
  const it = new Spooling({ segmentBytes: 400 })
  await it.open()
  for (let n = 0; n < 12; n++) await it.seal(`text ${n}`)
  const before = readdirSync(it.options.path)
    .filter((name) => name.startsWith('segment-'))
    .sort()
  const { agent } = it.spool
  await it.spool.close()
  assert.ok(before.length >= 4)
  const victim = join(it.options.path, before[1] ?? '')
  const bytes = new Uint8Array(readFileSync(victim))
  bytes[bytes.length - 3] = (bytes[bytes.length - 3] as number) ^ 1
  writeFileSync(victim, bytes)
  const spool = await it.open()
  assert.equal(spool.agent, agent, 'its numbers are known from the next file')
  const left = it.take(0)
  assert.ok(left.length >= 10 && left.length < 12, `${left.length}`)
  assert.equal(left.at(-1), '12 text 11')
  assert.equal(spool.reserve(0).number, 13)
  assert.match(it.said.join(''), /is damaged/)
  await spool.close()
})

test('a newest file that is damaged, not torn, makes a new agent: its numbers may have been sent', async () => {
  const { folder, newest } = await filled()
  const path = join(folder, newest)
  const bytes = new Uint8Array(readFileSync(path))
  bytes[bytes.length - 3] = (bytes[bytes.length - 3] as number) ^ 1
  writeFileSync(path, bytes)
  const it = new Spooling({ path: folder })
  const spool = await it.open()
  assert.match(it.said.join(''), /a new agent goes on/)
  assert.deepEqual(spool.positions.get('kern'), { at: 'c' })
  await spool.close()
})

test('what has rotted on the disk since it was found is dropped and counted, and the next file is sent', async () => {
  const it = new Spooling()
  await it.open()
  for (const text of ['aaaa', 'bbbb']) await it.seal(text)
  await it.spool.close()
  await it.open()
  await it.seal('cccc')
  const [first] = readdirSync(it.options.path)
    .filter((name) => name.startsWith('segment-'))
    .sort()
  const path = join(it.options.path, first ?? '')
  const text = readFileSync(path, 'latin1')
  writeFileSync(path, text.replace('1 aaaa', '1 xaaa'), 'latin1')
  assert.deepEqual(it.take(0), ['3 cccc'])
  assert.equal(it.events.lost.damage.batches, 2)
  assert.equal(it.spool.backlog.batches, 0)
  await it.spool.close()
})
