import assert from 'node:assert/strict'
import { test } from 'node:test'
import { safeText } from '@picket/schemas'
import fc from 'fast-check'
import { beside, clip, wrap } from '../src/terminal/layout.ts'
import { COLOURED, hasColour, PLAIN } from '../src/terminal/palette.ts'
import { sparkline, squeeze } from '../src/terminal/sparkline.ts'
import { bytes, plural, span, spoken, thousands } from '../src/terminal/words.ts'

const ESC = String.fromCharCode(27)

test('safe text spells out whatever could move a cursor, hide or turn text around', () => {
  assert.equal(safeText(`DROP ${ESC}[2J`), 'DROP \\x1b[2J')
  assert.equal(safeText('a\nb\rc\u0085d'), 'a\\x0ab\\x0dc\\x85d')
  assert.equal(safeText('\u202egnp.exe\u200b'), '\\u{202e}gnp.exe\\u{200b}')
  assert.equal(safeText('[UFW BLOCK] für Bücher 日本'), '[UFW BLOCK] für Bücher 日本')
})

test('safe text of any text holds no control, format or unpaired character, and is stable', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const safe = safeText(text)
      assert.doesNotMatch(safe, /[\p{C}\p{Zl}\p{Zp}]/u)
      assert.equal(safeText(safe), safe)
    }),
  )
})

test('colour follows the flag, then FORCE_COLOR, then NO_COLOR, then the terminal', () => {
  const cases: [boolean, Record<string, string>, boolean, boolean][] = [
    [true, {}, true, true],
    [false, {}, true, false],
    [true, { NO_COLOR: '1' }, true, false],
    [true, { NO_COLOR: '' }, true, true],
    [false, { FORCE_COLOR: '1' }, true, true],
    [true, { FORCE_COLOR: '0' }, true, false],
    [true, { FORCE_COLOR: '1', NO_COLOR: '1' }, true, true],
    [true, { TERM: 'dumb' }, true, false],
    [true, { FORCE_COLOR: '1' }, false, false],
  ]
  for (const [isTTY, env, wanted, expected] of cases) {
    assert.equal(hasColour({ isTTY, env, wanted }), expected, JSON.stringify({ isTTY, env, wanted }))
  }
})

test('a plain palette changes nothing, a coloured one closes what it opens', () => {
  assert.equal(PLAIN.red('x'), 'x')
  assert.equal(COLOURED.red('x'), `${ESC}[31mx${ESC}[39m`)
  assert.equal(COLOURED.red(''), '')
})

test('a sparkline shows a lone packet beside a burst, and leaves empty columns blank', () => {
  assert.equal(sparkline([0, 1, 1000, 500]), ' ▁█▅')
  assert.equal(sparkline([]), '')
  assert.equal(sparkline([0, 0]), '  ')
})

test('squeezing a row of counts keeps their sum and fits the width', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(1000), { maxLength: 400 }),
      fc.integer({ min: 1, max: 120 }),
      (counts, columns) => {
        const squeezed = squeeze(counts, columns)
        assert.ok(squeezed.length <= columns)
        assert.equal(sumOf(squeezed), sumOf(counts))
      },
    ),
  )
})

test('numbers and spans of time read as people say them', () => {
  assert.equal(thousands(1234567), '1,234,567')
  assert.equal(thousands(999), '999')
  assert.equal(plural(1, 'packet'), '1 packet')
  assert.equal(plural(2000, 'packet'), '2,000 packets')
  assert.equal(span(400), '0.4 s')
  assert.equal(span(41_000), '41 s')
  assert.equal(span(101_000), '1 min 41 s')
  assert.equal(span(3 * 86_400_000 + 2 * 3_600_000 + 5_000), '3 d 2 h')
  assert.equal(span(3 * 86_400_000 + 5_000), '3 d')
  assert.equal(bytes(512), '512 B')
  assert.equal(bytes(3 << 20), '3 MiB')
  assert.equal(spoken('vertical_scan'), 'vertical scan')
})

test('wrapping keeps every word in order and every line within the width', () => {
  const words = fc.array(fc.stringMatching(/^[a-z0-9]{1,12}$/), { maxLength: 60 })
  fc.assert(
    fc.property(words, fc.integer({ min: 14, max: 60 }), (list, width) => {
      const lines = wrap(list, width, ',')
      assert.ok(lines.every((line) => line.length <= width))
      assert.equal(lines.join(','), list.join(',').replace(/,$/, '') === '' ? '' : lines.join(','))
      assert.deepEqual(lines.join(',').split(',').filter(Boolean), list)
    }),
  )
})

test('columns stand side by side and are cut, not shifted, by a long cell', () => {
  assert.deepEqual(beside([['a', 'bb'], ['c']], 3, 1), ['a   c', 'bb'])
  assert.equal(clip('abcdef', 4), 'abc…')
  assert.deepEqual(beside([['abcdef'], ['x']], 4, 1), ['abc… x'])
})

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0)
}
