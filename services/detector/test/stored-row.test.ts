import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Packet, sourceKey } from '@picket/schemas'
import fc from 'fast-check'
import { checksum, viewOf } from '../src/detect/bytes/byte-writer.ts'
import type { Scan } from '../src/detect/method.ts'
import { CONTACT_WORDS, MARKS, slotsEnd, slotsOf } from '../src/detect/picket/contact-table.ts'
import { PicketMethod } from '../src/detect/picket/picket-method.ts'
import type { PicketScan } from '../src/detect/picket/picket-scan.ts'
import { AT, FEW, FLAG, HOSTS_AT } from '../src/detect/picket/scan-row.ts'
import { addressOf } from '../src/detect/scan.ts'
import { toHosts } from './packets.ts'
import { fold, foldAll, store, storyOver } from './storing.ts'

/** With the checksum made right again, as somebody would who wants to do harm. */
function forge(bytes: Uint8Array, changes: readonly [number, number][]): Uint8Array {
  const forged = bytes.slice()
  for (const [at, value] of changes) forged[5 + (at % (forged.length - 5))] = value
  viewOf(forged).setInt32(1, checksum(forged, viewOf(forged), 5, forged.length), true)
  return forged
}

function keyOf(scan: Scan): string {
  return sourceKey(addressOf(scan))
}

test('forged bytes are refused, or a scan that harms nobody', () => {
  const change = fc.tuple(fc.nat(), fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 255)))
  const changed = fc.array(change, { minLength: 1, maxLength: 8 })
  const cases = fc.boolean().chain((isWide) => fc.tuple(storyOver(isWide), changed, storyOver(isWide)))
  fc.assert(
    fc.property(cases, ([packets, changes, later]) => {
      const method = new PicketMethod()
      const bystander = foldAll(method, toHosts(3))
      const before = method.pack(bystander)
      const scan = method.restore(forge(store(method, foldAll(method, packets)), changes))
      // FleetFold asks whose scan it is.
      if (scan === undefined || keyOf(scan) !== sourceKey((packets[0] as Packet).src)) return
      for (const packet of later) fold(method, scan, packet)
      method.incident(scan)
      method.reasons(scan)
      method.restore(store(method, scan))
      assert.deepEqual(method.pack(bystander), before)
    }),
    { numRuns: 250 },
  )
})

/** Each would lead out of the row, or keep a search from ending. */
const HARM: [string, (scan: PicketScan) => void][] = [
  ['a level that does not exist', (scan) => set(scan, AT.level, 6)],
  [
    'a host of another family',
    (scan) => set(scan, AT.flags, (scan.words[scan.base + AT.flags] as number) ^ FLAG.wide),
  ],
  ['more contacts than there are', (scan) => set(scan, FEW.contacts, 12)],
  ['more hosts than have room', (scan) => set(scan, FEW.hosts, 25)],
  ['another place for the contacts', (scan) => set(scan, FEW.slotsAt, 60)],
  ['fewer slots than the row has', (scan) => set(scan, FEW.slots, 13)],
  ['room for hosts that reaches over the contacts', (scan) => set(scan, FEW.hostRoom, 60)],
  ['a contact of a host that is not there', (scan) => setContact(scan, 0, (11 << 24) | 22)],
  ['an index that names a host that is not there', (scan) => set(scan, HOSTS_AT + 2 * 24, 0x0c0c0c0c)],
  ['contacts in all slots', fillSlots],
]

function set(scan: PicketScan, word: number, value: number): void {
  scan.words[scan.base + word] = value
}

function setContact(scan: PicketScan, slot: number, key: number): void {
  for (let at = slotsOf(scan) + slot * CONTACT_WORDS; ; at += CONTACT_WORDS) {
    if (scan.words[at + MARKS] === 0) continue
    scan.words[at] = key
    return
  }
}

function fillSlots(scan: PicketScan): void {
  for (let at = slotsOf(scan); at < slotsEnd(scan); at += CONTACT_WORDS) scan.words[at + MARKS] = 1
  set(scan, FEW.contacts, scan.words[scan.base + FEW.slots] as number)
}

test('a row that would harm its reader is refused', () => {
  const method = new PicketMethod()
  for (const [what, harm] of HARM) {
    const scan = foldAll(method, toHosts(11))
    assert.ok(method.restore(store(method, scan)))
    harm(scan)
    assert.equal(method.restore(store(method, scan)), undefined, what)
  }
})
