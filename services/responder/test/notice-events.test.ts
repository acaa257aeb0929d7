import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Metrics, makeLogger } from '@picket/runtime'
import type { SendFailure } from '../src/index.ts'
import { NoticeEvents, openChannel } from '../src/main.ts'
import { noticeOf } from './tell/notices.ts'

test('what became of notices is counted by channel, and a dead letter is kept whole in the log', async () => {
  const lines: string[] = []
  const log = makeLogger({ level: 'info', format: 'json' }, { write: (text) => lines.push(text) })
  const metrics = new Metrics()
  const channel = openChannel('ops', { type: 'stdout', format: 'text' }, '0.1.0')
  const events = new NoticeEvents(log, metrics, [channel])
  const failure: SendFailure = { ok: false, reason: 'refused', retryable: false, why: '550 no' }
  events.taken('held')
  events.sent(channel, noticeOf(), { ok: true, answer: '250 Ok' })
  events.postponed(channel, noticeOf(), { ...failure, retryable: true }, 4_000)
  events.dead(channel, noticeOf(), failure)
  const page = await metrics.registry.metrics()
  for (const line of [
    'picket_responder_notices_sent_total{channel="ops"} 1',
    'picket_responder_notices_postponed_total{channel="ops"} 1',
    'picket_responder_notices_dead_total{channel="ops"} 1',
    'picket_responder_notices_taken_total{outcome="held"} 1',
  ]) {
    assert.ok(page.includes(line), `${line}\n${page}`)
  }
  const dead = JSON.parse(lines.at(-1) ?? '')
  assert.equal(dead.notice.alert.id, 'fedcba9876543210')
  assert.equal(dead.why, '550 no')
})
