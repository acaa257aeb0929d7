import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { DEFAULT_ENRICH, type EnrichSettings } from '../../src/index.ts'
import { Enricher } from '../../src/main.ts'
import { HttpServer } from '../channels/http-server.ts'
import { waitUntil } from '../channels/wait-until.ts'
import { HOSTILE } from '../tell/notices.ts'
import { DnsServer, mmdbFile, WhoisServers } from './servers.ts'

const ROOT = '127.0.0.1'
const REGISTRY = '127.0.0.2'
const SOURCE = '203.0.113.9'

const folder = mkdtempSync(join(tmpdir(), 'picket-enrich-'))
const whois = new WhoisServers()
let dns: DnsServer
let rdap: HttpServer
before(() => whois.start(ROOT, REGISTRY))
after(async () => {
  await whois.stop()
  rmSync(folder, { recursive: true })
})
beforeEach(async () => {
  dns = await new DnsServer().start()
  rdap = await new HttpServer().start()
  whois.queries.length = 0
  whois.answers[ROOT] =
    `% IANA WHOIS server\r\n\r\nrefer:        ${REGISTRY}\r\n\r\ninetnum:      203.0.0.0 - 203.255.255.255\r\n`
  whois.answers[REGISTRY] =
    "% Abuse contact for '203.0.113.0 - 203.0.113.255' is 'abuse@whois.example'\r\n\r\nnetname: EX-NET\r\ncountry: NL\r\n"
})
afterEach(async () => {
  enricher?.close()
  await Promise.all([dns.stop(), rdap.stop()])
})

let enricher: Enricher | undefined

function open(put: Partial<EnrichSettings> = {}, now?: () => number): Enricher {
  enricher = new Enricher(
    {
      ...DEFAULT_ENRICH,
      dns: { enabled: true, servers: [dns.address] },
      whois: { enabled: true, server: ROOT, port: whois.port, allow: ['127.0.0.0/8'] },
      ...put,
    },
    now,
  )
  return enricher
}

const NOT_ASKED = { dns: { enabled: false, servers: [] }, whois: { ...DEFAULT_ENRICH.whois, enabled: false } }

test('the root is asked first, then the registry that it names, and the answer has the abuse contact', async () => {
  dns.name = 'scanner.example.org'
  const found = await open().enrich(SOURCE)
  assert.deepEqual(whois.queries, [`${ROOT} ${SOURCE}\r\n`, `${REGISTRY} ${SOURCE}\r\n`])
  assert.deepEqual(dns.questions, ['9.113.0.203.in-addr.arpa'])
  const { reverseName, abuse, network, country, missing } = found
  assert.deepEqual(
    { reverseName, abuse, network, country, missing },
    {
      reverseName: 'scanner.example.org',
      abuse: 'abuse@whois.example',
      network: 'EX-NET',
      country: 'NL',
      missing: [],
    },
  )
})

test('RDAP is asked at its base, and is believed before whois', async () => {
  const card = ['vcard', [['email', {}, 'text', 'abuse@rdap.example']]]
  const answer = { name: 'RDAP-NET', entities: [{ roles: ['abuse'], vcardArray: card }] }
  rdap.respond = (response) => void response.writeHead(200).end(JSON.stringify(answer))
  const base = `http://127.0.0.1:${rdap.port}/rdap/`
  const found = await open({ rdap: { base, insecure: true, allow: ['127.0.0.1'] } }).enrich('2001:db8::9')
  assert.equal(rdap.requests[0]?.path, '/rdap/ip/2001:db8::9')
  assert.equal(rdap.requests[0]?.headers.accept, 'application/rdap+json')
  assert.deepEqual([found.abuse, found.network, found.country], ['abuse@rdap.example', 'RDAP-NET', 'NL'])
})

test('country and ASN come from the files that are given, and a new file is taken up', async () => {
  const country = join(folder, 'country.mmdb')
  const asn = join(folder, 'asn.mmdb')
  writeFileSync(country, mmdbFile({ country: { iso_code: 'DE' } }))
  writeFileSync(
    asn,
    mmdbFile({ autonomous_system_number: 64_496, autonomous_system_organization: 'EXAMPLE' }),
  )
  let now = 0
  const opened = open({ ...NOT_ASKED, mmdb: { country, asn }, cache: { entries: 10, hours: 0 } }, () => now)
  const found = await opened.enrich(SOURCE)
  assert.deepEqual([found.country, found.asn, found.asName, found.missing], ['DE', 64_496, 'EXAMPLE', []])
  writeFileSync(country, mmdbFile({ country_code: 'FR' }))
  now = 120_000
  assert.equal((await opened.enrich(SOURCE)).country, 'FR')
  writeFileSync(country, 'no database')
  now = 240_000
  assert.equal((await opened.enrich(SOURCE)).country, 'FR', 'the last good one')
})

