import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PICKET_POLICY } from '../../src/detect/picket/policy.ts'
import { LocalTogether } from '../../src/detect/together/local-together.ts'
import { DAY } from '../packets.ts'
import { contact, sharedHosts, sharedPorts, strangers, together } from './contacts.ts'

test('forty sources of one network that share the ports of a host are one incident with forty members', () => {
  const { incidents, alerts } = together(sharedPorts(40, 3))
  const [incident] = incidents
  assert.equal(incidents.length, 1)
  assert.ok(incident)
  assert.equal(incident.source, null)
  assert.equal(incident.target, '10.0.0.5')
  assert.equal(incident.prefix, '198.51.100.0/24')
  assert.equal(incident.members.length, 40)
  assert.deepEqual(incident.members.slice(0, 2), ['198.51.100.1', '198.51.100.2'])
  assert.deepEqual(incident.kinds, ['distributed_scan'])
  assert.deepEqual([incident.level, incident.contacts, incident.portCount], [3, 120, 120])
  assert.equal(incident.bannable, false)
  assert.deepEqual(
    alerts.map(({ rose, revision }) => [rose, revision]),
    [[['opened'], 1]],
  )
})

test('five sources are enough where chance would bring none, and four are not', () => {
  assert.equal(together(sharedPorts(5, 3)).incidents.length, 1)
  assert.equal(together(sharedPorts(4, 3)).incidents.length, 0)
})

test('sources of one IPv6 /48 are told apart by their /64', () => {
  const contacts = sharedPorts(40, 3).map((one, i) => {
    const net = 1 + Math.floor(i / 3)
    one.source.set([0x20010db8, 0x10000 | net, 0, i])
    return one
  })
  const [incident] = together(contacts).incidents
  assert.equal(incident?.prefix, '2001:db8:1::/48')
  assert.equal(incident.members.length, 40)
  assert.equal(incident.members[0], '2001:db8:1:1::/64')
})

test('sources that share the hosts of one port are one incident on that port', () => {
  const { incidents } = together(sharedHosts(10, 2, { port: 23 }))
  assert.deepEqual(
    incidents.map(({ target, hostCount, members }) => [target, hostCount, members.length]),
    [['tcp/23', 20, 10]],
  )
})

test('sources that touch few of the hosts of the fleet do not cover it', () => {
  const fleet = strangers(60).map((one, i) => {
    one.host[3] = (10 << 24) | (2 << 8) | i
    return one
  })
  assert.equal(together([...fleet, ...sharedHosts(10, 2, { port: 23, at: 600 })]).incidents.length, 0)
})

test('many clients of one network on one open port are no scan', () => {
  assert.equal(together(sharedPorts(200, 1).map((one) => ({ ...one, port: 6881 }))).incidents.length, 0)
})

test('sources that repeat what others did are no distributed scan', () => {
  const repeated = sharedPorts(30, 3).map((one) => ({ ...one, port: 1 + (one.port % 45) }))
  assert.equal(together(repeated).incidents.length, 0)
})

test('sources that overlap are none either, however little distinctness is asked for', () => {
  const overlapping = sharedPorts(10, 4).map((one) => ({ ...one, port: 1 + (one.port % 11) }))
  const policy = (overlapPercent: number): typeof PICKET_POLICY => {
    return { ...PICKET_POLICY, together: { ...PICKET_POLICY.together, distinctPercent: 1, overlapPercent } }
  }
  assert.equal(together(overlapping, policy(20)).incidents.length, 0)
  assert.equal(together(overlapping, policy(60)).incidents.length, 1)
})

test('a network that is busy everywhere is expected on any target', () => {
  const busy = strangers(3_000, { dst: '10.0.9.9' }).map((one, i) => {
    one.source[3] = (198 << 24) | (51 << 16) | (100 << 8) | (i & 255)
    return { ...one, port: 1 + i, rank: 1 + (i >> 8) }
  })
  const few = sharedPorts(6, 1, { at: 4_000 })
  assert.equal(together([...busy, ...few]).incidents.filter(({ target }) => target === '10.0.0.5').length, 0)
  assert.equal(together(few).incidents.length, 1)
})

