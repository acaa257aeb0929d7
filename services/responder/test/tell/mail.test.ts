import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { answered, mailOf, operationalNotice } from '../../src/index.ts'
import { HOSTILE, noticeOf, PACKET } from './notices.ts'

const WORDS = { domain: 'example.net', subjectPrefix: '[picket]', sender: 'mon1' }

test('a mail says what, who, why, the evidence, what was done and what can be done', () => {
  const { subject, text } = mailOf(
    noticeOf({
      console: 'https://picket.example/',
      enrichment: {
        reverseName: 'scanner.example.org',
        country: 'NL',
        asn: 64496,
        asName: 'EXAMPLE',
        network: 'EXAMPLE-NET',
        range: '203.0.113.0 - 203.0.113.255',
        abuse: 'abuse@example.org',
        whois: ['netname: EXAMPLE-NET'],
      },
    }),
    WORDS,
  )
  assert.equal(subject, '[picket] level 3: vertical scan, stealth scan by 203.0.113.9 on 1 host, 100 ports')
  for (const part of [
    /kinds +vertical scan, stealth scan/,
    /level +3 of 5, score 80 of 100/,
    /hosts +10\.0\.0\.5/,
    /tcp ports +1-100/,
    /reverse DNS +scanner\.example\.org/,
    /country +NL/,
    /autonomous system +AS64496 EXAMPLE/,
    /abuse contact +abuse@example\.org/,
    /level 3 by 100 contacts on 1 host/,
    /Enough for a ban: SYNs .* though a forger could send them too/,
    /web1 "DROP" 203\.0\.113\.9:54609 -> 10\.0\.0\.5:22 tcp SYN len 44 ttl 41/,
    /Would have banned 203\.0\.113\.9 for 1 hour on every host \(dry run/,
    /picket ban 203\.0\.113\.9 --for 3600s/,
    /picket allow add 203\.0\.113\.9/,
    /https:\/\/picket\.example\/incidents\/0123456789abcdef/,
    /netname: EXAMPLE-NET/,
  ]) {
    assert.match(text, part)
  }
})

test('a mail of a ban holds the exact command that lifts it', () => {
  const decision = {
    outcome: 'banned',
    subject: '203.0.113.9/32',
    seconds: 90,
    hosts: ['web1'],
    reasons: [],
  } as const
  const { text } = mailOf(noticeOf({ decision }), WORDS)
  assert.match(text, /Banned 203\.0\.113\.9\/32 for 1 minute 30 seconds on web1\./)
  assert.match(text, /^ {4}picket unban 203\.0\.113\.9 /m)
})

test('a subject that is no address gives no command to copy', () => {
  const decision = {
    outcome: 'banned',
    subject: '1.2.3.4; rm -rf /',
    seconds: 90,
    hosts: [],
    reasons: [],
  } as const
  assert.doesNotMatch(mailOf(noticeOf({ decision }), WORDS).text, /picket (unban|allow)/)
})

test('evidence that could be forged is called so', () => {
  assert.match(mailOf(noticeOf({ incident: { bannable: false } }), WORDS).text, /the source may be innocent/)
})

test('the Message-ID comes from the alert, so the same alert is the same mail on any machine', () => {
  const a = mailOf(noticeOf(), WORDS)
  const b = mailOf({ ...noticeOf(), time: 1 }, { ...WORDS, sender: 'other' })
  assert.equal(a.messageId, '<alert.fedcba9876543210@example.net>')
  assert.equal(b.messageId, a.messageId)
  assert.equal(mailOf(noticeOf(), WORDS).inReplyTo, undefined)
  const reply = mailOf({ ...noticeOf(), inReplyTo: 'alert.first' }, WORDS)
  assert.equal(reply.inReplyTo, '<alert.first@example.net>')
})

test('text and HTML say the same', () => {
  const { text, html } = mailOf(noticeOf({ enrichment: { whois: ['netname: A & B'] } }), WORDS)
  const words = html
    .replace(/<title>.*?<\/title>/, '')
    .replace(/<[^>]+>/g, '\n')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
  for (const line of words.split('\n').map((part) => part.trim())) {
    if (line === '' || line === '&nbsp;') continue
    assert.ok(text.toLowerCase().includes(line.toLowerCase()), line)
  }
})

test('no mail asks anything of another place', () => {
  const { html } = mailOf(noticeOf({ enrichment: { whois: [HOSTILE] } }), WORDS)
  assert.doesNotMatch(html, /<(?:img|script|link|iframe|object|a)\b|\b(?:src|href)="|url\(|@import/i)
})

test('hostile text adds no tag, no line and no control character, whatever it is and wherever it comes from', () => {
  const frame = tagsOf(mailOf(hostileNotice('x'), WORDS).html)
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constant(HOSTILE)), (text) => {
      const mail = mailOf(hostileNotice(`y${text}`), WORDS)
      assert.doesNotMatch(mail.subject, /[\p{C}\p{Zl}\p{Zp}]/u)
      assert.doesNotMatch(mail.text.replaceAll('\n', ''), /[\p{C}\p{Zl}\p{Zp}]/u)
      assert.doesNotMatch(mail.html.replaceAll('\n', ''), /[\p{C}\p{Zl}\p{Zp}]/u)
      assert.deepEqual(tagsOf(mail.html), frame)
      for (const value of [mail.messageId, ...Object.values(mail.headers)])
        assert.doesNotMatch(value, /[\r\n]/)
    }),
  )
})

