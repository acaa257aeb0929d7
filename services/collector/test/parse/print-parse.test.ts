/** What the kernel prints for a packet is read as that packet. */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { NetworkJson, PacketJson } from '../../src/index.ts'
import { printBody, printed } from './print-line.ts'
import { Reader } from './reading.ts'

/** Without what the reader adds to the fields: names for octets, and what the envelope says. */
function fieldsOf(json: PacketJson): object {
  const { time, reporter, prefix, verdict, inner, ...rest } = json
  return { ...plain(rest), ...(inner === undefined ? {} : { inner: plain(inner) }) }
}

function plain<T extends Partial<NetworkJson>>(json: T): Partial<T> {
  const { tcpOptionList, ipOptionList, extensions, ...rest } = json
  return rest as Partial<T>
}

/** Does not open with a bracket (a kernel stamp), nor with what rsyslog writes around repeats. */
function isPlain(prefix: string): boolean {
  return !/^(\[|last |message )/.test(prefix) && !prefix.includes('\0')
}

describe('printing, then parsing', () => {
  test('gives the packet back, for every packet that the kernel can print', () => {
    const reader = new Reader()
    fc.assert(
      fc.property(printed, (packet) => {
        assert.deepEqual(fieldsOf(reader.read(`DROP ${printBody(packet)}`)), packet.json)
      }),
      { numRuns: 3_000 },
    )
  })

  test('keeps every prefix as it was written', () => {
    const reader = new Reader()
    const letters = fc.string({ unit: 'grapheme', maxLength: 30 })
    const prefixes = letters.filter((prefix) => isPlain(prefix) && !/IN=\S* OUT=/.test(prefix))
    fc.assert(
      fc.property(prefixes, printed, (prefix, packet) => {
        const line = `Nov 23 15:22:05 host1 kernel: [  884.320171] ${prefix}${printBody(packet)}`
        const json = reader.read(line)
        assert.equal(json.prefix, prefix)
        assert.deepEqual(fieldsOf(json), packet.json)
      }),
    )
  })
})
