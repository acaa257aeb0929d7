/** What Linux says of a process: the benches read it from outside, so that what is measured need not help. */
import { readFileSync } from 'node:fs'

/** USER_HZ on Linux. */
const TICKS_A_SECOND = 100

/** CPU seconds so far, user and system, all threads. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
}

export function rssMb(pid: number): number {
  return statusMb(pid, 'VmRSS')
}

export function peakRssMb(pid: number): number {
  return statusMb(pid, 'VmHWM')
}

function statusMb(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1_024
}

/** Of the machine over the last minute: what else runs there shows in every figure. */
export function load(): number {
  return Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0])
}
