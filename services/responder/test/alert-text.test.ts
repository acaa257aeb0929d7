import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alertJson, alertLine } from '../src/index.ts'
import { alertOf } from './alerts.ts'

test('an alert is one line: time, level, source, kinds, counts and the first reason', () => {
  assert.equal(
    alertLine(alertOf({})),
    '2026-11-23 15:32:08Z level 3 203.0.113.9 vertical_scan, stealth_scan (120 packets, 100 contacts, 1 host, 100 ports): level 3 by 100 contacts on 1 host',
  )
})

test('text of a stranger neither ends the line, nor moves the cursor, nor turns the writing direction', () => {
  const hostile = 'x\n2026-11-23 level 5 10.0.0.1\r\u001b[2J\u001b]0;owned\u0007\u009b31m\u202e\u2028y'
  const line = alertLine(alertOf({ reasons: [hostile] }))
  assert.doesNotMatch(line, /[\p{Cc}\p{Zl}\p{Bidi_Control}]/u)
  assert.match(line, /\\x0a2026-11-23 level 5/)
})

test('colour is only added where it is asked for', () => {
  assert.ok(!alertLine(alertOf({})).includes('\x1b'))
  assert.ok(alertLine(alertOf({}), true).includes('\x1b[33mlevel 3\x1b[0m'))
})

test('as JSON an alert is one line with ISO times and the fields of an incident', () => {
  const text = alertJson(alertOf({ reasons: ['a\nb'] }))
  assert.ok(!text.includes('\n'))
  const json = JSON.parse(text)
  assert.equal(json.alert, 'fedcba9876543210')
  assert.equal(json.time, '2026-11-23T15:32:08.000Z')
  assert.equal(json.incident.firstSeen, '2026-11-23T15:32:04.000Z')
  assert.deepEqual(json.incident.reasons, ['a\nb'])
})

test('the packets that led to an alert stand in its JSON, where there are some', () => {
  const packet = {
    time: Date.UTC(2026, 10, 23),
    reporter: 'web1',
    prefix: 'DROP ',
    src: '203.0.113.9',
    dst: '10.0.0.5',
  }
  const numbers = { proto: 6, spt: 4, dpt: 22, flags: 2, icmpType: -1, icmpCode: -1, len: 60, ttl: 50 }
  const alert = { ...alertOf({}), evidence: [{ ...packet, ...numbers }] }
  const told = { ...packet, ...numbers, time: '2026-11-23T00:00:00.000Z' }
  assert.deepEqual(JSON.parse(alertJson(alert)).evidence, [told])
  assert.equal('evidence' in JSON.parse(alertJson(alertOf({}))), false)
})
