import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { accessSync, appendFileSync, closeSync, constants, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { KmsgSource } from '../../src/adapters/kmsg.ts'
import { SourceError } from '../../src/adapters/log-source.ts'
import { eventually, freshFolder, quietEvents, Reading } from './reading.ts'

const DEVICE = '/dev/kmsg'

function mayWrite(): boolean {
  try {
    accessSync(DEVICE, constants.R_OK | constants.W_OK)
    return process.getuid?.() === 0
  } catch {
    return false
  }
}

/** With its line end: a record without one stays open, and unseen, until the next is written. */
const log = (text: string): void => appendFileSync(DEVICE, `<4>${text}\n`)

/** A pipe gives, like the device, what was written and EAGAIN when there is no more. */
async function readPipe(write: (record: (text: string) => Promise<void>) => Promise<void>) {
  const path = join(freshFolder(), 'kmsg')
  execFileSync('mkfifo', [path])
  const holder = openSync(path, constants.O_RDWR)
  const events = quietEvents()
  const reading = new Reading(new KmsgSource({ name: 'kmsg', path }, events))
  await reading.start()
  let records = 0
  await write(async (text) => {
    writeSync(holder, text)
    records++
    await reading.until(records)
  })
  await reading.source.stop()
  closeSync(holder)
  return { reading, events }
}

test('a kernel record is one line: its continuation with keys and values is left out', async () => {
  const { reading } = await readPipe(async (record) => {
    await record('4,100,5000,-;DROP IN=eth0 \n SUBSYSTEM=net\n DEVICE=n2\n')
    await record('4,101,6000,-;DROP IN=eth1 \n')
  })
  assert.deepEqual(reading.texts, ['4,100,5000,-;DROP IN=eth0 ', '4,101,6000,-;DROP IN=eth1 '])
  assert.ok(Math.abs(Number(reading.position?.['bootTime']) - Date.now()) > 0)
})

test('a gap in the record numbers is counted as exactly so many lost records', async () => {
  const { events } = await readPipe(async (record) => {
    await record('4,100,5000,-;one\n')
    await record('4,108,6000,-;two\n')
  })
  assert.equal(events.missed['kmsg'], 7)
})

test('a device that cannot be opened says what it needs', async () => {
  const source = new KmsgSource({ name: 'kmsg', path: '/nonexistent/kmsg' }, quietEvents())
  await assert.rejects(
    source.start(undefined, () => {}),
    SourceError,
  )
})

test('the real /dev/kmsg: new records only, and after a restart those that came meanwhile', async (t) => {
  if (!mayWrite()) {
    t.skip('NEEDS ROOT and a writable /dev/kmsg')
    return
  }
  const mark = `picket-test-${process.pid}-${performance.now()}`
  const mine = (reading: Reading): string[] =>
    reading.texts
      .filter((line) => line.includes(mark))
      .map((line) => line.slice(line.indexOf(mark) + mark.length + 1))
  log(`${mark} before`)
  const first = new Reading(new KmsgSource({ name: 'kmsg', path: DEVICE }, quietEvents()))
  await first.start()
  log(`${mark} one`)
  await eventually(() => mine(first).length === 1)
  await first.source.stop()
  assert.deepEqual(mine(first), ['one'])
  log(`${mark} two`)
  const second = new Reading(new KmsgSource({ name: 'kmsg', path: DEVICE }, quietEvents()))
  await second.start(first.position)
  log(`${mark} three`)
  await eventually(() => mine(second).length === 2)
  await second.source.stop()
  assert.deepEqual(mine(second), ['two', 'three'])
  assert.equal(second.lines[0]?.input, first.lines[0]?.input)
})
