/** The threat model names a test for each threat. Here: that each of them is there, under that title, so that the page cannot rot. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { REPOSITORY } from '../places.ts'

const PAGE = readFileSync(join(REPOSITORY, 'docs/threat-model.md'), 'utf8')

/** A file, and the titles behind it up to the next file. */
function* named(row: string): Generator<readonly [file: string, title: string]> {
  let file = ''
  for (const [, path, title] of row.matchAll(/`([\w./-]+\.test\.ts)`|“([^”]+)”/g)) {
    if (path !== undefined) file = path
    else if (title !== undefined) yield [file, title]
  }
}

/** What a file's tests are called: the text of each title, also the fixed part of one that is made from values. */
function titlesOf(file: string): string[] {
  const source = readFileSync(join(REPOSITORY, file), 'utf8')
  const titles = [...source.matchAll(/\btest\(\s*(['`])((?:(?!\1)[^\\]|\\.)*)\1/gs)].map(
    ([, , title]) => title ?? '',
  )
  const values = [...source.matchAll(/\['([^']+)', '[^']*', '[^']*'\]/g)].map(([, value]) => value ?? '')
  return [...titles, ...values]
}

test('every test that the threat model names is there, under its title', () => {
  const all = [...named(PAGE)]
  assert.ok(all.length > 70, String(all.length))
  for (const [file, title] of all) {
    assert.ok(existsSync(join(REPOSITORY, file)), `${file} is not there`)
    assert.ok(
      titlesOf(file).some((known) => known.includes(title)),
      `no test of ${file} is called “${title}”`,
    )
  }
})

test('every row of the threat model has its control and a test, or stands among what nothing stands against', () => {
  const [tried = '', open = ''] = PAGE.split('## What nothing stands against')
  const rowsOf = (text: string): string[][] =>
    text
      .split('\n')
      .filter((line) => line.startsWith('| ') && !/^\| (threat|---)/.test(line))
      .map((line) => line.slice(2, -2).split(' | '))
  assert.ok(rowsOf(tried).length > 40)
  for (const [threat, control, tests = '', ...more] of rowsOf(tried)) {
    assert.deepEqual(more, [], threat)
    assert.ok((control ?? '').length > 0 && [...named(tests)].length > 0, threat)
  }
  for (const [threat, why = '', ...more] of rowsOf(open)) {
    assert.deepEqual(more, [], threat)
    assert.ok(why.length > 20, threat)
  }
})
