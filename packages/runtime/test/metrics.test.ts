import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Metrics } from '../src/index.ts'

test('a part that begins anew registers its metrics again, and those of others stay', async () => {
  const metrics = new Metrics()
  metrics.gauge('picket_kept', 'Stays.', () => 7)
  for (const value of [1, 2]) {
    const part = metrics.part()
    part.counter('picket_part_total', 'Comes again.', () => value)
    part.histogram('picket_part_seconds', 'Too.', [1])(0.5)
    const page = await metrics.registry.metrics()
    assert.match(page, new RegExp(`picket_part_total ${value}\\n`))
    assert.match(page, /picket_part_seconds_count 1\n/)
    part.remove()
  }
  const page = await metrics.registry.metrics()
  assert.doesNotMatch(page, /picket_part/)
  assert.match(page, /picket_kept 7\n/)
})
