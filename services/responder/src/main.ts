/**
 * The responder's adapters and its process, for whoever composes one of them. The pure part is `index.ts`.
 */
export * from './adapters/alert-sink.ts'
export type { BanDesk, Outcome } from './adapters/bans/ban-desk.ts'
export type { ListedBan } from './adapters/bans/list-bans.ts'
export type { BanSettings } from './adapters/bans/response-state.ts'
export { MemoryPlanStore } from './adapters/channels/memory-plans.ts'
export { MemoryNoticeQueue } from './adapters/channels/memory-queue.ts'
export { type Desk, type DeskListener, NoticeDesk, type Taken } from './adapters/channels/notice-desk.ts'
export { openChannel } from './adapters/channels/open-channel.ts'
export type * from './adapters/channels/settings.ts'
export { StoredNotices } from './adapters/channels/stored-notices.ts'
export { Enricher } from './adapters/enrich/enricher.ts'
export type { FleetIncident } from './adapters/fleet-reader.ts'
export type { Backlog } from './adapters/lag-reader.ts'
export { RemoteSyslogSink } from './adapters/remote-syslog-sink.ts'
export { SharedValue } from './adapters/shared-value.ts'
export { StdoutSink } from './adapters/stdout-sink.ts'
export { SyslogSink } from './adapters/syslog-sink.ts'
export { BanEvents } from './ban-events.ts'
export type { ResponderSettings, ResponseSettings } from './config.ts'
export { FleetEvents, type FleetFigures, ResponderEvents } from './events.ts'
export {
  type Host,
  type HostOutside,
  HostResponder,
  type HostResponderSettings,
  type HostView,
} from './host-responder.ts'
export type { ResponseConfig, RunningResponse } from './make-response.ts'
export { NoticeEvents } from './notice-events.ts'
export { type FleetView, type Outside, Responder, startResponder } from './responder.ts'
