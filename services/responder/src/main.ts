/**
 * The responder's adapters, for whoever composes a process of them. The pure part is `index.ts`.
 */
export * from './adapters/alert-sink.ts'
export { RemoteSyslogSink } from './adapters/remote-syslog-sink.ts'
export { StdoutSink } from './adapters/stdout-sink.ts'
export { SyslogSink } from './adapters/syslog-sink.ts'
export { ResponderEvents } from './events.ts'
