/** From settings to a channel. Nothing is opened or read yet: that happens with each notice. */
import { hostname } from 'node:os'
import { type Channel, ecsLine, jsonLine, noticeJson, noticeLine, ocsfLine } from '../../tell/index.ts'
import { AlertmanagerChannel } from './alertmanager.ts'
import { DshieldChannel } from './dshield.ts'
import { LinesChannel } from './lines.ts'
import { MailChannel } from './mail.ts'
import { PagerdutyChannel } from './pagerduty.ts'
import { ScriptChannel } from './script.ts'
import type { ChannelSettings } from './settings.ts'
import { SlackChannel } from './slack.ts'
import { SyslogChannel } from './syslog.ts'
import { WebhookChannel } from './webhook.ts'

/** `version` is Picket's own. */
export function openChannel(name: string, settings: ChannelSettings, version: string): Channel {
  const sender = hostname()
  switch (settings.type) {
    case 'mail':
      return new MailChannel(name, settings)
    case 'webhook':
      return new WebhookChannel(name, settings, sender)
    case 'slack':
      return new SlackChannel(name, settings)
    case 'pagerduty':
      return new PagerdutyChannel(name, settings, sender)
    case 'alertmanager':
      return new AlertmanagerChannel(name, settings, sender)
    case 'syslog':
      return new SyslogChannel(name, settings)
    case 'script':
      return new ScriptChannel(name, settings)
    case 'dshield':
      return new DshieldChannel(name, settings, version)
    default:
      return openLines(name, settings, sender)
  }
}

type LineSettings = Extract<ChannelSettings, { readonly type: 'ecs' | 'ocsf' | 'stdout' }>

function openLines(name: string, settings: LineSettings, sender: string): Channel {
  if (settings.type === 'stdout') {
    const print = settings.format === 'json' ? jsonOf : noticeLine
    return new LinesChannel(name, 'stdout', process.stdout, print)
  }
  const to = settings.path === '-' ? process.stdout : settings.path
  const print = settings.type === 'ecs' ? ecsLine : ocsfLine
  return new LinesChannel(name, settings.type, to, (notice) => print(notice, sender))
}

function jsonOf(notice: Parameters<typeof noticeJson>[0]): string {
  return jsonLine(noticeJson(notice))
}
