import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { z } from 'zod'
import {
  activeAlert,
  alertmanagerAlert,
  cloudEvent,
  dshieldReport,
  ecsLine,
  hostsNotice,
  jsonLine,
  type Notice,
  noticeLine,
  ocsfLine,
  operationalNotice,
  pagerdutyEvent,
  sampleNotice,
  slackBody,
} from '../../src/index.ts'
import { HOSTILE, noticeOf, PACKET } from './notices.ts'

const OPERATIONAL = operationalNotice({ topic: 'x', time: 1_000, severity: 'page', summary: 'x is deaf' })
const DIGEST: Notice = {
  kind: 'digest',
  id: 'digest.1',
  time: 5_000,
  messageId: 'digest.1',
  inReplyTo: null,
  remarks: ['Gathered.'],
  since: 0,
  entries: [],
  unlisted: { notices: 3, level: 4 },
  operational: ['x is deaf'],
}
const ALL: readonly Notice[] = [
  noticeOf(),
  noticeOf({ kind: 'update' }),
  noticeOf({ kind: 'resolve' }),
  noticeOf({ incident: { source: null, target: '10.0.0.5', members: ['203.0.113.9'] }, evidence: [] }),
  sampleNotice(1_795_448_000_000, '1'),
  OPERATIONAL,
  DIGEST,
]
const ISO = z.iso.datetime({ precision: 3 })

const CLOUD_EVENT = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1),
  source: z.literal('/picket'),
  sender: z.string().min(1),
  type: z.string().regex(/^picket\.[a-z.]+$/),
  subject: z.string().min(1).optional(),
  time: ISO,
  datacontenttype: z.literal('application/json'),
  data: z.looseObject({
    kind: z.string(),
    id: z.string(),
    time: ISO,
    summary: z.string(),
    level: z.number().max(5),
  }),
})

test('a webhook body is a CloudEvent that repeats its id', () => {
  for (const notice of ALL) {
    const event = CLOUD_EVENT.parse(JSON.parse(cloudEvent(notice, 'mon 1')))
    assert.equal(event.id, notice.id)
  }
  const { data } = CLOUD_EVENT.parse(JSON.parse(cloudEvent(noticeOf(), 'mon1')))
  assert.equal(data['alert'], 'fedcba9876543210')
})

const SLACK = z.strictObject({
  text: z.string().min(1),
  unfurl_links: z.literal(false),
  unfurl_media: z.literal(false),
  blocks: z
    .array(
      z.strictObject({
        type: z.literal('section'),
        text: z.strictObject({ type: z.literal('mrkdwn'), text: z.string().min(1).max(3_000) }),
      }),
    )
    .min(1)
    .max(50),
})

