/** The same scan as different programs write it down: other syslog forms, the journal, dmesg, bare lines. */
import { firewallText, logLine, type Probe } from '../generate/log-line.ts'
import type { Random } from '../generate/random.ts'
import { nmapTcp } from './packets.ts'
import { FREQUENT } from './ports.ts'
import { DAY, type Scenario, times } from './scenario.ts'

type Write = (probe: Probe) => string

const FORMS: Readonly<Record<string, Write>> = {
  rfc3339: (p) => `${iso(p, 'Z')} host1 kernel: [ 884.320171] ${firewallText(p)}`,
  'rfc3339-zone': (p) =>
    `${iso({ ...p, time: p.time + 2 * 3600_000 }, '+02:00')} host1 kernel: ${firewallText(p)}`,
  rfc5424: (p) => `<4>1 ${iso(p, 'Z')} host1 kernel - - - [ 884.320171] ${firewallText(p)}`,
  journal: (p) =>
    JSON.stringify({
      __REALTIME_TIMESTAMP: String(p.time * 1000),
      _HOSTNAME: 'host1',
      _TRANSPORT: 'kernel',
      SYSLOG_IDENTIFIER: 'kernel',
      PRIORITY: '4',
      MESSAGE: firewallText(p),
    }),
  bare: firewallText,
  crlf: (p) => `${logLine(p)}\r`,
}

export function envelopes(random: Random): Scenario[] {
  return Object.entries(FORMS).map(([name, write]) => {
    const ports = random.shuffle(FREQUENT).slice(0, 30)
    const at = times(random, DAY, ports.length, 50)
    const probes = ports.map((port, i) => ({
      time: at[i] as number,
      src: '203.0.113.9',
      dst: '10.20.30.40',
      ...nmapTcp(random, 45678, port),
    }))
    return {
      file: `envelope-${name}.log`,
      expect: 'alert',
      sources: ['203.0.113.9'],
      probes,
      write,
      note: `written as ${name}`,
    }
  })
}

function iso(probe: Probe, zone: string): string {
  return `${new Date(probe.time).toISOString().slice(0, -1)}000${zone}`
}
