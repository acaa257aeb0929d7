/**
 * The scorer itself: a score that flatters is worse than none, so each way to fail is shown to fail.
 */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { judge, type Scored } from './judge.ts'
import { sumUp } from './score.ts'
import { canonical, expandSource, tellsOf } from './sources.ts'
import { type Row, readTruth, TruthFault } from './truth.ts'

function incident(source: string, level = 3): Scored {
  const prefix = `${source}/${source.includes(':') ? 64 : 32}`
  return { source, prefix, members: [], level, kinds: ['vertical_scan'] }
}

function together(members: readonly string[]): Scored {
  return { source: null, prefix: '203.0.113.0/24', members, level: 3, kinds: ['distributed_scan'] }
}

function row(over: Partial<Row>): Row {
  return { file: 'x.log', expect: 'alert', sources: new Map(), tooFew: [], allow: [], ...over }
}

function withTruth(content: string, use: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'picket-truth-'))
  try {
    writeFileSync(join(folder, 'truth.json'), content)
    writeFileSync(join(folder, 'here.log'), '')
    use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const SCANNER = new Map([['203.0.113.9', 'alert']] as const)

test('a source found once is right, none is a miss, two are a split story', () => {
  const one = row({ sources: SCANNER })
  assert.equal(judge(one, [incident('203.0.113.9')]).verdict, 'ok')
  assert.equal(judge(one, []).verdict, 'miss')
  assert.equal(judge(one, [incident('203.0.113.9'), incident('203.0.113.9')]).verdict, 'split')
})

test('a member of an incident of many is found, once; an incident of its own beside it is one too many', () => {
  const both = new Map([...SCANNER, ['203.0.113.10', 'alert']] as const)
  const many = together(['203.0.113.9', '203.0.113.10'])
  assert.deepEqual(
    [judge(row({ sources: both }), [many])].map(({ verdict, foundOnce }) => [verdict, foundOnce]),
    [['ok', 2]],
  )
  assert.equal(judge(row({ sources: both }), [many, incident('203.0.113.9')]).verdict, 'split')
  assert.equal(judge(row({ sources: both }), [together(['203.0.113.9'])]).verdict, 'miss')
})

test('an incident in a file that deserves none is false, and one of level 1 is fine where low is allowed', () => {
  assert.equal(judge(row({ expect: 'none' }), [incident('192.0.2.1', 1)]).verdict, 'false')
  assert.equal(judge(row({ expect: 'none-or-low' }), [incident('192.0.2.1', 1)]).verdict, 'ok')
  assert.equal(judge(row({ expect: 'none-or-low' }), [incident('192.0.2.1', 2)]).verdict, 'false')
})

test('a source that an alert file does not list is counted apart', () => {
  const score = judge(row({ sources: SCANNER }), [incident('203.0.113.9'), incident('192.0.2.1')])
  assert.deepEqual([score.verdict, score.unlisted], ['ok', 1])
})

test('a source of a mixed file is judged by its own label', () => {
  const sources = new Map([
    ['203.0.113.9', 'alert'],
    ['192.0.2.1', 'none'],
  ] as const)
  assert.equal(judge(row({ sources }), [incident('203.0.113.9')]).verdict, 'ok')
  assert.equal(judge(row({ sources }), [incident('203.0.113.9'), incident('192.0.2.1')]).verdict, 'false')
})

test('an IPv6 source is found by its /64, in whatever form it is written', () => {
  assert.equal(canonical('fd77:1:0:0::130'), 'fd77:1::130')
  assert.ok(tellsOf({ source: null, prefix: 'fd77:1::/64' }, 'fd77:1::130'))
  assert.ok(!tellsOf({ source: null, prefix: 'fd77:2::/64' }, 'fd77:1::130'))
})

test('a range stands for every address in it, and words stand for none', () => {
  assert.deepEqual(expandSource('198.51.100.11-13'), ['198.51.100.11', '198.51.100.12', '198.51.100.13'])
  assert.deepEqual(expandSource('about 115 sources, 1-3 packets each'), [])
})

test('recall counts sources, precision counts incidents, and later rows count in neither', () => {
  const files = [
    judge(row({ sources: new Map([...SCANNER, ['203.0.113.10', 'alert']]) }), [incident('203.0.113.9')]),
    judge(row({ expect: 'none' }), [incident('192.0.2.1')]),
    judge(row({ expect: 'later' }), [incident('192.0.2.1')]),
  ]
  const { recall, precision, failed } = sumUp(files)
  assert.deepEqual({ recall, precision, failed }, { recall: 0.5, precision: 0.5, failed: 2 })
})

test('sources that left fewer than three lines are named and left out of recall', () => {
  const truth = [
    {
      file: 'here.log',
      expect: 'alert',
      sources: ['203.0.113.9-10'],
      logged: { '203.0.113.10': { lines: 2 } },
    },
  ]
  withTruth(JSON.stringify(truth), (folder) => {
    const [read] = readTruth(folder)
    assert.ok(read)
    const score = judge(read, [incident('203.0.113.9')])
    assert.deepEqual([score.verdict, score.expected, score.tooFew], ['ok', 1, 1])
  })
})

test('all faults of a truth.json are told at once, each with its row', () => {
  const truth = [
    { file: 'gone.log', expect: 'alert', sources: ['203.0.113.9'] },
    { file: 'here.log', expect: 'perhaps' },
  ]
  withTruth(JSON.stringify(truth), (folder) => {
    assert.throws(
      () => readTruth(folder),
      (error: Error) => {
        assert.ok(error instanceof TruthFault)
        assert.match(error.message, /row 1 \(gone\.log\): the file is not in/)
        assert.match(error.message, /row 2 \(here\.log\): "expect" is "perhaps"/)
        return true
      },
    )
  })
})

test('a folder without truth.json is refused with what to give', () => {
  assert.throws(() => readTruth('/nonexistent'), /give the folder that holds truth\.json/)
})
