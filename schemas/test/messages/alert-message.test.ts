import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ALERT_PARTS, type Alert, KINDS } from '../../src/index.ts'
import { type AlertMessage, alertMessage, alertOf, MESSAGES } from '../../src/messages/index.ts'
import { anyOf } from './samples.ts'

/** Whatever the schema allows, with the words and levels that there are. */
const anyMessage = fc
  .tuple(
    anyOf(JSON.parse(MESSAGES.alert.schema)),
    fc.subarray([...KINDS]),
    fc.subarray([...ALERT_PARTS]),
    fc.integer({ min: 0, max: 5 }),
  )
  .map(([value, kinds, rose, level]) => {
    const message = value as AlertMessage
    return { ...message, rose, incident: { ...message.incident, kinds, level } }
  })

function through(message: AlertMessage): AlertMessage {
  const decoded = MESSAGES.alert.decode(MESSAGES.alert.encode(message))
  assert.ok(decoded.ok)
  return decoded.value
}

function someMessage(): AlertMessage {
  return fc.sample(anyMessage, 1)[0] as AlertMessage
}

test('an alert that is sent is the alert that arrives', () => {
  fc.assert(
    fc.property(anyMessage, (message) => {
      const alert: Alert = alertOf(message)
      assert.deepStrictEqual(alertOf(through(alertMessage(alert, message.logged))), alert)
      assert.equal(through(alertMessage(alert, message.logged)).logged, message.logged)
    }),
    { numRuns: 50 },
  )
})

test('an alert without evidence arrives without it', () => {
  const message = someMessage()
  const alert = alertOf({ ...message, evidence: [] })
  assert.equal('evidence' in alert, false)
  assert.deepEqual(alertMessage(alert).evidence, [])
})

test('what a newer detector says and this release does not know is left out', () => {
  const message = someMessage()
  const incident = { ...message.incident, kinds: ['flood', 'telepathy'], level: 9 }
  const alert = alertOf({ ...message, rose: ['mood', 'level'], incident })
  assert.deepEqual(alert.incident.kinds, ['flood'])
  assert.equal(alert.incident.level, 5)
  assert.deepEqual(alert.rose, ['level'])
})
