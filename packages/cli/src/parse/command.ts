/**
 * `picket parse`: every line of the inputs as what it says, in the order of the lines.
 *
 * Nothing is left out here, neither repeats nor lines of other programs: it shows what the parser
 * makes of a log. Output waits for its reader (back-pressure), chunk by chunk.
 */
import { DEFAULT_VERDICTS, describePacket, LineParser, LineSplitter } from '@picket/collector'
import { newPacket } from '@picket/schemas'
import { type Input, openInputs } from '../analyze/inputs.ts'
import { readSettings } from '../analyze/read-settings.ts'
import type { ReadSettings } from '../analyze/reading.ts'
import type { ParseFlags } from '../commands/parse.ts'
import { writeAll } from '../terminal/write.ts'
import { zoneNamed } from '../zone.ts'
import { type LineForm, printPacketLine } from './packet-line.ts'

export async function runParse(files: readonly string[], flags: ParseFlags): Promise<void> {
  const zone = zoneNamed(flags.tz)
  const settings = readSettings(flags, zone, DEFAULT_VERDICTS)
  const form = flags.json === true ? JSON_FORM : printPacketLine(zone)
  for (const input of openInputs(files, Date.now())) await parseInput(input, settings, form)
}

const JSON_FORM: LineForm = {
  packet: (packet) => JSON.stringify(describePacket(packet)),
  unparsed: (reason) => JSON.stringify({ unparsed: reason }),
}

async function parseInput(input: Input, settings: ReadSettings, form: LineForm): Promise<void> {
  const parser = new LineParser({ ...settings, reference: input.modified })
  const splitter = new LineSplitter()
  const packet = newPacket()
  packet.input = input.number
  let pending: string[] = []
  const onLine = (bytes: Uint8Array, start: number, end: number, offset: number): void => {
    const outcome = parser.parse(bytes, start, end, packet)
    packet.offset = offset
    pending.push(
      outcome === 'packet' ? form.packet(packet) : form.unparsed(outcome, bytes.subarray(start, end)),
    )
  }
  const flush = async (): Promise<void> => {
    if (pending.length > 0) await writeAll(process.stdout, `${pending.join('\n')}\n`)
    pending = []
  }
  for await (const chunk of input.chunks()) {
    splitter.feed(chunk, onLine)
    await flush()
  }
  splitter.flush(onLine)
  await flush()
  if (input.fault !== '') process.stderr.write(`picket: ${input.name}: ${input.fault}\n`)
}
