/** The pure part of the collector: lines to packets, and one packet logged twice to one. */

export { Duplicates } from './fold/duplicates.ts'
export { macText } from './parse/body/hardware-address.ts'
export { describePacket } from './parse/describe/describe.ts'
export { decodeIpOptions, decodeTcpOptions, type PacketOption } from './parse/describe/options.ts'
export type { NetworkJson, PacketJson } from './parse/describe/packet-json.ts'
export type { ZoneOffset } from './parse/envelope/local-time.ts'
export * from './parse/line-parser.ts'
export * from './parse/line-splitter.ts'
export { type Outcome, UNPARSED_REASONS, type UnparsedReason } from './parse/outcome.ts'
export { DEFAULT_VERDICTS, type VerdictMap } from './parse/verdict-words.ts'
