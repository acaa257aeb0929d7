import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Notice } from '@picket/responder'
import { type MailSettings, openChannel } from '@picket/responder/main'
import fc from 'fast-check'
import { makeAuthority } from '../services/certificates.ts'
import { HOSTILE, noticeOf } from './notices.ts'
import { Reply, type Smtp, startSmtp } from './smtp.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-mail-'))
const authority = makeAuthority(folder)
const issued = authority.issue('smtp')
const certificate = { cert: readFileSync(issued.cert), key: readFileSync(issued.key) }
const passwordFile = join(folder, 'password')
writeFileSync(passwordFile, 'correct horse\n')

let smtp: Smtp
before(async () => {
  smtp = await startSmtp()
})
after(async () => {
  await smtp.stop()
  rmSync(folder, { recursive: true })
})

const SETTINGS: MailSettings = {
  type: 'mail',
  from: 'Picket <picket@example.net>',
  to: ['admin@example.net', 'oncall@example.net'],
  host: '127.0.0.1',
  port: 0,
  security: 'starttls',
  insecure: false,
  sendmail: '/usr/sbin/sendmail',
  subjectPrefix: '[picket]',
  timeoutSeconds: 20,
}

function send(settings: Partial<MailSettings>, notice: Notice = noticeOf('1'), signal?: AbortSignal) {
  return openChannel('ops', { ...SETTINGS, ...settings }, '0.1.0').send(notice, signal)
}

function plain(): Partial<MailSettings> {
  return { port: smtp.port, insecure: true }
}

test('a mail arrives as text and HTML, with its Message-ID, and the answer of the server is told', async () => {
  smtp.script = {}
  const sent = await send(plain(), { ...noticeOf('a'), inReplyTo: 'alert.first' })
  assert.deepEqual(sent, { ok: true, answer: `250 2.0.0 Ok: queued as ${smtp.mails.length}` })
  const { parsed, to, from } = smtp.mails.at(-1) ?? assert.fail()
  assert.equal(from, 'picket@example.net')
  assert.deepEqual(to, SETTINGS.to)
  assert.equal(parsed.subject, '[picket] level 3: vertical scan by 203.0.113.9 on 1 host, 100 ports')
  assert.equal(parsed.messageId, '<alert.samplea@example.net>')
  assert.equal(parsed.inReplyTo, '<alert.first@example.net>')
  assert.equal(parsed.references, '<alert.first@example.net>')
  assert.equal(parsed.headers.get('auto-submitted'), 'auto-generated')
  assert.match(parsed.text ?? '', /Would have banned 203\.0\.113\.9 for 1 hour/)
  assert.match(String(parsed.html), /Would have banned 203\.0\.113\.9 for 1 hour/)
  assert.equal(parsed.date?.getTime(), noticeOf('a').time)
})

test('hostile text arrives harmless: no header, no recipient, no tag and no control character is added', async () => {
  smtp.script = {}
  const texts = fc.oneof(fc.constant(HOSTILE), fc.string({ unit: 'binary', maxLength: 60 }))
  await send(plain(), hostileNotice('x'))
  const { parsed: calm } = smtp.mails.at(-1) ?? assert.fail()
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      assert.ok((await send(plain(), hostileNotice(`y${text}`))).ok)
      const { parsed, to, raw } = smtp.mails.at(-1) ?? assert.fail()
      assert.deepEqual(to, SETTINGS.to)
      assert.deepEqual([...parsed.headers.keys()], [...calm.headers.keys()])
      assert.doesNotMatch(parsed.subject ?? '', /[\p{C}\p{Zl}\p{Zp}]/u)
      assert.doesNotMatch((parsed.text ?? '').replaceAll('\n', ''), /[\p{C}\p{Zl}\p{Zp}]/u)
      assert.deepEqual(tagsOf(parsed.html), tagsOf(calm.html))
      assert.equal(parsed.attachments.length, 0)
      assert.doesNotMatch(raw, /[^\r\n\t\x20-\x7e]/)
    }),
    { numRuns: 25, examples: [[HOSTILE]] },
  )
})

function hostileNotice(text: string): Notice {
  const incident = { id: text, source: text, reasons: [text], reporters: [text], ports: { tcp: text } }
  const notice = noticeOf('h', incident, { reverseName: text, whois: [text], abuse: text, asName: text })
  return { ...notice, messageId: `alert.${text}`, inReplyTo: text, remarks: [text] }
}

function tagsOf(html: string | false | undefined): string[] {
  return String(html).match(/<[^>]*>/g) ?? []
}

test('without TLS nothing is sent, unless that was asked for', async () => {
  const before = smtp.received
  const sent = await send({ port: smtp.port })
  assert.ok(!sent.ok)
  assert.deepEqual([sent.reason, sent.retryable], ['untrusted', true])
  assert.equal(smtp.received, before)
})

test('F36 STARTTLS and TLS are used with a trusted certificate, and with no other', async () => {
  for (const security of ['starttls', 'tls'] as const) {
    const server = await startSmtp({ ...certificate, secure: security === 'tls' })
    try {
      const good = await send({ port: server.port, security, ca: authority.cert })
      assert.ok(good.ok, JSON.stringify(good))
      const bad = await send({ port: server.port, security })
      assert.ok(!bad.ok)
      assert.deepEqual([bad.reason, bad.retryable], ['untrusted', true], JSON.stringify(bad))
      assert.equal(server.received, 1)
    } finally {
      await server.stop()
    }
  }
})

