import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Packet } from '@picket/schemas'
import { MESSAGES } from '@picket/schemas/messages'
import fc from 'fast-check'
import { ByteReader } from '../src/detect/bytes/byte-reader.ts'
import { readStoredScan, ScanWriter } from '../src/detect/fleet/stored-scan.ts'
import type { Method, Scan } from '../src/detect/method.ts'
import { PicketMethod } from '../src/detect/picket/picket-method.ts'
import { PICKET_POLICY } from '../src/detect/picket/policy.ts'
import { PSAD_POLICY } from '../src/detect/psad/policy.ts'
import { PsadMethod } from '../src/detect/psad/psad-method.ts'
import { tcp, toHosts, toPorts, upTo } from './packets.ts'
import { fold, foldAll, restore, store, story } from './storing.ts'

function stateOf<S extends Scan>(method: Method<S>, scan: S): unknown {
  return {
    incident: method.incident(scan),
    reasons: method.reasons(scan),
    packed: method.pack(scan),
    tier: method.tier(scan),
    contacts: method.contacts(scan),
    lasts: method.lasts(scan),
  }
}

const disturbed = fc.tuple(story, fc.array(fc.nat(1300), { maxLength: 6 }))

const methods: [string, () => Method<Scan>][] = [
  ['picket', () => new PicketMethod() as unknown as Method<Scan>],
  ['psad', () => new PsadMethod() as unknown as Method<Scan>],
]

for (const [name, newMethod] of methods) {
  test(`a scan of policy ${name} that was stored and restored goes on as if nothing had happened`, () => {
    fc.assert(
      fc.property(disturbed, ([packets, at]) => {
        const method = newMethod()
        const undisturbed = foldAll(method, packets)
        const scan = foldAll(method, packets, new Set(at.map((i) => i % packets.length)))
        assert.deepEqual(stateOf(method, scan), stateOf(method, undisturbed))
        assert.deepEqual(store(method, scan), store(method, undisturbed))
        assert.deepEqual(store(method, restore(method, store(method, scan))), store(method, scan))
      }),
      { numRuns: name === 'picket' ? 150 : 40 },
    )
  })

  test(`bytes of policy ${name} with any one bit turned are no scan`, () => {
    const method = newMethod()
    for (const packets of [toPorts([22]), toHosts(5), toHosts(40), toPorts(upTo(300, 1))]) {
      const bytes = store(method, foldAll(method, packets))
      const step = Math.max(1, Math.floor(bytes.length / 200))
      for (let bit = 0; bit < bytes.length * 8; bit += step) {
        bytes[bit >>> 3] = (bytes[bit >>> 3] as number) ^ (1 << (bit & 7))
        assert.equal(method.restore(bytes), undefined)
        bytes[bit >>> 3] = (bytes[bit >>> 3] as number) ^ (1 << (bit & 7))
      }
      for (const end of [0, 1, 5, 20, bytes.length - 1]) {
        assert.equal(method.restore(bytes.subarray(0, end)), undefined)
      }
    }
  })
}

/** Written by the first version: whatever the code becomes, these are read. */
const GOLDEN = new URL('../../test/stored-scans-1.json', import.meta.url)

interface Golden {
  readonly name: string
  readonly bytes: string
  readonly incident: unknown
  readonly reasons: string[]
}

test('scans that were stored in format 1 are read as they were', () => {
  const method = new PicketMethod()
  const scans = JSON.parse(readFileSync(GOLDEN, 'utf8')) as Golden[]
  assert.ok(scans.length >= 6)
  for (const { name, bytes, incident, reasons } of scans) {
    const scan = restore(method, Uint8Array.from(Buffer.from(bytes, 'base64')))
    assert.deepEqual(JSON.parse(JSON.stringify(method.incident(scan))), incident, name)
    assert.deepEqual(method.reasons(scan), reasons, name)
  }
})

test('under another policy the contacts are counted anew', () => {
  const strict = new PicketMethod({
    ...PICKET_POLICY,
    evidence: { ...PICKET_POLICY.evidence, ordinary: 50 },
  })
  const packets = toHosts(5)
  const lax = new PicketMethod()
  const scan = restore(strict, store(lax, foldAll(lax, packets)))
  const [reason] = strict.reasons(scan)
  assert.match(reason ?? '', /evidence 2\.50 of 4\.50 from 5 contacts/)
})

test('a source takes few bytes while it has done little', () => {
  const method = new PicketMethod()
  const size = (packets: Packet[]): number =>
    new ScanWriter(method).write(foldAll(method, packets), 1_000_000).length
  assert.ok(size(toPorts([22])) <= 130, `${size(toPorts([22]))} bytes for one packet`)
  for (const contacts of [3, 10, 100, 190]) {
    const ports = size(toPorts(upTo(contacts, 1)))
    assert.ok(ports <= 256 + contacts * 20, `${ports} bytes for ${contacts} ports`)
    const hosts = size(toHosts(contacts))
    assert.ok(hosts <= 256 + contacts * 28, `${hosts} bytes for ${contacts} hosts`)
  }
  assert.ok(size(toPorts(upTo(10_000, 1))) <= 4096)
  assert.ok(size(toHosts(10_000)) <= 6 * 1024)
})

test('a stored scan is written byte for byte as its Avro codec would', () => {
  const method = new PicketMethod()
  for (const [packets, offset] of [
    [toPorts([22]), 0],
    [toHosts(30), 77],
    [toHosts(190), 2 ** 31],
    [toHosts(3000), 2 ** 45 + 1],
  ] as const) {
    const scan = foldAll(method, packets)
    const bytes = new ScanWriter(method).write(scan, offset)
    const state = store(method, scan)
    const plain = { offset, policy: 'picket', format: 1, state }
    assert.deepEqual(Buffer.from(bytes), Buffer.from(MESSAGES.storedScan.encode(plain)))
    const read = readStoredScan(bytes)
    assert.deepEqual(
      { ...read, state: Buffer.from(read?.state ?? []) },
      { ...plain, state: Buffer.from(state) },
    )
  }
})

test('what is no stored scan is not read as one', () => {
  const method = new PicketMethod()
  const bytes = new ScanWriter(method).write(foldAll(method, toHosts(3)), 9).slice()
  for (let end = 0; end < bytes.length; end++) assert.equal(readStoredScan(bytes.subarray(0, end)), undefined)
  assert.equal(readStoredScan(Uint8Array.of(...bytes, 0)), undefined)
  fc.assert(
    fc.property(fc.uint8Array(), (tail) => {
      readStoredScan(Uint8Array.of(...bytes.subarray(0, 10), ...tail))
      new ByteReader(tail).text()
    }),
  )
})

test('a psad scan of other CHECK_INTERVAL keeps its counts', () => {
  const method = new PsadMethod()
  const other = new PsadMethod({ ...PSAD_POLICY, CHECK_INTERVAL: 60 })
  const scan = restore(other, store(method, foldAll(method, toHosts(4))))
  assert.equal(scan.packets, 4)
})

test('a source that has sent suspects alone is stored with them', () => {
  const method = new PicketMethod()
  const packets = upTo(4).map((i) => tcp({ flags: 16, spt: 45_000, dpt: 20 + i, at: i }))
  const scan = foldAll(method, packets, new Set([2]))
  assert.deepEqual(stateOf(method, scan), stateOf(method, foldAll(method, packets)))
  fold(method, scan, tcp({ flags: 16, spt: 45_000, dpt: 30, at: 9 }))
  assert.equal(restore(method, store(method, scan)).isCorroborated, true)
})
