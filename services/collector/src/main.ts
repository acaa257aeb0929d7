/**
 * The collector's adapters, for whoever composes a process of them: everything of this service that
 * touches the outside. The pure part is `index.ts`.
 */
export { headOf, type InputHead } from './adapters/input-head.ts'
export { LineReader, type OnPacket, type ReadOptions } from './adapters/line-reader.ts'
export * from './adapters/log-source.ts'
export { makeSource } from './adapters/make-source.ts'
export type { Recent } from './adapters/recent-lines.ts'
export { type OnChunk, RunningSources } from './adapters/running-sources.ts'
export * from './config.ts'
export { CollectorEvents, type LineCounts } from './events.ts'
