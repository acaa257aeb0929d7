import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Kind } from '@picket/schemas'
import fc from 'fast-check'
import {
  DEFAULT_MAIL_BUDGET,
  EMPTY_PLAN,
  hostsNotice,
  type MailBudget,
  type MailPlan,
  type Notice,
  operationalNotice,
  type PlanOutcome,
  planMail,
} from '../../src/index.ts'
import { noticeOf } from './notices.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** A channel with a clock that a test moves; digests leave when they are due. */
class Mailbox {
  plan: MailPlan = EMPTY_PLAN
  readonly mails: { readonly at: number; readonly notice: Notice }[] = []
  readonly budget: MailBudget
  #now = 0
  #steps = 0
  #wakeAt: number | null = null

  constructor(budget: Partial<MailBudget> = {}) {
    this.budget = { ...DEFAULT_MAIL_BUDGET, ...budget }
  }

  at(ms: number): this {
    while (this.#wakeAt !== null && this.#wakeAt <= ms) {
      this.#now = this.#wakeAt
      this.#step(undefined)
    }
    this.#now = ms
    return this
  }

  tell(notice: Notice): PlanOutcome {
    return this.#step(notice)
  }

  scan(n: number, level: 0 | 1 | 2 | 3 | 4 | 5 = 3, kinds: readonly Kind[] = ['vertical_scan']): PlanOutcome {
    const incident = { id: `incident${n}`, source: `198.51.${n >> 8}.${n & 255}`, level, kinds }
    return this.tell(noticeOf({ id: `alert${n}.${level}.${kinds.length}`, incident }))
  }

  #step(notice: Notice | undefined): PlanOutcome {
    // As it is kept across a restart; not at every step, which would take most of the time
    const kept = this.#steps++ % 20 === 0 ? (JSON.parse(JSON.stringify(this.plan)) as MailPlan) : this.plan
    const { plan, send, outcome, wakeAt } = planMail(kept, notice, this.#now, this.budget)
    this.plan = plan
    this.#wakeAt = wakeAt
    for (const sent of send) this.mails.push({ at: this.#now, notice: sent })
    return outcome
  }
}

test('an incident is one mail, and a further one only when the level rose or a kind came', () => {
  const box = new Mailbox()
  assert.equal(box.at(0).scan(1, 3), 'sent')
  assert.equal(box.at(MINUTE).scan(1, 3), 'nothing-new')
  assert.equal(box.at(2 * MINUTE).scan(1, 2), 'nothing-new')
  assert.equal(box.at(HOUR).scan(1, 4), 'sent')
  assert.equal(box.at(2 * HOUR).scan(1, 4, ['vertical_scan', 'slow_scan']), 'sent')
  assert.deepEqual(
    box.mails.map(({ notice }) => [notice.kind, notice.inReplyTo]),
    [
      ['incident', null],
      ['update', 'alert.alert1.3.1'],
      ['update', 'alert.alert1.3.1'],
    ],
  )
})

test('100 scanners at once are three mails, and the third counts all the others', () => {
  const box = new Mailbox()
  for (let n = 0; n < 100; n++) box.at(n * 100).scan(n, 3)
  for (let n = 0; n < 100; n++) box.at(20_000 + n * 100).scan(n, 4)
  box.at(14 * MINUTE)
  assert.equal(box.mails.length, 3)
  const [, , digest] = box.mails
  assert.equal(digest?.notice.kind, 'digest')
  assert.ok(digest?.notice.kind === 'digest' && digest.notice.entries.length === 100)
})

test('a storm of an hour stays within the budget, the last mail says that it is used up, and all is told in the end', () => {
  const box = new Mailbox({ perHour: 4, digestEveryMs: 5 * MINUTE })
  for (let n = 0; n < 3_600; n++) box.at(n * 1_000).scan(n)
  assert.equal(box.mails.length, 4)
  const last = box.mails[3]?.notice
  assert.match(
    last?.remarks.join(' ') ?? '',
    /4 of at most 4 mails an hour\. The budget is used up: .* nothing is left out/,
  )
  box.at(3 * HOUR)
  assert.equal(counted(box.mails.map(({ notice }) => notice)), 3_600)
})

test('within any hour there are never more mails than the budget, and no incident is lost', () => {
  const steps = fc.array(fc.tuple(fc.nat({ max: 20 * MINUTE }), fc.nat({ max: 30 })), { maxLength: 200 })
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 6 }), (arrivals, perHour) => {
      const box = new Mailbox({ perHour })
      let now = 0
      const ids = new Set<number>()
      for (const [wait, n] of arrivals) {
        now += wait
        ids.add(n)
        box.at(now).scan(n)
      }
      box.at(now + 24 * HOUR)
      for (const { at } of box.mails) {
        assert.ok(box.mails.filter((mail) => mail.at > at - HOUR && mail.at <= at).length <= perHour)
      }
      assert.equal(counted(box.mails.map(({ notice }) => notice)), ids.size)
      assert.equal(box.plan.held, null)
    }),
  )
})

