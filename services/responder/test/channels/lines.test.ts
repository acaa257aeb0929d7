import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { openChannel } from '../../src/main.ts'
import { noticeOf } from '../tell/notices.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-lines-'))
after(() => rmSync(folder, { recursive: true }))

test('ECS and OCSF are appended to their files, a line a notice', async () => {
  for (const type of ['ecs', 'ocsf'] as const) {
    const path = join(folder, type)
    const channel = openChannel(type, { type, path }, '0.1.0')
    await Promise.all([channel.send(noticeOf()), channel.send(noticeOf({ kind: 'update' }))])
    const lines = readFileSync(path, 'utf8').split('\n')
    assert.equal(lines.length, 3)
    for (const line of lines.slice(0, 2)) JSON.parse(line)
  }
})

test('a file that cannot be written can be tried again', async () => {
  const sent = await openChannel('ecs', { type: 'ecs', path: join(folder, 'no', 'file') }, '0.1.0').send(
    noticeOf(),
  )
  assert.ok(!sent.ok && sent.retryable)
})

test('logger gets a line with the priority of the level, and its status is the outcome', async () => {
  const file = join(folder, 'syslog')
  const logger = (status: number) => [
    'sh',
    '-c',
    `echo "$@" >>${file}; cat >>${file}; exit ${status}`,
    'logger',
  ]
  const good = openChannel('log', { type: 'syslog', command: logger(0) }, '0.1.0')
  assert.deepEqual(await good.send(noticeOf()), { ok: true, answer: 'sh took it' })
  const [args, line] = readFileSync(file, 'utf8').split('\n')
  assert.equal(args, '-t picket -p local7.warning')
  assert.match(line ?? '', /level 3 203\.0\.113\.9/)
  const bad = await openChannel('log', { type: 'syslog', command: logger(1) }, '0.1.0').send(noticeOf())
  assert.ok(!bad.ok && bad.retryable)
  const none = await openChannel('log', { type: 'syslog', command: ['/nonexistent'] }, '0.1.0').send(
    noticeOf(),
  )
  assert.ok(!none.ok && none.retryable)
})
