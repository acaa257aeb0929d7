/** Two responders share the queue and the plan of a channel: what both are told at once leaves once, and within the budget. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryStore } from '@picket/runtime'
import {
  type Channel,
  DEFAULT_MAIL_BUDGET,
  type MailBudget,
  type Notice,
  type Sent,
} from '../../src/index.ts'
import { NoticeDesk, StoredNotices } from '../../src/main.ts'
import { noticeOf } from '../tell/notices.ts'
import { waitUntil } from './wait-until.ts'

const ALERTS = 40

class Mailbox implements Channel {
  readonly name = 'ops'
  readonly type = 'mail'
  readonly notices: Notice[] = []

  async send(notice: Notice): Promise<Sent> {
    this.notices.push(notice)
    return { ok: true, answer: '250' }
  }

  async close(): Promise<void> {}
}

async function openTwo(budget: MailBudget): Promise<{ mailbox: Mailbox; desks: NoticeDesk[] }> {
  const [store, mailbox] = [new MemoryStore(), new Mailbox()]
  const ignore = (): void => undefined
  const listener = { sent: ignore, postponed: ignore, dead: ignore, storeFailed: ignore }
  const desks = [true, false].map((isSender) => {
    const stored = new StoredNotices({ store, isSender: () => isSender })
    const shared = { queue: stored, plans: stored, budget, operations: [], listener }
    return new NoticeDesk({ channels: [mailbox], ...shared })
  })
  for (const desk of desks) await desk.start()
  return { mailbox, desks }
}

/** As a teller does: again until it is taken. */
async function tell(desk: NoticeDesk, notice: Notice): Promise<void> {
  for (;;) {
    try {
      await desk.tell('ops', notice)
      return
    } catch {
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

test('what two responders are told at once is mailed once each', async () => {
  const { mailbox, desks } = await openTwo({ ...DEFAULT_MAIL_BUDGET, perHour: 1_000, digestAfter: 1_000 })
  const story = (n: number): Notice => noticeOf({ id: `alert${n}`, incident: { id: `incident${n}` } })
  const all = Array.from({ length: ALERTS }, (_, n) => tell(desks[n % 2] as NoticeDesk, story(n)))
  const [sender] = desks
  const waking = setInterval(() => sender?.wake(), 1)
  await Promise.all(all)
  await waitUntil(() => new Set(mailbox.notices.map(({ id }) => id)).size === ALERTS, 'all mails')
  clearInterval(waking)
  for (const desk of desks) await desk.stop(0)
  assert.equal(mailbox.notices.length, ALERTS, 'one was mailed twice')
})
