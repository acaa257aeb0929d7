/**
 * Make source: from settings to the adapter that they name.
 */
import type { SourceSettings } from '../config.ts'
import type { CollectorEvents } from '../events.ts'
import { JournalSource } from './journal.ts'
import { KmsgSource } from './kmsg.ts'
import { LineSocketSource } from './line-socket.ts'
import type { LogSource } from './log-source.ts'
import { StdinSource } from './stdin.ts'
import { TailSource } from './tail.ts'

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
