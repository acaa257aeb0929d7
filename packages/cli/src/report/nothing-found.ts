/**
 * What to say when there is nothing to say: the commonest complaint about psad is silence whose
 * cause it does not tell. No firewall line at all is such a cause, and each check below ends one.
 */
import { plural } from '../terminal/words.ts'
import type { ReportDocument } from './document.ts'

export function renderNoFirewallLines(document: ReportDocument): string[] {
  const lines =
    document.lines === 0
      ? 'There are no lines to read.'
      : `None of ${plural(document.lines, 'line')} is a firewall log line.`
  return [
    lines,
    '',
    '  Picket reads what the firewall logs of packets: lines with IN=, OUT=, SRC= and DST=. Check that',
    '  · the firewall logs what it refuses:',
    '      ufw logging on                         firewall-cmd --set-log-denied=all',
    '      nft add rule inet filter input log prefix \\"DROP \\" drop',
    '      iptables -A INPUT -j LOG --log-prefix "DROP "      (before the rule that drops)',
    '  · this is where it logs to: many systems have no kern.log any more, only the journal:',
    '      journalctl -k | grep IN=               journalctl -k -o json | picket analyze -',
    '  · packets do arrive: drop rules behind an accept rule, or a provider’s firewall, leave no line',
    '  · in a container or network namespace: sysctl net.netfilter.nf_log_all_netns=1',
  ]
}
