/** An incident in a real Alertmanager: it fires, is kept alive, changes its severity, and is resolved. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type Channel, sampleNotice } from '@picket/responder'
import { openChannel } from '@picket/responder/main'
import { type Alertmanager, startAlertmanager } from '../services/alertmanager.ts'
import { waitUntil } from '../services/wait-until.ts'
import { noticeOf } from '../telling/notices.ts'

let alertmanager: Alertmanager
let channel: Channel
before(async () => {
  alertmanager = await startAlertmanager()
  const http = { allow: ['127.0.0.1'], insecure: true, timeoutSeconds: 30 }
  channel = openChannel(
    'am',
    { type: 'alertmanager', url: alertmanager.url, resendSeconds: 1, ...http },
    '0.1.0',
  )
})
after(async () => {
  await channel?.close()
  await alertmanager?.stop()
})

async function severities(): Promise<string[]> {
  const alerts = await alertmanager.alerts()
  return alerts
    .filter(({ labels }) => labels['incident'] === 'story')
    .map(({ labels }) => labels['severity'] ?? '')
}

test('an incident fires, is re-sent while it lasts, and is resolved when it ends', async () => {
  const now = Date.now()
  const story = (level: 3 | 5) => noticeOf('story', { id: 'story', level, firstSeen: now, lastSeen: now })
  const sent = await channel.send(story(3))
  assert.ok(sent.ok, JSON.stringify(sent))
  await waitUntil(async () => (await severities()).length === 1, 'the alert to fire')
  const [alert] = await alertmanager.alerts()
  assert.equal(alert?.labels['alertname'], 'PicketIncident')
  assert.equal(alert?.labels['source'], '203.0.113.9')
  assert.match(alert?.annotations['summary'] ?? '', /vertical scan by 203\.0\.113\.9/)
  const first = alert?.endsAt ?? ''
  await waitUntil(async () => ((await alertmanager.alerts())[0]?.endsAt ?? '') > first, 'it to be sent again')

  assert.ok((await channel.send({ ...story(5), kind: 'update' })).ok)
  await waitUntil(async () => (await severities()).join() === 'critical', 'the old severity to end')
  assert.ok((await channel.send({ ...story(5), kind: 'resolve' })).ok)
  await waitUntil(async () => (await severities()).length === 0, 'it to be resolved')
})

test('an incident that stands fires on by whoever begins to send, until it is over', async () => {
  const now = Date.now()
  const story = noticeOf('story', { id: 'story', level: 3, firstSeen: now, lastSeen: now })
  channel.stand?.([story])
  await waitUntil(async () => (await severities()).length === 1, 'the alert to fire')
  assert.ok((await channel.send({ ...story, kind: 'resolve' })).ok)
  await waitUntil(async () => (await severities()).length === 0, 'it to be resolved')
})

test('a sample fires, and ends by itself', async () => {
  const sent = await channel.send(sampleNotice(Date.now(), 'am'))
  assert.ok(sent.ok, JSON.stringify(sent))
  const fires = async () =>
    (await alertmanager.alerts()).some(({ labels }) => labels['incident'] === 'sampleam')
  assert.ok(await fires())
  await waitUntil(async () => !(await fires()), 'it to end after four times a second')
})
