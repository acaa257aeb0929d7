/**
 * Usual lines are read straight on, and must read as the general scanner reads them. That one reads a line alone in its
 * array, behind which there is no room to read on; so both see the same line.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { newPacket, type Packet } from '@picket/schemas'
import fc from 'fast-check'
import { BodyScanner } from '../../src/parse/body/scan-body.ts'
import { UsualScanner } from '../../src/parse/body/scan-usual.ts'
import { bytesOf } from './reading.ts'

const ROOM = 160

/** What a body gives when `behind` stands after its end: all of the packet, or the refusal. */
function told(body: string, behind: string): unknown {
  const bytes = bytesOf(body + behind, 'latin1')
  const packet = newPacket()
  const outcome = new BodyScanner().scanPacket(bytes, 0, body.length, packet)
  return outcome < 0 ? outcome : { ...packet, src: [...packet.src], dst: [...packet.dst] }
}

const number = fc.oneof(
  fc.nat(300),
  fc.nat(70_000),
  fc.constantFrom('0', '00', '012', '255', '256', '65535', '65536', '99999', '100000', '4294967295', ''),
)
const wide = fc.oneof(
  fc.nat(0xffffffff),
  fc.constantFrom('0', '4294967296', '9999999999', '00000000001', '12345'),
)
const address = fc.tuple(number, number, number, number).map((parts) => parts.join('.'))
const usualAddress = fc.ipV4()
const octet = fc.constantFrom('0x00', '0x1F', '0xg0', '00', '0x100', '0x0')
const flags = fc.subarray(['CWR ', 'ECE ', 'URG ', 'ACK ', 'PSH ', 'RST ', 'SYN ', 'FIN '])

/** A line of the usual form; now and then with a value that it cannot have. */
const line = fc
  .record({
    src: fc.oneof({ weight: 9, arbitrary: usualAddress }, address),
    dst: fc.oneof({ weight: 9, arbitrary: usualAddress }, address),
    len: fc.oneof({ weight: 9, arbitrary: fc.nat(1500) }, number),
    tos: fc.oneof({ weight: 9, arbitrary: fc.constant('0x00') }, octet),
    ttl: fc.oneof({ weight: 9, arbitrary: fc.nat(255) }, number),
    id: fc.oneof({ weight: 9, arbitrary: fc.nat(65_535) }, number),
    bits: fc.constantFrom('', 'DF ', 'DF ', 'MF ', 'CE DF '),
    spt: fc.oneof({ weight: 9, arbitrary: fc.nat(65_535) }, number),
    dpt: fc.oneof({ weight: 9, arbitrary: fc.nat(65_535) }, number),
    tail: fc.oneof(
      fc.tuple(fc.boolean(), wide, wide, number, octet, flags, number, fc.boolean()),
      fc.tuple(number),
    ),
    last: fc.constantFrom(' ', ' ', '', '  ', ' MARK=0x1 '),
  })
  .map(({ src, dst, len, tos, ttl, id, bits, spt, dpt, tail, last }) => {
    const ports = `SPT=${spt} DPT=${dpt}`
    const ip = `SRC=${src} DST=${dst} LEN=${len} TOS=${tos} PREC=0x00 TTL=${ttl} ID=${id} ${bits}PROTO=`
    if (tail.length === 1) return `${ip}UDP ${ports} LEN=${tail[0]}${last}`
    const [asked, seq, ack, window, res, set, urgent, hasOptions] = tail
    const sequence = asked ? `SEQ=${seq} ACK=${ack} ` : ''
    const options = hasOptions ? ' OPT (020405B40402080A)' : ''
    return `${ip}TCP ${ports} ${sequence}WINDOW=${window} RES=${res} ${set.join('')}URGP=${urgent}${options}${last}`
  })

const change = fc.record({
  at: fc.nat(250),
  how: fc.constantFrom('cut', 'drop', 'put', 'set', 'none', 'none'),
  letter: fc.constantFrom(...' .=0123456789xSRCDTOIN()['),
})

function changed(
  text: string,
  { at, how, letter }: { at: number; how: string; letter: string },
): [string, string] {
  if (how === 'none' || at >= text.length) return [text, '']
  if (how === 'cut') return [text.slice(0, at), text.slice(at)]
  const behind = how === 'put' ? at : at + 1
  return [text.slice(0, at) + (how === 'drop' ? '' : letter) + text.slice(behind), '']
}

test('a line reads the same with room behind it and without, whatever is wrong with it', () => {
  fc.assert(
    fc.property(line, change, fc.constantFrom('\n', '\0', ' ', '7', 'OPT ('), (text, how, filler) => {
      const [body, cutOff] = changed(text, how)
      assert.deepEqual(told(body, cutOff + filler.repeat(ROOM)), told(body, ''))
    }),
    { numRuns: 20_000 },
  )
})

const TCP =
  'SRC=198.51.100.9 DST=10.77.0.17 LEN=44 TOS=0x00 PREC=0x00 TTL=48 ID=41470 DF PROTO=TCP SPT=58665 DPT=25 '

test('what the kernel mostly writes is a usual line', () => {
  const usual = [
    `${TCP}WINDOW=1024 RES=0x00 SYN URGP=0 `,
    `${TCP}WINDOW=1024 RES=0x00 SYN URGP=0`,
    `${TCP}SEQ=4294967295 ACK=0 WINDOW=0 RES=0x00 CWR ECE SYN URGP=0 OPT (020405B4) `,
    `${TCP.replace('DF PROTO=TCP', 'PROTO=UDP')}LEN=24 `,
  ]
  for (const body of usual) {
    const packet: Packet = newPacket()
    const bytes = bytesOf(body + '\n'.repeat(ROOM), 'latin1')
    assert.equal(new UsualScanner().scan(bytes, 0, body.length, packet), true, body)
    assert.equal(packet.dpt, 25)
  }
})
