/**
 * Section `responder`: what keeps the fleet's alerts and tells them.
 */
import { z } from 'zod'
import { REMOTE_LISTEN, type RemoteListenConfig } from './remote-schema.ts'
import { seconds, whole } from './values.ts'

export interface ResponderConfig {
  readonly incidents: number
  readonly keep: number
  readonly heartbeat: number
  readonly control?: string | undefined
  readonly remote?: RemoteListenConfig | undefined
}

const MONTH = 30 * 86_400

export const RESPONDER: z.ZodType<ResponderConfig> = z
  .strictObject({
    incidents: whole(10_000, 100, 'Incidents kept at most; those last seen longest ago go first.'),
    keep: seconds(MONTH, 'How long an incident is kept after it was last seen.'),
    heartbeat: seconds(10, 'How often it tells the fleet that it is alive; three missing ones are silence.'),
    control: z
      .string()
      .optional()
      .describe('Path of its control socket; without it `responder.sock` in the state folder.'),
    remote: REMOTE_LISTEN,
  })
  .prefault({ keep: undefined, heartbeat: undefined })
  .describe('The responder of a fleet. `picket status` asks it where the file has this section, or `kafka`.')
