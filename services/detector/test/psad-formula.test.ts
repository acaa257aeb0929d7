import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Packet } from '@picket/schemas'
import fc from 'fast-check'
import { PSAD_POLICY, type PsadPolicy } from '../src/detect/psad/policy.ts'
import { literalLevel } from './psad-c2.ts'
import { run } from './psad-run.ts'
import { packetOf } from './rules-packets.ts'

/** Low rungs, so that small examples climb all of them. */
const policies: fc.Arbitrary<PsadPolicy> = fc
  .record({
    rise: fc.integer({ min: 1, max: 4 }),
    hosts: fc.integer({ min: 2, max: 4 }),
    PORT_RANGE_SCAN_THRESHOLD: fc.integer({ min: 0, max: 3 }),
    PROTOCOL_SCAN_THRESHOLD: fc.integer({ min: 2, max: 4 }),
    CHECK_INTERVAL: fc.constantFrom(1, 2, 5, 7),
    SCAN_TIMEOUT: fc.constantFrom(20, 40),
  })
  .map(({ rise, hosts, ...rest }) => ({
    ...PSAD_POLICY,
    ...rest,
    DANGER_LEVEL1: 1 + rise,
    DANGER_LEVEL2: 2 + 2 * rise,
    DANGER_LEVEL3: 3 + 3 * rise,
    DANGER_LEVEL4: 4 + 4 * rise,
    DANGER_LEVEL5: 5 + 5 * rise,
    DL1_UNIQUE_HOSTS: hosts,
    DL2_UNIQUE_HOSTS: hosts + 1,
    DL3_UNIQUE_HOSTS: hosts + 2,
    DL4_UNIQUE_HOSTS: hosts + 3,
    DL5_UNIQUE_HOSTS: hosts + 4,
  }))

interface Step {
  readonly gap: number
  readonly host: number
  readonly port: number
  readonly proto: number
  readonly count: number
}

const PORTLESS = [1, 2, 47, 50]

/** Hosts with an odd last octet are asked for ports, the even ones for protocols without: never both. */
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    gap: fc.oneof(
      { weight: 8, arbitrary: fc.integer({ min: 0, max: 2500 }) },
      { weight: 2, arbitrary: fc.constantFrom(17_000, 19_000, 20_000, 45_000) },
    ),
    host: fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 8 })),
    port: fc.constantFrom(22, 22, 22, 23, 25),
    proto: fc.nat({ max: 3 }),
    count: fc.constantFrom(1, 1, 1, 3),
  }),
  { maxLength: 60 },
)

function packetsOf(story: readonly Step[], isMixed: boolean): Packet[] {
  let time = 1_700_000_000_000
  return story.map(({ gap, host, port, proto, count }) => {
    time += gap
    const hasPorts = isMixed ? (host + proto) % 2 === 1 : host % 2 === 1
    const transport = hasPorts
      ? { proto: [6, 17, 136, 6][proto] as number, dpt: port }
      : { proto: PORTLESS[proto] as number, dpt: -1, flags: -1 }
    return packetOf({ time, dst: `10.0.0.${host}`, count, ...transport })
  })
}

/** The source's level over all its incidents, as psad never lowers it. */
function levelOf(packets: readonly Packet[], policy: PsadPolicy): number {
  return Math.max(0, ...run(packets, policy).map(({ level }) => level))
}

test('judging after every packet gives what psad finds at the end of each poll', () => {
  fc.assert(
    fc.property(steps, policies, (story, policy) => {
      const packets = packetsOf(story, false)
      assert.equal(levelOf(packets, policy), literalLevel(packets, policy))
    }),
    { numRuns: 3000 },
  )
})

test('where a host gets packets with ports and without, the level is never below psad', () => {
  fc.assert(
    fc.property(steps, policies, (story, policy) => {
      const packets = packetsOf(story, true)
      assert.ok(levelOf(packets, policy) >= literalLevel(packets, policy))
    }),
    { numRuns: 1000 },
  )
})

test('packets that come up to 5 s late change nothing in what is found', () => {
  const lateness = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 60, maxLength: 60 })
  fc.assert(
    fc.property(steps, policies, lateness, fc.boolean(), (story, policy, late, isMixed) => {
      const packets = packetsOf(story, isMixed)
      const inTime = packets.map((packet) => ({ packet, at: packet.time }))
      const delayed = packets.map((packet, i) => ({ packet, at: packet.time + (late[i] as number) }))
      const steady = steadyPackets(packets)
      assert.deepEqual(findings([...delayed, ...steady], policy), findings([...inTime, ...steady], policy))
    }),
    { numRuns: 3000 },
  )
})

interface Arrival {
  readonly packet: Packet
  readonly at: number
}

/** To another host, all the time, so that pairs begin anew within one incident. */
function steadyPackets(packets: readonly Packet[]): Arrival[] {
  const steady: Arrival[] = []
  const end = packets.at(-1)?.time ?? 0
  for (let time = packets[0]?.time ?? end; time < end; time += 6000) {
    steady.push({ packet: packetOf({ time, dst: '10.0.0.99' }), at: time })
  }
  return steady
}

function findings(arrivals: readonly Arrival[], policy: PsadPolicy): unknown {
  const packets = [...arrivals].sort((a, b) => a.at - b.at).map(({ packet }) => packet)
  return run(packets, policy).map((incident) => ({ ...incident, id: '', reasons: [] }))
}
