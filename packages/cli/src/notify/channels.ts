/** From the configuration's channels to open ones; what is only the configuration's own is taken off. */
import type { Channel } from '@picket/responder'
import { type ChannelSettings, openChannel } from '@picket/responder/main'
import type { ChannelConfig } from '../config/channels-schema.ts'
import { VERSION } from '../version.ts'

type Channels = Readonly<Record<string, ChannelConfig>>

export function openChannels(channels: Channels): Channel[] {
  return Object.entries(channels).map(([name, channel]) => openOne(name, channel))
}

export function openOne(name: string, { operational: _, ...settings }: ChannelConfig): Channel {
  return openChannel(name, settings as ChannelSettings, VERSION)
}
