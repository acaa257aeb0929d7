export { isRetryable, type Persistence, pause, withBackoff, within } from './back-off.ts'
export * from './bytes.ts'
export { askRemoteControl, type RemotePlace } from './control/ask-remote.ts'
export {
  type ControlCaller,
  ControlError,
  type ControlHandler,
  type ControlRequest,
} from './control/protocol.ts'
export * from './control/serve-remote.ts'
export * from './control/tokens.ts'
export * from './control-socket.ts'
export * from './durable/crc32.ts'
export { FolderLockedError, lockFolder } from './durable/folder-lock.ts'
export { appendFrame, cutBack, FRAME_HEADER_BYTES, type FramesEnd, readFrames } from './durable/frames.ts'
export * from './durable/headed-record.ts'
export type { Recovered } from './durable/recovery.ts'
export { readSnapshot, type SnapshotRead, syncFolder, writeSnapshot } from './durable/snapshot-file.ts'
export { type CheckpointTaken, StateFolder } from './durable/state-folder.ts'
export * from './failpoint.ts'
export * from './health-server.ts'
export { type Logger, type LogSettings, type LogStream, makeLogger } from './logger.ts'
export * from './metrics.ts'
export * from './queue/acl.ts'
export type {
  KafkaSaslSettings,
  KafkaSettings,
  KafkaTlsSettings,
  QueueLog,
} from './queue/kafka/settings.ts'
export { MemoryQueue, type MemoryQueueOptions } from './queue/memory-queue.ts'
export * from './queue/queue.ts'
export * from './queue/topics.ts'
export { JournalledStore } from './store/journalled-store.ts'
export * from './store/memory-store.ts'
export { openStore } from './store/open-store.ts'
export * from './store/partition-store.ts'
export * from './store/redis-settings.ts'
