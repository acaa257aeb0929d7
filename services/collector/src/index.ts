/** The pure part of the collector: lines to packets, and one packet logged twice to one. */

export { Duplicates } from './fold/duplicates.ts'
export { describePacket } from './parse/describe.ts'
export { macText } from './parse/hardware-address.ts'
export * from './parse/line-parser.ts'
export * from './parse/line-splitter.ts'
export type { ZoneOffset } from './parse/local-time.ts'
export { decodeIpOptions, decodeTcpOptions, type PacketOption } from './parse/options.ts'
export { type Outcome, UNPARSED_REASONS, type UnparsedReason } from './parse/outcome.ts'
export type { NetworkJson, PacketJson } from './parse/packet-json.ts'
export { DEFAULT_VERDICTS, type VerdictMap } from './parse/verdict-words.ts'
