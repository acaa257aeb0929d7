/**
 * `picket run` alone, with a real mail server: whom it tells, how often, and what it would have done.
 */
import assert from 'node:assert/strict'
import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, beforeEach, test } from 'node:test'
import { scanLine } from '../fleet/scan-lines.ts'
import { mailTo, RunProcess } from '../run-process.ts'
import { type Smtp, startSmtp } from '../telling/smtp.ts'

let smtp: Smtp
const runs: RunProcess[] = []

before(async () => {
  smtp = await startSmtp()
})
beforeEach(() => {
  smtp.mails.length = 0
  smtp.script = {}
})
after(async () => {
  await Promise.all(runs.map((run) => run.end()))
  await smtp.stop()
})

function newRun(sections: Readonly<Record<string, unknown>> = {}): RunProcess {
  const run = new RunProcess({ channels: mailTo(smtp.port), mailBudget: { gatherSeconds: 2 }, ...sections })
  runs.push(run)
  return run
}

const text = (at: number): string => smtp.mails[at]?.parsed.text ?? ''
const ids = (): (string | undefined)[] => smtp.mails.map(({ parsed }) => parsed.messageId)

test('a channel is all it takes: a scan is one mail, a further one when it rises, and nobody is banned', async () => {
  const run = await newRun().started()
  run.scan('203.0.113.9')
  await run.until(() => smtp.mails.length === 1, 'the mail')
  assert.match(smtp.mails[0]?.parsed.subject ?? '', /level 3.*203\.0\.113\.9/)
  assert.match(text(0), /Nothing was banned/)
  run.scan('203.0.113.9', 1_200)
  await run.until(() => smtp.mails.length >= 2, 'the mail of the rise')
  assert.equal(smtp.mails[1]?.parsed.inReplyTo, ids()[0])
  assert.match(await run.ask('explain', '203.0.113.9'), /told to ops[\s\S]*\[no-ban-asked\]/)
  assert.equal((await run.bans()).mode, 'dry-run')
  assert.match(await run.ask('status'), /bans are a dry run/)
  const rules = join(run.folder, 'rules.yaml')
  writeFileSync(
    rules,
    JSON.stringify({ decisions: { rules: [{ name: 'harsh', when: { level: 4 }, ban: '1h' }] } }),
  )
  assert.match(
    await run.ask('decide', '--what-if', rules, '--since', '1h'),
    /would have banned 203\.0\.113\.9 for/,
  )
  assert.equal(await run.stop(), 0)
})

test('SIGHUP brings channels and rules without a restart, a faulty file is refused, and no alert falls between', async () => {
  const run = new RunProcess()
  runs.push(run)
  await run.started()
  run.scan('203.0.113.14')
  await run.until(() => run.alerts.length >= 3, 'the alerts')
  assert.equal(JSON.parse(await run.ask('status', '--json')).run.response, null)
  const hangUp = async (sections: Readonly<Record<string, unknown>>, says: string): Promise<void> => {
    run.log = ''
    run.configure(sections)
    run.hangUp()
    await run.until(() => run.log.includes(says), says)
  }
  const mailBudget = { perHour: 1_000, digestAfter: 1_000 }
  const channels = mailTo(smtp.port)
  await hangUp({ channels, mailBudget }, 'read again and holds now')
  run.scan('203.0.113.15')
  await run.until(() => smtp.mails.length === 1, 'the first mail')
  await hangUp({ channels, decisions: { rules: [{ name: 'no', tell: ['nobody'] }] } }, 'is refused')
  for (const last of [16, 17, 18]) run.scan(`203.0.113.${last}`)
  const decisions = {
    profile: 'psad',
    EMAIL_ALERT_DANGER_LEVEL: 3,
    ENABLE_AUTO_IDS: 'Y',
    AUTO_IDS_DANGER_LEVEL: 3,
  }
  await hangUp({ channels, mailBudget, decisions }, 'read again and holds now')
  run.scan('203.0.113.19')
  await run.until(() => smtp.mails.length === 5, 'all mails')
  const about = smtp.mails.map(({ parsed }) => /203\.0\.113\.\d+/.exec(parsed.subject ?? '')?.[0])
  assert.deepEqual(
    [...about].sort(),
    [15, 16, 17, 18, 19].map((last) => `203.0.113.${last}`),
  )
  assert.match(text(4), /Would have banned 203\.0\.113\.19 for 1 hour/)
})

