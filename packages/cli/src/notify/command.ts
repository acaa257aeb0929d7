/**
 * `picket notify test CHANNEL`: sends a sample at once, past queue and budget, and tells what the other side said.
 *
 * What it said is a stranger's text, and is made safe.
 */
import { randomBytes } from 'node:crypto'
import { type Channel, jsonLine, type Sent, sampleNotice } from '@picket/responder'
import { safeText } from '@picket/schemas'
import type { NotifyTestFlags } from '../commands/notify.ts'
import { findConfig, loadConfig } from '../config/load.ts'
import { EXIT, WrongUse } from '../failures.ts'
import { openOne } from './channels.ts'

const MAX_ANSWER = 500

export async function runNotifyTest(name: string, flags: NotifyTestFlags): Promise<number> {
  const { config } = await loadConfig(findConfig(flags.config, process.env))
  const settings = Object.hasOwn(config.channels, name) ? config.channels[name] : undefined
  if (settings === undefined) throw new WrongUse(unknownChannel(name, Object.keys(config.channels)))
  const channel = openOne(name, settings)
  const sent = await channel.send(sampleNotice(Date.now(), randomBytes(6).toString('hex')))
  await channel.close()
  process.stdout.write(flags.json === true ? jsonOf(channel, sent) : textOf(channel, sent))
  return sent.ok && sent.partly === undefined ? EXIT.well : EXIT.findings
}

function unknownChannel(name: string, known: readonly string[]): string {
  const hint =
    known.length === 0
      ? 'the configuration has none: see the section channels in docs/configuration.md'
      : `there are: ${known.join(', ')}`
  return `no channel is named ${name}\n  ${hint}`
}

function jsonOf({ name, type }: Channel, sent: Sent): string {
  return `${jsonLine({ channel: name, type, ...sent })}\n`
}

function textOf({ name, type }: Channel, sent: Sent): string {
  const who = `${name} (${type})`
  if (!sent.ok) {
    const more = sent.retryable ? 'it would be tried again' : 'it would not be tried again'
    return `${who}: failed, ${sent.reason}: ${safeText(sent.why, MAX_ANSWER)}\n  ${more}\n`
  }
  const partly = sent.partly === undefined ? '' : `  but not for all: ${safeText(sent.partly, MAX_ANSWER)}\n`
  return `${who}: ${safeText(sent.answer, MAX_ANSWER)}\n${partly}`
}
