/**
 * Alertmanager v2: an alert that is sent again and again while the incident lasts.
 *
 * Labels are the identity: they must not change while it lasts. When the severity changes, the alert of the old labels is ended
 * in the same request. Nor do they name the sender: another responder may take over. An alert whose sender falls silent ends at `endsAt`.
 */

import { measureSentence } from './action-section.ts'
import { isoTime } from './instant.ts'
import { type Notice, threadOf, whoOf } from './notice.ts'
import { levelOf, severityOf } from './severity.ts'
import { headline, kindWords, listed, plain } from './words.ts'

export interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  /** ms since 1970 UTC. */
  readonly startsAt: number
  readonly generatorURL: string | null
}

export function activeAlert(notice: Notice, sender: string): ActiveAlert {
  const about =
    'alert' in notice
      ? { incident: notice.alert.incident.id, source: whoOf(notice.alert.incident) }
      : { notice: threadOf(notice) }
  return {
    labels: labels({
      alertname: notice.kind === 'operational' ? 'PicketOperational' : 'PicketIncident',
      severity: severityOf(levelOf(notice)),
      ...about,
    }),
    annotations: { ...annotationsOf(notice), sender: plain(sender) },
    startsAt: 'alert' in notice ? notice.alert.incident.firstSeen : notice.time,
    generatorURL: 'alert' in notice ? notice.console : null,
  }
}

/** The body of POST /api/v2/alerts for one alert; `endsAt` in the past ends it. */
export function alertmanagerAlert(alert: ActiveAlert, endsAt: number): object {
  const { labels: identity, annotations, startsAt, generatorURL } = alert
  // An alert that ends before it starts is refused; a host's clock may run ahead of ours.
  const starts = Math.min(startsAt, endsAt)
  return {
    labels: identity,
    annotations,
    startsAt: isoTime(starts),
    endsAt: isoTime(endsAt),
    ...(generatorURL === null ? {} : { generatorURL }),
  }
}

function annotationsOf(notice: Notice): Record<string, string> {
  if (!('alert' in notice)) return { summary: headline(notice) }
  const { incident } = notice.alert
  return labels({
    summary: headline(notice),
    description: incident.reasons
      .slice(0, 5)
      .map((reason) => plain(reason))
      .join('; '),
    kinds: kindWords(incident.kinds),
    level: String(incident.level),
    hosts: listed(incident.hosts, incident.hostCount),
    ban: measureSentence(notice.decision),
    abuse: notice.enrichment.abuse ?? '',
  })
}

/** An empty label is no label to Alertmanager. */
function labels(all: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === '' ? [] : [[name, plain(value, 500)]])),
  )
}
