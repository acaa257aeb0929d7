/** A real script, run for notices. */
import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { Sent } from '../../src/index.ts'
import { openChannel } from '../../src/main.ts'
import { HOSTILE, noticeOf } from '../tell/notices.ts'
import { waitUntil } from './wait-until.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-script-'))
after(() => rmSync(folder, { recursive: true }))

let number = 0

/** An executable of these lines; `$OUT` is a file of its own. */
function scriptOf(lines: string): { readonly file: string; readonly out: string } {
  const file = join(folder, `script${number++}`)
  const out = `${file}.out`
  writeFileSync(file, `#!/bin/sh\nOUT=${out}\n${lines}\n`, { mode: 0o700 })
  return { file, out }
}

function open(command: readonly string[], part: { once?: boolean; timeoutSeconds?: number } = {}) {
  return openChannel('script', { type: 'script', command, once: false, timeoutSeconds: 60, ...part }, '1')
}

function answerOf(sent: Sent): string {
  return sent.ok ? 'ok' : `${sent.reason}${sent.retryable ? ', again' : ''}`
}

test('a script has the notice on standard input, the source where it says SRCIP, and an environment of its own', async () => {
  process.env['SECRET_OF_OURS'] = 'x'
  const { file, out } = scriptOf('for arg; do echo "arg=$arg"; done > $OUT; env >> $OUT; cat >> $OUT')
  const args = ['--ip=SRCIP', '-v', `$(touch ${folder}/pwned) ; rm *`]
  const notice = noticeOf({ incident: { reasons: [HOSTILE] } })
  assert.equal(answerOf(await open([file, ...args]).send(notice)), 'ok')
  const said = readFileSync(out, 'utf8')
  assert.match(said, /^arg=--ip=203\.0\.113\.9\narg=-v\narg=\$\(touch /)
  assert.ok(!existsSync(join(folder, 'pwned')))
  assert.match(said, /^PICKET_SOURCE=203\.0\.113\.9$/m)
  assert.match(said, /^PICKET_KINDS=vertical_scan,stealth_scan$/m)
  assert.match(said, /^PATH=\/usr\/local\/sbin:/m)
  assert.doesNotMatch(said, /SECRET_OF_OURS/)
  const json = JSON.parse(said.split('\n').find((line) => line.startsWith('{')) ?? '')
  assert.deepEqual([json.incident.source, json.incident.reasons], ['203.0.113.9', [HOSTILE]])
})

test('its exit status says whether it is run again, and what it complained of is told', async () => {
  const sendBy = (lines: string): Promise<Sent> => open([scriptOf(lines).file]).send(noticeOf())
  assert.equal(answerOf(await sendBy('exit 75')), 'busy, again')
  const refused = await sendBy('echo no such firewall >&2; exit 3')
  assert.equal(answerOf(refused), 'refused')
  assert.match(refused.ok ? '' : refused.why, /ended with status 3: no such firewall$/)
  assert.equal(answerOf(await sendBy('kill -9 $$')), 'refused')
  assert.equal(answerOf(await open([join(folder, 'none')]).send(noticeOf())), 'misconfigured, again')
})

test('one that does not end is ended, with what it started', async () => {
  const slow = open([scriptOf('sleep 1000').file], { timeoutSeconds: 0.1 })
  assert.equal(answerOf(await slow.send(noticeOf())), 'timed-out')
  const { file, out } = scriptOf('sleep 1000 & echo $! > $OUT.new; mv $OUT.new $OUT; wait')
  const ours = new AbortController()
  const sent = open([file]).send(noticeOf(), ours.signal)
  await waitUntil(() => existsSync(out), 'it to run')
  ours.abort()
  assert.equal(answerOf(await sent), 'timed-out, again')
  const child = Number(readFileSync(out, 'utf8'))
  // a zombie until its parent is told
  const isGone = (): boolean => !/^State:\s+[^ZX]/m.test(readStatus(child))
  await waitUntil(isGone, 'what it started to end')
})

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}

test('a script that others may write is not run; once is once an incident, and for a source where it wants one', async () => {
  const { file, out } = scriptOf('echo ran >> $OUT')
  chmodSync(file, 0o722)
  assert.equal(answerOf(await open([file]).send(noticeOf())), 'misconfigured, again')
  assert.ok(!existsSync(out))
  chmodSync(file, 0o700)
  const once = open([file, 'SRCIP'], { once: true })
  const many = noticeOf({
    incident: { id: 'many', source: null, members: ['203.0.113.1'], target: '10.0.0.5' },
  })
  for (const notice of [noticeOf(), noticeOf({ id: 'later' }), noticeOf({ incident: { id: 'next' } }), many])
    assert.equal(answerOf(await once.send(notice)), 'ok')
  assert.equal(readFileSync(out, 'utf8'), 'ran\nran\n')
})

test('what is stopped before it has begun is not begun, and comes again', async () => {
  const { file, out } = scriptOf('touch $OUT; sleep 600')
  const stopped = await open([file]).send(noticeOf(), AbortSignal.abort())
  assert.equal(answerOf(stopped), 'timed-out, again')
  assert.ok(!existsSync(out))
})
