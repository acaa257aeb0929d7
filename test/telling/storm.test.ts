import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Channel, DEFAULT_MAIL_BUDGET, type MailBudget } from '@picket/responder'
import { MemoryNoticeQueue, MemoryPlanStore, NoticeDesk, openChannel } from '@picket/responder/main'
import { waitUntil } from '../services/wait-until.ts'
import { noticeOf } from './notices.ts'
import { Reply, type Smtp, startSmtp } from './smtp.ts'

const SCANNERS = 100

let smtp: Smtp
before(async () => {
  smtp = await startSmtp()
})
after(() => smtp.stop())

function open(budget: MailBudget, others: readonly Channel[] = []): NoticeDesk {
  const channel = openChannel(
    'ops',
    {
      type: 'mail',
      from: 'picket@example.net',
      to: ['admin@example.net'],
      host: '127.0.0.1',
      port: smtp.port,
      security: 'starttls',
      insecure: true,
      sendmail: '',
      subjectPrefix: '[picket]',
      timeoutSeconds: 20,
    },
    '0.1.0',
  )
  const ignore = (): void => {}
  const listener = { sent: ignore, postponed: ignore, dead: ignore, storeFailed: ignore }
  return new NoticeDesk({
    channels: [channel, ...others],
    queue: new MemoryNoticeQueue(),
    plans: new MemoryPlanStore(),
    budget,
    operations: ['ops', ...others.map(({ name }) => name)],
    listener,
  })
}

test('a hundred scanners at once, each of which rises, are three mails that tell of all of them', async () => {
  const desk = open({ ...DEFAULT_MAIL_BUDGET, gatherMs: 1_000 })
  await desk.start()
  for (const level of [3, 4] as const) {
    for (let n = 0; n < SCANNERS; n++) {
      const source = `198.51.100.${n}`
      await desk.tell(
        'ops',
        noticeOf(`${n}.${level}`, { id: `i${n}`, source, prefix: `${source}/32`, level }),
      )
    }
  }
  await waitUntil(() => smtp.mails.length >= 3, 'three mails')
  await desk.stop(20_000)
  assert.equal(smtp.mails.length, 3)
  const all = smtp.mails.map(({ parsed }) => parsed.text).join('\n')
  for (let n = 0; n < SCANNERS; n++) assert.match(all, new RegExp(`198\\.51\\.100\\.${n}\\b`))
  assert.match(
    smtp.mails[1]?.parsed.text ?? '',
    /2 of at most 10 mails an hour\. What happens now comes in one digest/,
  )
  assert.match(smtp.mails[2]?.parsed.subject ?? '', /^\[picket\] 100 incidents, up to level 4$/)
})

test('F36 a greylisted mail arrives once, late, and under its own Message-ID', async () => {
  let refusals = 2
  smtp.mails.length = 0
  smtp.script = { recipient: () => (refusals-- > 0 ? new Reply(451, '4.7.1 greylisted') : undefined) }
  const desk = open(DEFAULT_MAIL_BUDGET)
  await desk.start()
  await desk.tell('ops', noticeOf('grey', { id: 'grey' }))
  await waitUntil(() => smtp.mails.length === 1, 'the mail')
  await desk.stop(20_000)
  assert.equal(smtp.mails[0]?.parsed.messageId, '<alert.samplegrey@example.net>')
})

test('F36 a server that refuses every mail for good is told of elsewhere, once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'picket-storm-'))
  const path = join(folder, 'lines')
  const before = smtp.received
  smtp.script = { data: () => new Reply(554, '5.7.1 we want none of this') }
  const desk = open({ ...DEFAULT_MAIL_BUDGET, digestAfter: 5 }, [
    openChannel('siem', { type: 'ecs', path }, '0.1.0'),
  ])
  await desk.start()
  for (let n = 0; n < 3; n++) await desk.tell('ops', noticeOf(`r${n}`, { id: `r${n}` }))
  await waitUntil(() => smtp.received === before + 3, 'three refusals')
  await waitUntil(() => existsSync(path), 'the other channel to be told')
  await desk.stop(20_000)
  const lines = readFileSync(path, 'utf8').trim().split('\n')
  rmSync(folder, { recursive: true })
  assert.equal(lines.length, 1)
  assert.match(JSON.parse(lines[0] ?? '').picket.details.join(), /554 5\.7\.1 we want none of this/)
})
