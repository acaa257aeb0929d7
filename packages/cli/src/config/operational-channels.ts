/** Names of the channels that hear of trouble with Picket itself. */
import type { ChannelConfig } from './channels-schema.ts'

export function operationalChannels(channels: Readonly<Record<string, ChannelConfig>>): string[] {
  return Object.entries(channels).flatMap(([name, { operational }]) => (operational ? [name] : []))
}