function hostileNotice(text: string): ReturnType<typeof noticeOf> {
  return noticeOf({
    incident: {
      id: text,
      source: text,
      prefix: text,
      hosts: [text],
      reporters: [text],
      ports: { [text]: text },
      techniques: [text],
      attack: [text],
      tool: text,
      os: text,
      reasons: [text],
      signatures: [{ id: text, name: text, count: 1 }],
    },
    evidence: [{ ...PACKET, prefix: text, reporter: text, src: text, dst: text }],
    decision: { outcome: 'banned', subject: text, seconds: 1, hosts: [text], reasons: [text] },
    enrichment: {
      reverseName: text,
      country: text,
      asName: text,
      network: text,
      range: text,
      abuse: text,
      whois: [text],
      missing: [text],
    },
  })
}

function tagsOf(html: string): string[] {
  return html.match(/<[^>]*>/g) ?? []
}

test('what concerns Picket itself is a mail too', () => {
  const made = {
    topic: 'channel-ops',
    time: 0,
    severity: 'page',
    summary: 'ops is deaf',
    details: ['550 no'],
  } as const
  const { subject, text, messageId } = mailOf(operationalNotice(made), WORDS)
  assert.equal(subject, '[picket] ops is deaf')
  assert.match(text, /550 no/)
  assert.equal(messageId, '<picket.channel-ops.0@example.net>')
})

test('a mail of a ban that hosts refuse says in its subject how many, and in its text which and why', () => {
  const answers = {
    ...{ hosts: 4, applied: ['db1'], failed: [], missing: ['web3'] },
    refused: ['web1', 'web2'].map((host) => ({ host, why: 'gateway: the gateway of the default route' })),
  }
  const base = { outcome: 'banned', subject: '203.0.113.9', seconds: 3_600, hosts: [], reasons: [] } as const
  const some = mailOf(noticeOf({ decision: { ...base, answers } }), WORDS)
  assert.match(some.subject, /; banned on 1 of 4 hosts, refused by 2$/)
  assert.match(some.text, /Banned 203\.0\.113\.9 for 1 hour on 1 of 4 hosts\./)
  assert.match(some.text, /web1, web2 refused: gateway: the gateway of the default route\./)
  assert.match(some.text, /web3 has not confirmed it yet\./)
  const none = answered(base, { ...answers, hosts: 2, applied: [], missing: [] })
  const { subject, text } = mailOf(noticeOf({ decision: none }), WORDS)
  assert.match(subject, /; not banned, refused by 2 of 2$/)
  assert.match(text, /Not banned: 203\.0\.113\.9 for 1 hour was asked for, and is done on 0 of 2 hosts\./)
  assert.doesNotMatch(text, /^ *Banned/m)
})

test('nobody is asked to complain about an address that a host needs', () => {
  const mailWhen = (why: string): string => {
    const refused = [{ host: 'web1', why }]
    const answers = { hosts: 2, applied: ['db1'], failed: [], missing: [], refused }
    const decision = {
      outcome: 'banned',
      subject: '203.0.113.9',
      seconds: 60,
      hosts: [],
      reasons: [],
      answers,
    } as const
    return mailOf(noticeOf({ decision, enrichment: { abuse: 'abuse@example.org' } }), WORDS).text
  }
  assert.match(mailWhen('cap-total: too many'), /Complain to abuse@example\.org/)
  const text = mailWhen('gateway: a gateway of this host')
  assert.doesNotMatch(text, /Complain/)
  assert.match(text, /Your hosts need this address: whoever scanned likely did so in its name\./)
})

test('nor to ban by hand what this host needs', () => {
  const reasons = ['not banned: this host never bans 203.0.113.9 (gateway: a gateway of this host)']
  const decision = { outcome: 'none', subject: null, seconds: 0, hosts: [], reasons } as const
  const { text } = mailOf(noticeOf({ decision, enrichment: { abuse: 'abuse@example.org' } }), WORDS)
  assert.doesNotMatch(text, /Complain|picket ban /)
  assert.match(text, /Your hosts need this address/)
})
