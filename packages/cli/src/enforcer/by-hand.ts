/**
 * What is done to this host's firewall by hand, beside a running enforcer or without one: list, lift all, resume.
 *
 * Breaking the glass must work when all else is broken: no broker, and a configuration that is refused is passed over.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import {
  candidates,
  HOLD_FILE,
  type KernelBans,
  type KernelElement,
  makeTool,
} from '@picket/collector/enforcer'
import { safeText } from '@picket/schemas'
import type { EnforcerFlags } from '../commands/enforcer.ts'
import { ENFORCER, type EnforcerConfig } from '../config/enforcer-schema.ts'
import { findConfig, loadConfig } from '../config/load.ts'
import { EXIT } from '../failures.ts'
import { firewallOf } from './firewall.ts'

export async function runByHand(flags: EnforcerFlags): Promise<number> {
  const config = await configOrDefaults(flags)
  if (flags.liftAll === true) return liftAll(config)
  if (flags.resume === true) return resume(config)
  return list(config, flags.json === true)
}

async function configOrDefaults(flags: EnforcerFlags): Promise<EnforcerConfig> {
  try {
    return (await loadConfig(findConfig(flags.config, process.env))).config.enforcer
  } catch (error) {
    say(`the configuration is passed over: ${(error as Error).message}`)
    return ENFORCER.parse({})
  }
}

/** Whatever may ever have banned here. */
function firewalls(config: EnforcerConfig): KernelBans[] {
  const tool = makeTool()
  const found = candidates({ type: 'auto' }, tool)
  return config.firewall === 'script' ? [...found, ...candidates(firewallOf(config), tool)] : found
}

async function liftAll(config: EnforcerConfig): Promise<number> {
  const held = await whatIsHeld(config)
  const isHeld = hold(config.state)
  let failures = isHeld ? 0 : 1
  for (const { kernel, bans } of held) {
    try {
      await kernel.liftAll()
      process.stdout.write(`${kernel.name}: ${bans} bans lifted\n`)
    } catch (error) {
      failures++
      say(`${kernel.name}: ${(error as Error).message}`)
    }
  }
  if (isHeld) process.stdout.write('nothing is banned on this host until: picket enforcer --resume\n')
  return failures === 0 ? EXIT.well : EXIT.internal
}

/** Asked before anybody is told to hold: a running enforcer lifts, too. */
async function whatIsHeld(
  config: EnforcerConfig,
): Promise<{ readonly kernel: KernelBans; readonly bans: number }[]> {
  const held: { kernel: KernelBans; bans: number }[] = []
  for (const kernel of firewalls(config)) {
    const probed = await kernel.probe()
    if (probed.usable)
      held.push({
        kernel,
        bans: await kernel.list().then(
          ({ length }) => length,
          () => 0,
        ),
      })
    else say(`${kernel.name}: not used here (${probed.why})`)
  }
  return held
}

/** A running enforcer sees it within a second; else it would put all back. */
function hold(state: string): boolean {
  try {
    mkdirSync(state, { recursive: true, mode: 0o700 })
    writeFileSync(`${state}/${HOLD_FILE}`, `${new Date().toISOString()}\n`)
    return true
  } catch (error) {
    say(`a running enforcer puts the bans back, end it first: ${(error as Error).message}`)
    return false
  }
}

function resume(config: EnforcerConfig): number {
  rmSync(`${config.state}/${HOLD_FILE}`, { force: true })
  process.stdout.write('a running enforcer bans again within a second\n')
  return EXIT.well
}

async function list(config: EnforcerConfig, json: boolean): Promise<number> {
  const rows: (KernelElement & { readonly firewall: string })[] = []
  for (const kernel of firewalls(config)) {
    if (!(await kernel.probe()).usable) continue
    for (const element of await kernel.list()) rows.push({ ...element, firewall: kernel.name })
  }
  rows.sort((a, b) => a.seconds - b.seconds)
  if (json) process.stdout.write(`${JSON.stringify(rows.map(finite), null, 2)}\n`)
  else
    for (const row of rows)
      process.stdout.write(`${row.subject.padEnd(40)} ${left(row.seconds)}  ${row.firewall}\n`)
  return EXIT.well
}

function finite<T extends KernelElement>(row: T): Omit<T, 'seconds'> & { seconds: number | null } {
  return { ...row, seconds: Number.isFinite(row.seconds) ? row.seconds : null }
}

function left(seconds: number): string {
  return (Number.isFinite(seconds) ? `${seconds} s` : 'no end').padStart(10)
}

function say(text: string): void {
  process.stderr.write(`picket: ${safeText(text, 1_000)}\n`)
}
