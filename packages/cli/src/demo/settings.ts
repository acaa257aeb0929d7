/** What the demo's guard is told: one log file, the default policy, everything in one folder. */
import { join } from 'node:path'
import { NO_RULES, PicketMethod } from '@picket/detector'
import type { RunSettings } from '../run/settings.ts'

export function demoSettings(folder: string, tellAlerts: boolean): RunSettings {
  return {
    sources: [{ type: 'file', name: 'demo', path: join(folder, 'kern.log'), from: 'start' }],
    policy: new PicketMethod(),
    rules: NO_RULES,
    memory: { sources: 10_000 },
    zone: 'UTC',
    state: join(folder, 'state'),
    control: join(folder, 'control.sock'),
    alerts: { stdout: tellAlerts, format: 'text', syslog: false },
    log: { level: 'error', format: 'auto' },
  }
}
