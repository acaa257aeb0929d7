/** What `picket dev` says, on standard error: standard output is the alerts'. */
import { existsSync } from 'node:fs'
import { safeText } from '@picket/schemas'
import { plural } from '../terminal/words.ts'
import { DEV_SERVICES, metricsUrl } from './settings.ts'

export interface Guidance {
  readonly folder: string
  readonly config: string
  readonly metricsPort: number
  readonly log: string
  readonly isKept: boolean
}

export function step(what: string): void {
  say(`picket dev: ${what}`)
}

export function jarsAreFetched(jars: string): void {
  step(`fetching Kafka by maven into ${jars}, once (45 MB)…`)
}

export function replayed(lines: number): void {
  step(`the recorded scan is over (${plural(lines, 'line')}); the fleet runs on until Ctrl-C`)
}

export function ending(): void {
  step('ending…')
}

export function gone(): void {
  step('everything has ended')
}

export function guidance({ folder, config, metricsPort, log, isKept }: Guidance): void {
  // From a checkout the command is not on the PATH.
  const name = existsSync('./picket') ? './picket' : 'picket'
  const metrics = [...DEV_SERVICES]
    .reverse()
    .map((service) => `  ${service.padEnd(9)} ${metricsUrl(metricsPort, service)}`)
  say(`
Ask it:     ${name} status --config ${config}
Ban:        ${name} bans enable --config ${config}
            ${name} ban 203.0.113.10 --for 10m --config ${config}
            ${name} bans --config ${config}
            The enforcer is a dry run: this machine's firewall is not touched.
Log:        ${log}
Logs:       ${folder}/{collector,enforcer,detector,responder}.log
Folder:     ${folder}${isKept ? ' (kept)' : ' (removed at the end)'}
Metrics:
${metrics.join('\n')}

Alerts as they come; Ctrl-C ends all.
`)
}

function say(text: string): void {
  const safe = text.split('\n').map((line) => safeText(line, 2_000))
  process.stderr.write(`${safe.join('\n')}\n`)
}
