/** Reading in rounds gives the packets that reading line by line gives, whatever stands between them. */
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { DEFAULT_VERDICTS } from '@picket/collector'
import type { Packet } from '@picket/schemas'
import fc from 'fast-check'
import { openInputs } from '../src/analyze/inputs.ts'
import { InputReader, type PacketSink, readInputs } from '../src/analyze/reading.ts'
import { Folder, logLine } from './picket.ts'

const folder = new Folder()
after(() => folder.remove())

interface Told {
  readonly packets: readonly unknown[]
  readonly counts: InputReader['counts']
}

/** All of each packet but where it lay in its line. */
async function read(file: string, leavesLines: boolean): Promise<Told> {
  const settings = { zone: () => 0, bootTime: Number.NaN, verdicts: DEFAULT_VERDICTS }
  const readers = openInputs([file], Date.UTC(2026, 10, 24)).map((input) => new InputReader(input, settings))
  const packets: unknown[] = []
  const packet = (packet: Packet): void => {
    const { line, body, mac, tcpOptions, ipOptions, inner, src, dst, ...rest } = packet
    packets.push({ ...rest, src: [...src], dst: [...dst] })
  }
  const sink: PacketSink = { packet, leavesLines }
  await readInputs(readers, sink, () => undefined)
  return { packets, counts: (readers[0] as InputReader).counts }
}

const second = fc.nat(59).map((at) => `15:20:${String(at).padStart(2, '0')}`)
const line = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(second, fc.nat(40)).map(([at, port]) => logLine({ at, port })) },
  second.map((at) => `Nov 23 ${at} web1 last message repeated 3 times\n`),
  fc.constantFrom('Nov 23 15:20:00 host1 sshd[1]: hello\n', '\n', `${'x'.repeat(70_000)}\n`),
)

test('in rounds and line by line a file gives the same packets', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 120 }), fc.nat(100), async (lines, copies) => {
      // Many copies carry the file over several rounds, and long lines over several chunks.
      const file = folder.file('log', lines.join('').repeat(1 + (copies % 4)))
      const [inRounds, straight] = [await read(file, true), await read(file, false)]
      assert.deepEqual(inRounds, straight)
    }),
    { numRuns: 40 },
  )
})

test('a repeat is of the packet before it, also across two rounds', async () => {
  const lines = Array.from({ length: 100 }, (_, i) => logLine({ at: '15:20:01', port: i + 1 }))
  const repeat = 'Nov 23 15:20:09 web1 last message repeated 3 times\n'
  for (const before of [1, 31, 32, 33, 64]) {
    const file = folder.file('repeat', lines.slice(0, before).join('') + repeat)
    const { packets } = await read(file, true)
    const last = packets.at(-1) as Packet
    assert.equal(last.count, 3, `${before} lines before`)
    assert.equal(last.dpt, before)
  }
})
