import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lnPoissonTail } from '../../src/detect/together/poisson.ts'
import { targetPartition } from '../../src/detect/together/target.ts'
import { address } from '../packets.ts'

test('the tail of the Poisson distribution is right where a double would lose it', () => {
  // 1 - sum of the first terms, in extended precision
  assert.ok(Math.abs(lnPoissonTail(0.5, 1) - Math.log(1 - Math.exp(-0.5))) < 1e-12)
  assert.ok(Math.abs(Math.exp(lnPoissonTail(1, 5)) - 0.003_659_846_827_343_713) < 1e-15)
  assert.ok(Math.abs(lnPoissonTail(0.01, 40) - -294.537203224) < 1e-6)
  assert.equal(lnPoissonTail(0, 3), Number.NEGATIVE_INFINITY)
  assert.equal(lnPoissonTail(3, 0), 0)
})

test('a target has the same partition for ever', () => {
  const host = (text: string): number => targetPartition({ type: 'host', host: address(text) }, 12)
  const port = (proto: number, number: number): number =>
    targetPartition({ type: 'port', proto, port: number }, 12)
  assert.deepEqual(
    [host('10.0.0.5'), host('10.0.0.6'), host('2001:db8::5'), port(6, 22), port(17, 22), port(6, 445)],
    [9, 8, 1, 10, 1, 10],
  )
})

test('targets spread over all partitions', () => {
  const counts = new Array<number>(12).fill(0)
  for (let i = 0; i < 12_000; i++) {
    const at = targetPartition({ type: 'port', proto: 6, port: i }, 12)
    counts[at] = (counts[at] as number) + 1
  }
  assert.ok(counts.every((count) => count > 850 && count < 1_150))
})