test('F43 the password comes from its file at every mail, and a refused one waits to be mended', async () => {
  const server = await startSmtp({
    ...certificate,
    authOptional: false,
    onAuth: ({ username, password }, _, answer) => {
      if (username === 'picket' && password === 'correct horse') answer(null, { user: 'picket' })
      else answer(new Reply(535, '5.7.8 wrong password'))
    },
  })
  const login = { port: server.port, ca: authority.cert, username: 'picket', passwordFile }
  try {
    assert.ok((await send(login)).ok)
    writeFileSync(passwordFile, 'wrong')
    const refused = await send(login)
    assert.ok(!refused.ok)
    assert.deepEqual([refused.reason, refused.retryable], ['misconfigured', true])
    assert.match(refused.why, /535/)
    const absent = await send({ ...login, passwordFile: join(folder, 'none') })
    assert.ok(!absent.ok && absent.reason === 'misconfigured' && !absent.why.includes('wrong'))
  } finally {
    await server.stop()
  }
})

test('F36 4xx can be tried again, 5xx cannot, and both are told in the words of the server', async () => {
  smtp.script = { data: () => new Reply(451, '4.3.0 disk full') }
  const busy = await send(plain())
  assert.ok(!busy.ok)
  assert.deepEqual([busy.reason, busy.retryable], ['busy', true])
  assert.match(busy.why, /451 .*disk full/)
  smtp.script = { data: () => new Reply(554, '5.7.1 spam') }
  const refused = await send(plain())
  assert.ok(!refused.ok)
  assert.deepEqual([refused.reason, refused.retryable], ['refused', false])
  smtp.script = { recipient: () => new Reply(550, '5.1.1 no such user') }
  const nobody = await send(plain())
  assert.ok(!nobody.ok)
  assert.deepEqual([nobody.reason, nobody.retryable], ['refused', false])
})

test('F36 a recipient that is greylisted gets the mail later, and the others only once', async () => {
  const channel = openChannel('ops', { ...SETTINGS, ...plain() }, '0.1.0')
  const notice = noticeOf('grey')
  const seen = new Set<string>()
  smtp.script = {
    recipient: (address) => {
      const isKnown = seen.has(address) || address !== 'oncall@example.net'
      seen.add(address)
      return isKnown ? undefined : new Reply(451, '4.7.1 greylisted, come back later')
    },
  }
  const first = await channel.send(notice)
  assert.ok(!first.ok && first.retryable && /greylisted/.test(first.why), JSON.stringify(first))
  assert.ok((await channel.send(notice)).ok)
  const mails = smtp.mails.slice(-2)
  assert.deepEqual(
    mails.map(({ to }) => to),
    [['admin@example.net'], ['oncall@example.net']],
  )
  assert.equal(mails[0]?.parsed.messageId, mails[1]?.parsed.messageId)
})

test('a recipient that is refused for good is told, though the mail reached the others', async () => {
  smtp.script = {
    recipient: (address) => (address.startsWith('oncall') ? new Reply(550, '5.1.1 gone') : undefined),
  }
  const sent = await send(plain())
  assert.ok(sent.ok)
  assert.match(sent.partly ?? '', /oncall@example\.net: .*550 5\.1\.1 gone/)
})

test('F36 a server that hangs after DATA is left in time, and the mail comes again as the same mail', async () => {
  smtp.script = { data: () => 'hang' }
  const before = smtp.received
  const hung = await send({ ...plain(), timeoutSeconds: 1 })
  assert.ok(!hung.ok)
  assert.deepEqual([hung.reason, hung.retryable], ['timed-out', true])
  assert.equal(smtp.received, before + 1, 'it had the whole mail')
  smtp.script = {}
  assert.ok((await send(plain())).ok)
  assert.equal(smtp.mails.at(-1)?.parsed.messageId, '<alert.sample1@example.net>')
})

test('F36 a server that never greets, or is not there, or is stopped for, can be tried again', async () => {
  const silent = createServer().listen(0, '127.0.0.1')
  const { port } = await new Promise<{ port: number }>((resolve) => {
    silent.once('listening', () => resolve(silent.address() as { port: number }))
  })
  const hung = await send({ port, insecure: true, timeoutSeconds: 1 })
  assert.ok(!hung.ok && hung.reason === 'timed-out' && hung.retryable)
  const stop = new AbortController()
  const stopped = send({ port, insecure: true }, noticeOf('s'), stop.signal)
  stop.abort()
  const outcome = await stopped
  assert.ok(!outcome.ok && outcome.retryable)
  await new Promise((resolve) => silent.close(resolve))
  const gone = await send({ port, insecure: true })
  assert.ok(!gone.ok)
  assert.deepEqual([gone.reason, gone.retryable], ['unreachable', true])
})

test('the local sendmail gets the mail on standard input, and its exit status is understood', async () => {
  const script = join(folder, 'sendmail')
  const saved = join(folder, 'mail.eml')
  const local = (status: number): Partial<MailSettings> => {
    writeFileSync(script, `#!/bin/sh\necho "$@" >${saved}.args\ncat >${saved}\nexit ${status}\n`, {
      mode: 0o755,
    })
    return { host: undefined, sendmail: script }
  }
  assert.ok((await send(local(0))).ok)
  assert.match(readFileSync(saved, 'utf8'), /^Message-ID: <alert\.sample1@example\.net>$/m)
  assert.match(
    readFileSync(`${saved}.args`, 'utf8'),
    /-f picket@example\.net admin@example\.net oncall@example\.net/,
  )
  const busy = await send(local(75))
  assert.ok(!busy.ok && busy.retryable)
  const refused = await send(local(67))
  assert.ok(!refused.ok && !refused.retryable)
  const missing = await send({ host: undefined, sendmail: '/nonexistent/sendmail' })
  assert.ok(!missing.ok && missing.retryable)
})