test('a hundred scanners at once are three mails, and none of them is left out', async () => {
  const run = newRun({ mailBudget: { gatherSeconds: 8 } })
  const sources = Array.from({ length: 100 }, (_, at) => `192.0.2.${at + 1}`)
  for (const source of sources) run.scan(source)
  await run.started()
  await run.until(() => smtp.mails.length === 3, 'two mails and a digest')
  const told = smtp.mails.map(({ parsed }) => parsed.text ?? '').join('\n')
  for (const source of sources) assert.match(told, new RegExp(`\\b${source.replaceAll('.', '\\.')}\\b`))
  assert.equal(await run.stop(), 0)
  assert.equal(smtp.mails.length, 3)
})

test('what is older than an hour when it is first read is printed, told to nobody, and bans nobody', async () => {
  const rules = [{ name: 'serious', when: { level: 3 }, tell: ['*'], ban: '1h' }]
  const run = newRun({ decisions: { rules } })
  const old = Date.now() - 2 * 3_600_000
  for (let port = 1; port <= 120; port++)
    appendFileSync(
      run.kernelLog,
      `${scanLine({ src: '203.0.113.10', dst: '10.77.0.17', dpt: port }, old + port)}\n`,
    )
  await run.started()
  await run.until(() => run.alerts.length > 0, 'the alert of the old scan')
  run.scan('203.0.113.11')
  await run.until(() => smtp.mails.length === 1, 'the mail of the new scan')
  assert.match(smtp.mails[0]?.parsed.subject ?? '', /203\.0\.113\.11/)
  assert.match(text(0), /Would have banned 203\.0\.113\.11 for 1 hour/)
  assert.match(await run.ask('explain', '203.0.113.10'), /\[stale\]/)
})

test('a run that is killed at any step mails each incident, under one Message-ID, and never more than once more', async () => {
  const steps = ['responder.folded', 'responder.committed', 'responder.told']
  const run = newRun({ mailBudget: { perHour: 1_000, digestAfter: 1_000 } })
  for (const [at, step] of steps.entries()) {
    run.scan(`203.0.113.${20 + at}`)
    run.start(step)
    assert.equal(await run.ended(), 'SIGKILL', step)
  }
  await run.started()
  const expected = steps.map((_, at) => `203.0.113.${20 + at}`)
  const subjects = (): string => smtp.mails.map(({ parsed }) => parsed.subject).join('\n')
  await run.until(() => expected.every((source) => subjects().includes(source)), 'all mails')
  run.scan('203.0.113.30')
  await run.until(() => subjects().includes('203.0.113.30'), 'the last mail')
  for (const source of [...expected, '203.0.113.30']) {
    const told = smtp.mails.filter(({ parsed }) => parsed.subject?.includes(source))
    assert.ok(told.length <= 2, `${source}: ${told.length} mails`)
    assert.equal(new Set(told.map(({ parsed }) => parsed.messageId)).size, 1, source)
  }
})

test('a mail that waits for its server waits over a kill, and an incident that was mailed is not mailed again', async () => {
  const run = await newRun().started()
  run.scan('203.0.113.40')
  await run.until(() => smtp.mails.length === 1, 'the first mail')
  smtp.script = { data: () => 'hang' }
  const before = smtp.received
  run.scan('203.0.113.41')
  await run.until(() => smtp.received > before, 'the second mail to be under way')
  await run.kill()
  smtp.script = {}
  await run.started()
  await run.until(() => smtp.mails.length === 2, 'the second mail')
  run.scan('203.0.113.40')
  run.scan('203.0.113.42')
  await run.until(() => smtp.mails.length >= 3, 'the mail after the kill')
  assert.deepEqual(
    smtp.mails.map(({ parsed }) => /203\.0\.113\.\d+/.exec(parsed.subject ?? '')?.[0] ?? 'a digest'),
    ['203.0.113.40', '203.0.113.41', '203.0.113.42'],
  )
})
