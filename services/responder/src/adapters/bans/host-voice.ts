/**
 * Host voice: what the only host says to a ban, before anybody is told of it.
 *
 * It answers by receipts, as every host does. They come within milliseconds where it is this very process, and what is waited for longer
 * than a mail may be held up is told by the next receipt alone: `picket bans` shows it.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Queue } from '@picket/runtime'
import type { Host } from '../../host-responder.ts'
import { type BanRecord, type Confirmed, type Reason, reason } from '../../index.ts'
import type { HostVoice } from '../../response.ts'
import { ReceiptWatch } from './receipt-watch.ts'

const LOOK_MS = 20

/** `waitMs`: a notice waits for the host no longer. */
export function makeVoice(host: Host, queue: Queue, prefix: string, waitMs: number): HostVoice {
  const receipts = new ReceiptWatch(queue, `${prefix}.receipts`)
  return {
    name: host.name,
    protects: (subject) => host.protects(subject),
    refuses: async (record) => {
      const late = performance.now() + waitMs
      // At a start the ban of an earlier alert may come before the enforcer is ready
      do {
        const said = host.isEnforcing() ? await saidOf(receipts, record) : undefined
        if (said !== undefined) return said.refusal
        await pause(LOOK_MS)
      } while (performance.now() < late)
      return host.isEnforcing()
        ? undefined
        : reason('host-refused', 'not banned yet: nothing bans on this host just now')
    },
  }
}

/** Undefined as long as it has not answered. */
async function saidOf(
  receipts: ReceiptWatch,
  record: BanRecord,
): Promise<{ readonly refusal: Reason | undefined } | undefined> {
  await receipts.catchUp()
  const { hosts, applied, refused, failed } = receipts.confirmations.of(record, Date.now())
  // It has said that it lives before it says that it enforces
  if (hosts === 0) return { refusal: reason('host-refused', 'not banned: the rule bans on other hosts only') }
  const [no] = [...refused, ...failed]
  if (no !== undefined) return { refusal: refusalOf(no) }
  return applied.length > 0 ? { refusal: undefined } : undefined
}

function refusalOf({ why }: Confirmed['refused'][number]): Reason {
  return why.startsWith('dry-run: ')
    ? reason('would-ban', `would have banned: this host cannot ban (${why})`)
    : reason('host-refused', `not banned: this host refuses (${why})`)
}