test('a Slack body holds no markup of a stranger', () => {
  for (const notice of ALL) SLACK.parse(JSON.parse(slackBody(notice)))
  const hostile = { reasons: [HOSTILE], source: HOSTILE }
  const body = slackBody(noticeOf({ incident: hostile, evidence: [{ ...PACKET, prefix: HOSTILE }] }))
  assert.doesNotMatch(body, /[<>]/)
  assert.doesNotMatch(body.replaceAll('```', ''), /`/)
})

const PAGERDUTY = z.discriminatedUnion('event_action', [
  z.strictObject({
    routing_key: z.string().length(32),
    dedup_key: z.string().min(1).max(255),
    event_action: z.literal('trigger'),
    client: z.string(),
    payload: z.strictObject({
      summary: z.string().min(1).max(1_024),
      source: z.string().min(1),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      timestamp: ISO,
      component: z.string(),
      group: z.string(),
      class: z.string(),
      custom_details: z.looseObject({}),
    }),
    links: z.array(z.strictObject({ href: z.url(), text: z.string() })).optional(),
  }),
  z.strictObject({
    routing_key: z.string().length(32),
    dedup_key: z.string().min(1).max(255),
    event_action: z.literal('resolve'),
  }),
])

test('a Slack section never grows beyond what Slack takes', () => {
  const long = '&'.repeat(5_000)
  const decision = {
    outcome: 'banned',
    subject: long,
    seconds: 1,
    hosts: Array(30).fill(long),
    reasons: [],
  } as const
  SLACK.parse(JSON.parse(slackBody(noticeOf({ incident: { reasons: [long, long, long] }, decision }))))
})

test('a page opens with the incident, is the same page at each update, and closes with it', () => {
  const key = 'k'.repeat(32)
  for (const notice of ALL) PAGERDUTY.parse(JSON.parse(pagerdutyEvent(notice, key, 'mon1')))
  const events = (['incident', 'update', 'resolve'] as const).map((kind) =>
    PAGERDUTY.parse(JSON.parse(pagerdutyEvent(noticeOf({ kind }), key, 'mon1'))),
  )
  assert.deepEqual(
    events.map(({ event_action }) => event_action),
    ['trigger', 'trigger', 'resolve'],
  )
  assert.deepEqual(new Set(events.map(({ dedup_key }) => dedup_key)), new Set(['0123456789abcdef']))
})

const LABELS = z.record(z.string().regex(/^[a-zA-Z_]\w*$/), z.string().min(1))
const ALERTMANAGER = z.strictObject({
  labels: LABELS.refine((labels) => labels['alertname'] !== undefined),
  annotations: LABELS,
  startsAt: ISO,
  endsAt: ISO,
  generatorURL: z.url().optional(),
})

test('the labels of an alert stay the same as long as its severity does', () => {
  for (const notice of ALL) {
    const body = ALERTMANAGER.parse(alertmanagerAlert(activeAlert(notice, 'mon1'), 0))
    assert.ok(body.startsAt <= body.endsAt)
  }
  const first = activeAlert(noticeOf({ incident: { packets: 1 } }), 'mon1').labels
  assert.deepEqual(activeAlert(noticeOf({ incident: { packets: 2, hostCount: 9 } }), 'mon2').labels, first)
  assert.notDeepEqual(activeAlert(noticeOf({ incident: { level: 5 } }), 'mon1').labels, first)
})

const IP = z.union([z.ipv4(), z.ipv6()])
const ECS = z.looseObject({
  '@timestamp': ISO,
  ecs: z.strictObject({ version: z.string() }),
  message: z.string().min(1),
  event: z.looseObject({
    kind: z.enum(['alert', 'event']),
    category: z.array(z.enum(['network', 'intrusion_detection', 'process'])).min(1),
    type: z.array(z.enum(['start', 'info', 'end', 'connection'])).min(1),
    id: z.string(),
    severity: z.number().int(),
  }),
  source: z
    .looseObject({ ip: IP.optional(), as: z.looseObject({ number: z.number() }).optional() })
    .optional(),
  destination: z.looseObject({ ip: IP }).optional(),
  related: z.looseObject({ ip: z.array(IP) }).optional(),
  observer: z.looseObject({ name: z.string() }),
})

test('an ECS line has the fields that ECS demands, and addresses where it takes nothing else', () => {
  for (const notice of ALL) ECS.parse(JSON.parse(ecsLine(notice, 'mon1')))
  const odd = noticeOf({ incident: { source: 'no address', hosts: ['nor this', '10.0.0.5'] } })
  const { source, related } = ECS.parse(JSON.parse(ecsLine(odd, 'mon1')))
  assert.equal(source?.ip, undefined)
  assert.deepEqual(related?.ip, ['10.0.0.5'])
})

const OCSF = z.looseObject({
  activity_id: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(99)]),
  category_uid: z.literal(2),
  class_uid: z.literal(2004),
  type_uid: z.number(),
  severity_id: z.number().int().min(0).max(6),
  time: z.number().int(),
  metadata: z.looseObject({ version: z.string(), product: z.looseObject({ vendor_name: z.string() }) }),
  finding_info: z.looseObject({ uid: z.string().min(1), title: z.string().min(1) }),
  evidences: z.array(z.looseObject({})).min(1),
})

test('an OCSF line is a Detection Finding that is created, updated and closed', () => {
  for (const notice of ALL) {
    const finding = OCSF.parse(JSON.parse(ocsfLine(notice, 'mon1')))
    assert.equal(finding.type_uid, 200_400 + finding.activity_id)
  }
  const ids = (['incident', 'update', 'resolve'] as const).map((kind) => {
    const { activity_id, finding_info } = OCSF.parse(JSON.parse(ocsfLine(noticeOf({ kind }), 'mon1')))
    return [activity_id, finding_info.uid]
  })
  assert.deepEqual(ids, [
    [1, '0123456789abcdef'],
    [2, '0123456789abcdef'],
    [3, '0123456789abcdef'],
  ])
})

test('a report to DShield has a line a packet in its nine fields, and none of our words', () => {
  const icmp = { ...PACKET, proto: 1, spt: -1, dpt: -1, icmpType: 8, icmpCode: 0 }
  const report = dshieldReport(
    noticeOf({ evidence: [PACKET, icmp, { ...PACKET, src: 'a\tb\nc' }] }),
    '42',
    '0.1.0',
  )
  assert.equal(report?.subject, 'FORMAT DSHIELD USERID 42 TZ +00:00 Picket Version 0.1.0')
  assert.deepEqual(report?.text.split('\n'), [
    '2026-11-23 15:32:04 +00:00\t42\t1\t203.0.113.9\t54609\t10.0.0.5\t22\tTCP\tSYN',
    '2026-11-23 15:32:04 +00:00\t42\t1\t203.0.113.9\t8\t10.0.0.5\t0\tICMP\t',
    '2026-11-23 15:32:04 +00:00\t42\t1\ta?b?c\t54609\t10.0.0.5\t22\tTCP\tSYN',
    '',
  ])
  assert.equal(dshieldReport(noticeOf({ evidence: [] }), '42', '0.1.0'), undefined)
  assert.equal(dshieldReport(OPERATIONAL, '42', '0.1.0'), undefined)
})

test('a line for the log says what would have been done', () => {
  assert.match(noticeLine(noticeOf()), /level 3 203\.0\.113\.9 .*Would have banned 203\.0\.113\.9 for 1 hour/)
  assert.match(noticeLine(noticeOf({ kind: 'resolve' })), /^resolve: /)
  assert.match(noticeLine(OPERATIONAL), /x is deaf/)
})

test('whatever a stranger writes, every line stays one line without a control character, and JSON keeps it whole', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constant(HOSTILE)), (text) => {
      const notice = noticeOf({
        incident: { reasons: [text], reporters: [text], source: text, ports: { [text]: text } },
        evidence: [{ ...PACKET, prefix: text }],
        enrichment: { reverseName: text, whois: [text] },
      })
      const lines = [
        noticeLine(notice),
        ecsLine(notice, text),
        ocsfLine(notice, text),
        cloudEvent(notice, 'mon1'),
        slackBody(notice),
        pagerdutyEvent(notice, 'k', text),
      ]
      for (const line of lines) assert.doesNotMatch(line, /[\p{C}\p{Zl}\p{Zp}]/u)
      assert.deepEqual(JSON.parse(jsonLine({ [text]: text })), JSON.parse(JSON.stringify({ [text]: text })))
    }),
  )
})

test('every channel says that a host refused a ban', () => {
  const answers = {
    ...{ hosts: 2, applied: ['db1'], failed: [], missing: [] },
    refused: [{ host: 'web1', why: 'gateway: the gateway of eth0' }],
  }
  const decision = { outcome: 'banned', subject: '203.0.113.9', seconds: 60, hosts: [], reasons: [] } as const
  const notice = noticeOf({ decision: { ...decision, answers } })
  const bodies = [
    cloudEvent(notice, 'mon1'),
    slackBody(notice),
    pagerdutyEvent(notice, 'key', 'mon1'),
    JSON.stringify(activeAlert(notice, 'mon1')),
    noticeLine(notice),
    ecsLine(notice, 'mon1'),
    ocsfLine(notice, 'mon1'),
  ]
  for (const body of bodies) {
    assert.match(body, /banned on 1 of 2 hosts|Banned 203\.0\.113\.9 for 1 minute on 1 of 2 hosts/)
    assert.match(body, /gateway: the gateway of eth0/)
  }
  assert.equal(dshieldReport(hostsNotice(notice, answers, 0), '1', '1'), undefined)
})
