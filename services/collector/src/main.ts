/**
 * The collector's adapters, for whoever composes a process of them: everything of this service that
 * touches the outside. The pure part is `index.ts`.
 */
import { JournalSource } from './adapters/journal.ts'
import { KmsgSource } from './adapters/kmsg.ts'
import { LineSocketSource } from './adapters/line-socket.ts'
import type { LogSource } from './adapters/log-source.ts'
import { StdinSource } from './adapters/stdin.ts'
import { TailSource } from './adapters/tail.ts'
import type { SourceSettings } from './config.ts'
import type { CollectorEvents } from './events.ts'

export * from './adapters/log-source.ts'
export * from './config.ts'
export { CollectorEvents, type LineCounts } from './events.ts'

/** The source that the settings describe, not yet started. */
export function makeSource(settings: SourceSettings, events: CollectorEvents): LogSource {
  const { name } = settings
  switch (settings.type) {
    case 'file':
      return new TailSource({ name, path: settings.path, from: settings.from ?? 'end' }, events)
    case 'journal':
      return new JournalSource({ name, command: settings.command ?? ['journalctl'] }, events)
    case 'kmsg':
      return new KmsgSource({ name, path: settings.path ?? '/dev/kmsg' }, events)
    case 'socket':
      return new LineSocketSource({ name, path: settings.path }, events)
    case 'stdin':
      return new StdinSource(name, process.stdin, events)
  }
}