test('a file that is not there is said to be missing, and nothing else suffers', async () => {
  dns.name = 'scanner.example.org'
  const found = await open({ mmdb: { asn: join(folder, 'none.mmdb') } }).enrich(SOURCE)
  assert.equal(found.reverseName, 'scanner.example.org')
  assert.match(found.missing.join(), /none\.mmdb/)
})

test('F38 with DNS and whois dead the answer comes in time all the same, and says what is missing', async () => {
  dns.name = undefined
  whois.answers[ROOT] = 'hang'
  rdap.respond = () => {}
  const base = `http://127.0.0.1:${rdap.port}/`
  const settings = { seconds: 0.3, rdap: { base, insecure: true, allow: ['127.0.0.1'] } }
  const started = performance.now()
  const found = await open(settings).enrich(SOURCE)
  // Far from both the limit (0.3 s) and what dead servers would take (10 s and more)
  assert.ok(performance.now() - started < 9_000)
  assert.equal(found.missing.length, 3)
  assert.deepEqual([found.reverseName, found.abuse], [null, null])
})

test('F38 what comes late is there for the next mail, and nothing is asked twice', async () => {
  whois.answers[ROOT] = 'hang'
  let release = (): void => {}
  rdap.respond = (response) => {
    release = () => void response.writeHead(200).end('{"name":"LATE"}')
  }
  const base = `http://127.0.0.1:${rdap.port}/`
  const opened = open({ ...NOT_ASKED, seconds: 0.1, rdap: { base, insecure: true, allow: ['127.0.0.1'] } })
  assert.equal((await opened.enrich(SOURCE)).network, null)
  release()
  let network: string | null = null
  await waitUntil(() => {
    void opened.enrich(SOURCE).then((found) => {
      network = found.network
    })
    return network === 'LATE'
  }, 'the late answer')
  assert.equal(rdap.requests.length, 1)
})

test('answers are kept, failures too but not so long, and only so many', async () => {
  let now = 0
  dns.name = 'a.example.org'
  const settings = {
    ...NOT_ASKED,
    dns: { enabled: true, servers: [dns.address] },
    cache: { entries: 2, hours: 1 },
  }
  const opened = open(settings, () => now)
  await opened.enrich(SOURCE)
  dns.name = 'b.example.org'
  assert.equal((await opened.enrich(SOURCE)).reverseName, 'a.example.org')
  now = 3_600_000
  assert.equal((await opened.enrich(SOURCE)).reverseName, 'b.example.org')
  dns.name = ''
  assert.equal((await opened.enrich('203.0.113.10')).reverseName, null)
  await opened.enrich('203.0.113.10')
  assert.equal(dns.questions.filter((name) => name.startsWith('10.')).length, 1, 'no name is an answer')
  await opened.enrich('203.0.113.11')
  await opened.enrich(SOURCE)
  assert.equal(
    dns.questions.filter((name) => name.startsWith('9.')).length,
    3,
    'the longest unused was given up',
  )
})

test('nobody is asked about an address that is not public', async () => {
  const opened = open()
  for (const address of [
    '10.1.2.3',
    '192.168.1.1',
    '127.0.0.1',
    '169.254.1.1',
    'fe80::1',
    'fd00::1',
    '100.64.0.1',
    'nonsense',
    null,
  ]) {
    assert.deepEqual((await opened.enrich(address)).missing, [])
  }
  assert.deepEqual([whois.queries, dns.questions], [[], []])
})

test('a referral does not lead inside, and only one is followed', async () => {
  const found = await open({ whois: { enabled: true, server: ROOT, port: whois.port, allow: [] } }).enrich(
    SOURCE,
  )
  assert.match(found.missing.join(), /127\.0\.0\.2 is no public address/)
  assert.equal(whois.queries.length, 1)
  whois.answers[REGISTRY] = `refer: ${ROOT}\r\nnetname: LOOP\r\n`
  assert.equal((await open().enrich('203.0.113.77')).network, 'LOOP')
  assert.equal(whois.queries.length, 3)
})

test('of an endless whois answer only the beginning is read', async () => {
  whois.answers[REGISTRY] = 'pour'
  const found = await open().enrich(SOURCE)
  assert.deepEqual(found.missing, [])
})

test('hostile answers are kept as they came, for whoever prints them makes them safe', async () => {
  whois.answers[REGISTRY] =
    `netname: ${HOSTILE.replaceAll(/[\r\n\u202e\u2028]/g, '')}\r\ncountry: <b>\r\nabuse-mailbox: x@y>,z@w\r\n`
  const found = await open().enrich(SOURCE)
  assert.match(found.network ?? '', /<script>/)
  assert.deepEqual([found.country, found.abuse], [null, null])
})