test('what does not fit a digest is counted in it, the least alarming first', () => {
  const box = new Mailbox()
  for (let n = 0; n < 900; n++) box.at(n).scan(n, n === 700 ? 5 : n % 2 === 0 ? 3 : 4)
  box.at(HOUR)
  const digest = box.mails[2]?.notice
  assert.ok(digest?.kind === 'digest')
  assert.equal(digest.entries[0]?.level, 5)
  assert.equal(digest.entries.length, 200)
  assert.deepEqual(digest.unlisted, { notices: 698, level: 4 })
})

test('a single incident that had to wait comes as a whole mail, in its thread', () => {
  const box = new Mailbox({ digestAfter: 1 })
  box.at(0).scan(1, 3)
  assert.equal(box.at(1_000).scan(1, 4), 'held')
  box.at(HOUR)
  assert.deepEqual(
    box.mails.map(({ notice }) => [notice.kind, notice.inReplyTo]),
    [
      ['incident', null],
      ['update', 'alert.alert1.3.1'],
    ],
  )
})

test('an incident that was told in a digest is told again when it rises, as an answer to that digest', () => {
  const box = new Mailbox()
  for (let n = 0; n < 5; n++) box.at(n).scan(n)
  box.at(HOUR)
  const digest = box.mails[2]?.notice
  assert.equal(box.at(2 * HOUR).scan(4, 3), 'nothing-new')
  assert.equal(box.at(2 * HOUR).scan(4, 5), 'sent')
  assert.equal(box.mails[3]?.notice.inReplyTo, digest?.messageId)
})

test('what concerns Picket itself is held and listed like the rest, and the end of an incident is no mail', () => {
  const box = new Mailbox()
  for (let n = 0; n < 3; n++) box.at(n).scan(n)
  const made = { topic: 'channel-x', time: 5, severity: 'page', summary: 'channel x is deaf' } as const
  assert.equal(box.at(5).tell(operationalNotice(made)), 'held')
  assert.equal(box.at(6).tell(noticeOf({ kind: 'resolve' })), 'not-for-mail')
  box.at(HOUR)
  const digest = box.mails[2]?.notice
  assert.ok(digest?.kind === 'digest')
  assert.deepEqual(digest.operational, ['channel x is deaf'])
})

test('a sample leaves whatever the budget says, and uses none of it', () => {
  const box = new Mailbox({ perHour: 1 })
  box.at(0).scan(1)
  assert.equal(box.at(1).tell(noticeOf({ kind: 'sample' })), 'sent')
  assert.equal(box.plan.sent.length, 1)
})

/** Incidents that the mails told of at least once. */
function counted(notices: readonly Notice[]): number {
  const ids = new Set<string>()
  let unlisted = 0
  for (const notice of notices) {
    if (notice.kind === 'digest') {
      for (const { incident } of notice.entries) ids.add(incident)
      unlisted += notice.unlisted.notices
    } else if ('alert' in notice) ids.add(notice.alert.incident.id)
  }
  return ids.size + unlisted
}

test('what hosts answered later is one mail in the thread, within the budget; with what is held it is no mail at all', () => {
  const answers = {
    hosts: 1,
    applied: [],
    refused: [{ host: 'web1', why: 'gateway: x' }],
    failed: [],
    missing: [],
  }
  const box = new Mailbox()
  const first = noticeOf({ id: 'alert1', incident: { id: 'incident1' } })
  const later = hostsNotice(first, answers, 5_000)
  assert.equal(box.at(0).tell(first), 'sent')
  assert.deepEqual([box.at(5_000).tell(later), box.tell(later)], ['sent', 'nothing-new'])
  assert.deepEqual(
    box.mails.map(({ notice }) => [notice.kind, notice.messageId, notice.inReplyTo]),
    [
      ['incident', 'alert.alert1', null],
      ['update', 'alert.alert1.hosts', 'alert.alert1'],
    ],
  )
  const held = noticeOf({ id: 'alert2', incident: { id: 'incident2' } })
  assert.deepEqual([box.tell(held), box.tell(hostsNotice(held, answers, 6_000))], ['held', 'held'])
  box.at(HOUR)
  assert.equal(box.mails.length, 3)
})