test('a source with many contacts is a scanner alone and no member', () => {
  const alone = Array.from({ length: 16 }, (_, i) =>
    contact({ src: '198.51.100.77', port: 1_000 + i, rank: i + 1, at: i }),
  )
  const before = together([...alone, ...sharedPorts(8, 2, { at: 100 })])
  assert.equal(before.incidents[0]?.members.length, 8)
  const within = together([...sharedPorts(4, 2), ...alone])
  assert.equal(within.incidents.length, 0)
})

test('a story goes on while contacts come within a day, and tells when its level rises or its members double', () => {
  const first = sharedPorts(5, 1)
  const more = Array.from({ length: 6 }, (_, i) =>
    contact({ src: `198.51.100.${50 + i}`, port: 500 + i, at: 0.9 * DAY + i }),
  )
  const again = sharedPorts(5, 1, { at: 3 * DAY }).map((one) => ({ ...one, port: one.port + 700 }))
  const { incidents, alerts } = together([...first, ...more, ...again])
  assert.deepEqual(incidents.map(({ members }) => members.length).sort(), [11, 5])
  assert.deepEqual(
    alerts.map(({ rose, revision, incident }) => [rose.join(), revision, incident.level]),
    [
      ['opened', 1, 1],
      ['level', 2, 2],
      ['opened', 1, 1],
    ],
  )
  assert.equal(new Set(incidents.map(({ id }) => id)).size, 2)
})

test('contacts behind the watermark are counted and not judged', () => {
  const { local } = together([...strangers(10, { at: 2 * DAY }), ...sharedPorts(10, 2)])
  assert.equal(local.counts.late, 20)
  assert.equal(local.incidents().length, 0)
})

test('one source with a clock of its own does not make the others late', () => {
  const ahead = contact({ src: '192.0.2.1', at: 400 * DAY })
  const { local, incidents } = together([ahead, ...sharedPorts(10, 2)])
  assert.equal(local.counts.late, 0)
  assert.equal(incidents.length, 1)
})

test('memory is bounded: the least telling networks are let go and counted, a network of several stays', () => {
  const policy = { ...PICKET_POLICY, together: { ...PICKET_POLICY.together, remembered: 1_000 } }
  const slow = [0, 1, 2, 3].flatMap((i) => sharedPorts(1, 1, { src: `198.51.100.${i}`, at: i, port: 50 + i }))
  const last = sharedPorts(1, 1, { src: '198.51.100.9', at: 40_000 })
  const distinct = slow.map((one, i) => ({ ...one, port: 60 + i }))
  const { local, incidents } = together(
    [...distinct, ...strangers(20_000, { at: 10, dst: '10.0.7.7' }), ...last],
    policy,
  )
  assert.ok(local.remembered <= 1_500)
  assert.ok(local.counts.evicted > 15_000)
  assert.equal(incidents[0]?.members.length, 5)
})

test('what survives a restart goes on exactly where it stood', () => {
  const contacts = [
    ...strangers(50, { dst: '10.0.7.7' }),
    ...sharedPorts(20, 3),
    ...sharedHosts(8, 2, { at: 400 }),
  ]
  const whole = together([...contacts, ...strangers(20, { at: 1_000, dst: '10.0.8.8' })])
  for (const at of [1, 30, 60, 100]) {
    const first = new LocalTogether({ policy: PICKET_POLICY })
    for (const one of contacts.slice(0, at)) first.onContact(one)
    const second = new LocalTogether({ policy: PICKET_POLICY })
    second.restore(structuredClone(first.capture()))
    for (const one of contacts.slice(at)) second.onContact(one)
    for (const one of strangers(20, { at: 1_000, dst: '10.0.8.8' })) second.onContact(one)
    second.flush()
    assert.deepEqual(second.incidents(), whole.incidents)
    assert.deepEqual(second.counts, whole.local.counts)
  }
})

test('a source whose contacts are told of again is no better for it', () => {
  const twice = [...sharedPorts(4, 1), ...sharedPorts(4, 1, { at: 600 }), ...sharedPorts(5, 1, { at: 1_200 })]
  const { incidents } = together(twice)
  assert.deepEqual(
    incidents.map(({ contacts, members }) => [contacts, members.length]),
    [[5, 5]],
  )
})
