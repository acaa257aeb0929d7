import assert from 'node:assert/strict'
import { test } from 'node:test'
import { safeText } from '@picket/schemas'
import { makeLogger } from '../src/index.ts'

function logged(
  settings: Parameters<typeof makeLogger>[0],
  isTTY = false,
): { lines: string[]; log: ReturnType<typeof makeLogger> } {
  const lines: string[] = []
  return { lines, log: makeLogger(settings, { write: (text: string) => lines.push(text), isTTY }) }
}

test('without a terminal the log is JSON, one object a line', () => {
  const { lines, log } = logged({ level: 'info', format: 'auto' })
  log.info({ source: 'kern' }, 'reading')
  log.debug('not wanted')
  assert.equal(lines.length, 1)
  const entry = JSON.parse(lines[0] ?? '')
  assert.deepEqual([entry.level, entry.source, entry.msg], ['info', 'kern', 'reading'])
})

test('as text the log is one harmless line with the error’s message and the fields', () => {
  const { lines, log } = logged({ level: 'info', format: 'text' })
  log.warn({ source: 'ke\nrn', err: new Error('no \x1b[31mspace') }, 'cannot write')
  assert.equal(lines.length, 1)
  assert.match(
    lines[0] ?? '',
    /^\d\d:\d\d:\d\d warn {2}cannot write \(no \\x1b\[31mspace\) source=ke\\x0arn\n$/,
  )
})

test('safe text leaves letters of every script, emoji too, as they are', () => {
  const text = 'Größe 大きさ حجم 🚪 tab-free'
  assert.equal(safeText(text), text)
})

test('safe text shows what it made harmless, and is bounded', () => {
  assert.equal(safeText('a\tb\u202ec\ud800d'), 'a\\x09b\\u{202e}c\\u{d800}d')
  assert.equal(safeText('x'.repeat(1_000), 10), 'xxxxxxxxx…')
})
