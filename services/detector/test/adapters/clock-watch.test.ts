import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ClockWatch, offClocks } from '../../src/adapters/clock-watch.ts'

const clock = (reporter: string, skewMs: number) => ({ reporter, skewMs, ahead: 0 })

test('a clock that is off by more than a minute is told once, until it is right again', () => {
  const watch = new ClockWatch()
  assert.deepEqual(watch.look([clock('web1', 59_000), clock('web2', -7_200_000)]), [
    clock('web2', -7_200_000),
  ])
  assert.deepEqual(watch.look([clock('web2', -7_200_000), clock('web3', 61_000)]), [clock('web3', 61_000)])
  assert.deepEqual(watch.look([clock('web2', 0)]), [])
  assert.deepEqual(watch.look([clock('web2', -7_200_000)]), [clock('web2', -7_200_000)])
})

test('what several partitions saw of one reporter is as right as the best of it', () => {
  assert.deepEqual(offClocks([clock('web1', -90_000), clock('web1', -2_000)]), [])
})
