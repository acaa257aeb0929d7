/** Time grows with a line's length and memory with nothing, whatever the text. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { newPacket } from '@picket/schemas'
import { MAX_LINE_BYTES } from '../../src/index.ts'
import { BODY, bytesOf, newParser, Reader } from './reading.ts'

const HEAD = 'Nov 23 15:22:05 host1 kernel: [  884.320171] '

describe('a very long line', () => {
  test('is called too long, at once', () => {
    assert.equal(new Reader().outcome('x'.repeat(1_000_000)), 'too-long')
    assert.equal(new Reader().outcome(`${HEAD}${'x'.repeat(1_000_000)}${BODY}`), 'too-long')
  })

  const fills = [
    'IN=',
    'IN= OUT=',
    'IN=eth0 OUT= SRC=1.2.3.4 ',
    '[',
    '(',
    'OPT ( ',
    ' ',
    ':',
    '{"a":',
    '"',
    '\\u',
    '<4>',
    '\x1b[0m',
    '\x1b',
    '[  884.320171] ',
    'Nov 23 15:22:05 ',
    'kern  :warn  : ',
    'kernel: ',
    'x[1]: ',
    '[[1]',
  ]
  for (const fill of fills) {
    test(`of ${JSON.stringify(fill)} takes time in proportion to its length`, () => {
      const parser = newParser()
      const packet = newPacket()
      const size = MAX_LINE_BYTES - 600
      for (const head of [
        '',
        HEAD,
        '{"MESSAGE":"',
        '{"',
        `<4>1 - - kernel - - [a b="`,
        `${HEAD}${BODY}`,
        `${HEAD}IN=a OUT= `,
      ]) {
        const line = bytesOf(head + fill.repeat(Math.ceil(size / fill.length)).slice(0, size), 'latin1')
        const started = process.cpuUsage()
        for (let i = 0; i < 5; i++) parser.parse(line, 0, line.length, packet)
        // A pass over 64 KiB takes well under a millisecond; a quadratic one takes seconds.
        const { user } = process.cpuUsage(started)
        assert.ok(user < 500_000, `${head} took ${user} µs of the processor`)
      }
    })
  }

  test('leaves the next line right', () => {
    const reader = new Reader()
    reader.outcome('x'.repeat(1_000_000))
    assert.equal(reader.read(HEAD + BODY).src, '198.51.100.9')
  })
})

describe('ever new text', () => {
  test('does not make the reader grow', () => {
    const one = new Reader()
    const line = (i: number) =>
      `Nov 23 15:22:05 host${i} kernel: [  884.320171] ${'p'.repeat(100)}${i} ${BODY.replace('IN=eth0', `IN=if${i}`)}`
    for (let i = 0; i < 20_000; i++) one.outcome(line(i))
    globalThis.gc?.()
    const before = process.memoryUsage().heapUsed
    for (let i = 20_000; i < 120_000; i++) one.outcome(line(i))
    globalThis.gc?.()
    assert.ok(process.memoryUsage().heapUsed - before < 32 << 20)
    assert.equal(one.read(line(7)).prefix, `${'p'.repeat(100)}7 `)
  })
})
