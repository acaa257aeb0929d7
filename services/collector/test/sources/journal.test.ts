import assert from 'node:assert/strict'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { JournalSource } from '../../src/adapters/journal.ts'
import { SourceError } from '../../src/adapters/log-source.ts'
import { eventually, freshFolder, quietEvents, Reading } from './reading.ts'

const STAND_IN = fileURLToPath(new URL('./journalctl-stand-in.js', import.meta.url))

const journal = (file: string, command?: string[]): Reading => {
  return new Reading(
    new JournalSource(
      { name: 'journal', command: command ?? [process.execPath, STAND_IN, file] },
      quietEvents(),
    ),
  )
}

const messages = (reading: Reading): string[] =>
  reading.texts.map((line) => (JSON.parse(line) as { MESSAGE: string }).MESSAGE)

test('the journal is read from its end on, and after a restart from behind the last cursor', async () => {
  const file = join(freshFolder(), 'journal')
  writeFileSync(file, 'old\n')
  const first = journal(file)
  await first.start()
  appendFileSync(file, 'one\ntwo\n')
  await first.until(2)
  await first.source.stop()
  assert.deepEqual(messages(first), ['one', 'two'])
  appendFileSync(file, 'three\n')
  const second = journal(file)
  await second.start(first.position)
  await second.until(1)
  await second.source.stop()
  assert.deepEqual(messages(second), ['three'])
  const last = first.lines.at(-1)
  assert.equal(second.lines[0]?.offset, (last?.offset ?? 0) + (last?.line.length ?? 0) + 1)
})

test('what is logged between a first start without lines and the next start is read', async () => {
  const file = join(freshFolder(), 'journal')
  writeFileSync(file, 'old\n')
  const first = journal(file)
  await first.start()
  await first.source.stop()
  appendFileSync(file, 'meanwhile\n')
  const second = journal(file)
  await second.start(first.position)
  await second.until(1)
  await second.source.stop()
  assert.deepEqual(messages(second), ['meanwhile'])
})

test('a journalctl that dies is started again behind the last line it gave', async () => {
  const file = join(freshFolder(), 'journal')
  writeFileSync(file, 'old\n')
  const reading = journal(file)
  await reading.start()
  appendFileSync(file, 'one\nDIE\n')
  await eventually(() => reading.source.status().state === 'failed')
  appendFileSync(file, 'two\n')
  await reading.until(3)
  assert.deepEqual(messages(reading), ['one', 'DIE', 'two'])
  assert.equal(reading.source.status().state, 'open')
  await reading.source.stop()
})

test('a machine without journalctl is told what to read instead', async () => {
  await assert.rejects(journal('', ['/nonexistent/journalctl']).start(), (error: Error) => {
    assert.ok(error instanceof SourceError)
    assert.match(error.message, /was not found.*\/dev\/kmsg/)
    return true
  })
})

test('a journal that may not be read names the group to join', async () => {
  await assert.rejects(journal('/denied').start(), /insufficient permissions.*systemd-journal/)
})
