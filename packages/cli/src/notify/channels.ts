/** From the configuration's channels to open ones; what is only the configuration's own is taken off. */
import type { Channel } from '@picket/responder'
import { type ChannelSettings, openChannel } from '@picket/responder/main'
import type { ChannelConfig } from '../config/channels-schema.ts'
import { VERSION } from '../version.ts'

type Channels = Readonly<Record<string, ChannelConfig>>

export function openChannels(channels: Channels): Channel[] {
  return new OpenChannels().open(channels)
}

/** Channels across a change of the configuration: one whose settings are the same stays open. */
export class OpenChannels {
  #open: ReadonlyMap<string, Channel> = new Map()

  open(channels: Channels): Channel[] {
    const open = new Map<string, Channel>()
    for (const [name, channel] of Object.entries(channels)) {
      const same = JSON.stringify([name, { ...channel, operational: undefined }])
      open.set(same, this.#open.get(same) ?? openOne(name, channel))
    }
    this.#open = open
    return [...open.values()]
  }
}

export function openOne(name: string, { operational: _, ...settings }: ChannelConfig): Channel {
  return openChannel(name, settings as ChannelSettings, VERSION)
}
