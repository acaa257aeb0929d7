/** F25: the disk is full, or refuses. A file system of its own that can be filled, and a limit on the size of files. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Collecting, trace } from '../publish/collecting.ts'
import { eventually } from '../sources/reading.ts'
import { freshFolder, Spooling } from './spooling.ts'

const LINES = [...trace('nmap-syn-1000.log'), ...trace('benign-late-web.log')]

interface TestOf {
  skip(why: string): void
  after(end: () => void): void
}

/** Undefined where mounting needs a right that we lack. */
function smallDisk(t: TestOf): string | undefined {
  const at = join(freshFolder(), 'disk')
  mkdirSync(at)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', at], { stdio: 'ignore' })
  } catch {
    t.skip('NEEDS ROOT: no small file system can be mounted here')
    return undefined
  }
  t.after(() => execFileSync('umount', ['-l', at]))
  return at
}

function fill(path: string): void {
  for (const bytes of [65_536, 4_096, 1]) {
    try {
      for (;;) appendFileSync(path, 'x'.repeat(bytes))
    } catch {
      // Full for pieces of this size.
    }
  }
}

test('on a full disk batches wait in memory in their order, and are written when there is room', async (t) => {
  const disk = smallDisk(t)
  if (disk === undefined) return
  const it = new Spooling({ path: join(disk, 'spool') })
  const spool = await it.open()
  await it.seal('a')
  fill(join(disk, 'ballast'))
  for (const text of ['b', 'c', 'd']) await it.seal(`${text}${' '.repeat(5_000)}`)
  assert.ok(spool.fault !== undefined)
  assert.ok(spool.isHeld)
  assert.deepEqual(it.take(0), ['1 a'], 'what is durable can be sent')
  assert.match(it.said.join(''), /cannot be written to/)
  rmSync(join(disk, 'ballast'))
  await eventually(() => spool.fault === undefined)
  await spool.settled()
  assert.deepEqual(
    it.take(0).map((text) => text.trim()),
    ['2 b', '3 c', '4 d'],
  )
  await spool.close()
  const next = await it.open()
  assert.equal(next.reserve(0).number, 5)
  assert.equal(next.next(0), undefined)
  await next.close()
})

test('with a full disk the collector waits with reading, and loses nothing, nor anything after a kill', async (t) => {
  const disk = smallDisk(t)
  if (disk === undefined) return
  const it = new Collecting()
  const spool = { path: join(disk, 'spool'), maxBytes: 64 * 1024 * 1024, maxAgeDays: 7 }
  const collector = await it.start({ spool })
  it.write(LINES.slice(0, 100))
  await it.untilAllIsSent()
  fill(join(disk, 'ballast'))
  it.write(LINES.slice(100, 600))
  await eventually(() => !collector.healthy().ok)
  assert.match(collector.healthy().reasons.join(), /spool: .*no space left/i)
  it.write(LINES.slice(600))
  // Much longer than it takes to read them.
  await it.turn(300)
  assert.ok((await it.metric('lines_total')) < LINES.length, 'sources wait')
  rmSync(join(disk, 'ballast'))
  await it.untilAllIsSent()
  await eventually(() => collector.healthy().ok)
  assert.deepEqual(it.sent, it.expected)
  await it.stop()
})
