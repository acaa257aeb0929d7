/** One packet that several rules logged counts once; two packets never count as one. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { newPacket, type Packet, setV4, type Verdict } from '@picket/schemas'
import { Duplicates } from '../../src/index.ts'

function packetOf(fields: Partial<Packet>): Packet {
  const packet = Object.assign(
    newPacket(),
    { time: 1_000, proto: 6, spt: 1, dpt: 2, id: 7, len: 44, reporter: 'a' },
    fields,
  )
  setV4(packet.src, 0x01020304)
  setV4(packet.dst, 0x05060708)
  return packet
}

const line = (prefix: string, verdict: Verdict, fields: Partial<Packet> = {}) =>
  packetOf({ prefix, verdict, ...fields })
const repeats = (packets: readonly Packet[]) => {
  const duplicates = new Duplicates()
  return packets.map((packet) => duplicates.isRepeat(packet))
}

describe('a packet with an id of its own', () => {
  test('that is logged again within a second is a repeat, whatever the prefix', () => {
    assert.deepEqual(repeats([line('A ', 'drop'), line('A ', 'drop'), line('B ', 'drop', { time: 2_000 })]), [
      false,
      true,
      true,
    ])
  })

  test('is another packet more than a second later', () => {
    assert.deepEqual(repeats([line('A ', 'drop'), line('A ', 'drop', { time: 2_001 })]), [false, false])
  })

  test('is another packet when anything that identifies it differs', () => {
    const differences: readonly Partial<Packet>[] = [
      { id: 8 },
      { spt: 9 },
      { dpt: 9 },
      { seq: 9 },
      { len: 9 },
      { proto: 17 },
      { icmpId: 9 },
      { icmpSeq: 9 },
      { fragmentOffset: 9 },
      { flags: 4 },
      { reporter: 'b' },
    ]
    for (const difference of differences) {
      assert.deepEqual(
        repeats([line('A ', 'drop'), line('B ', 'drop', difference)]),
        [false, false],
        JSON.stringify(difference),
      )
    }
  })

  test('is told by its whole sequence number', () => {
    assert.deepEqual(repeats([line('A ', 'drop', { seq: 1 }), line('A ', 'drop', { seq: 0x80000001 })]), [
      false,
      false,
    ])
  })
})

describe('a packet without an id of its own', () => {
  for (const id of [0, -1]) {
    test(`is a repeat only under another prefix (id ${id})`, () => {
      const packets = [line('A ', 'drop', { id }), line('B ', 'drop', { id }), line('A ', 'drop', { id })]
      assert.deepEqual(repeats(packets), [false, true, false])
    })
  }
})

test('a packet is told of again only where a refusal follows the line of a rule that let it pass', () => {
  const duplicates = new Duplicates()
  const again = (packet: Packet): boolean | undefined =>
    duplicates.isRepeat(packet) ? undefined : packet.again
  assert.equal(again(line('[UFW AUDIT] ', 'audit')), false)
  assert.equal(again(line('[UFW BLOCK] ', 'drop')), true)
  assert.equal(again(line('[UFW BLOCK] ', 'drop')), undefined)
  assert.equal(again(line('[UFW BLOCK] ', 'drop', { id: 8, again: true })), false)
})

describe('a refusal', () => {
  test('is not hidden by the audit or accept line of the same packet', () => {
    const ufw = [
      line('[UFW AUDIT] ', 'audit'),
      line('[UFW AUDIT INVALID] ', 'audit'),
      line('[UFW BLOCK] ', 'drop'),
    ]
    assert.deepEqual(repeats(ufw), [false, true, false])
    assert.deepEqual(repeats([line('A ', 'accept'), line('B ', 'reject'), line('C ', 'drop')]), [
      false,
      false,
      true,
    ])
  })

  test('hides the weaker line that follows', () => {
    assert.deepEqual(repeats([line('B ', 'drop'), line('A ', 'audit')]), [false, true])
  })

  test('of a packet that was sent again counts again', () => {
    const sent = () => [line('A ', 'audit', { id: 0 }), line('B ', 'drop', { id: 0 })]
    const found = repeats([...sent(), ...sent()])
    assert.deepEqual([found[1], found[3]], [false, false])
  })
})

describe('a line of unknown verdict', () => {
  test('may be the refusal already, and hides its like', () => {
    assert.deepEqual(repeats([line('IN-WEB ', 'unknown'), line('DROP ', 'drop')]), [false, true])
    assert.deepEqual(repeats([line('A ', 'audit'), line('B ', 'accept')]), [false, true])
  })
})

describe('lines without a time', () => {
  test('are repeats of the same packet', () => {
    const time = Number.NaN
    assert.deepEqual(repeats([line('A ', 'drop', { time }), line('B ', 'drop', { time })]), [false, true])
  })
})
