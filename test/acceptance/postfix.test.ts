/** A mail of Picket's through a real mail system: by submission with STARTTLS, and by its sendmail command. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type MailSettings, openChannel } from '@picket/responder/main'
import { makeAuthority } from '../services/certificates.ts'
import { type Postfix, startPostfix } from '../services/postfix.ts'
import { waitUntil } from '../services/wait-until.ts'
import { HOSTILE, noticeOf } from '../telling/notices.ts'
import { type Smtp, startSmtp } from '../telling/smtp.ts'

const folder = mkdtempSync(join(tmpdir(), 'picket-postfix-'))
const authority = makeAuthority(folder)
let mailbox: Smtp
let postfix: Postfix
before(async () => {
  mailbox = await startSmtp()
  postfix = await startPostfix({ relayPort: mailbox.port, certificate: authority.issue('postfix') })
})
after(async () => {
  await postfix?.stop()
  await mailbox?.stop()
  rmSync(folder, { recursive: true })
})

function settings(put: Partial<MailSettings>): MailSettings {
  return {
    type: 'mail',
    from: 'Picket <picket@example.net>',
    to: ['admin@example.net'],
    port: postfix.port,
    security: 'starttls',
    insecure: false,
    ca: authority.cert,
    sendmail: postfix.sendmail,
    subjectPrefix: '[picket]',
    timeoutSeconds: 60,
    ...put,
  }
}

for (const [way, host] of [
  ['submission', '127.0.0.1'],
  ['sendmail', undefined],
] as const) {
  test(`a mail goes through postfix by ${way}, and arrives whole and harmless`, async () => {
    const incident = { id: way, source: '203.0.113.9', reasons: [HOSTILE] }
    const sent = await openChannel('ops', settings({ host }), '0.1.0').send(noticeOf(way, incident))
    assert.ok(sent.ok, JSON.stringify(sent))
    if (host !== undefined) assert.match(sent.answer, /^250 2\.0\.0 Ok: queued as /)
    const arrived = () =>
      mailbox.mails.find(({ parsed }) => parsed.messageId === `<alert.sample${way}@example.net>`)
    await waitUntil(
      () => arrived() !== undefined,
      () => `the mail; postfix logged:\n${postfix.log()}`,
    )
    const { parsed, to } = arrived() ?? assert.fail()
    assert.deepEqual(to, ['admin@example.net'])
    assert.match(parsed.headerLines.map(({ line }) => line).join('\n'), /Received: .*mail\.picket\.example/s)
    assert.match(parsed.text ?? '', /picket allow add 203\.0\.113\.9/)
    assert.match(String(parsed.html), /&lt;script&gt;/)
    assert.equal(parsed.bcc, undefined)
    assert.doesNotMatch((parsed.text ?? '').replaceAll('\n', ''), /\p{C}/u)
  })
}
