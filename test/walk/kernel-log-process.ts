/**
 * What rsyslog does on each host: `kernel-log-process INTERFACE=HOST=FILE …` follows /dev/kmsg from now on and writes the lines of each
 * host, told by its interface, to that host's file.
 *
 * All namespaces share one ring, which is never cleared: other tests read it too.
 */
import { appendFileSync, closeSync, constants, openSync, readSync } from 'node:fs'

const EACH_MS = 5
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

const hosts = process.argv.slice(2).map((text) => {
  const [device = '', host = '', file = ''] = text.split('=')
  return { isIts: new RegExp(`(IN|OUT)=${device} `), host, file }
})
const bootMs = Date.now() - Number(process.hrtime.bigint()) / 1e6
const ring = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK)
const bytes = new Uint8Array(16 * 1024)

/** Undefined when there is none at the moment. */
function nextRecord(): string | undefined {
  for (;;) {
    try {
      return Buffer.from(bytes.buffer, 0, readSync(ring, bytes)).toString('latin1')
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EAGAIN') return undefined
      // overrun: the next read gives the oldest record that is left
      if (code !== 'EPIPE') throw error
    }
  }
}

/** `priority,sequence,microseconds,flags;text`, and fields on further lines. */
function syslogLine(record: string, host: string): string {
  const [head = '', text = ''] = (record.split('\n')[0] ?? '').split(/;(.*)/)
  const micros = Number(head.split(',')[2])
  const time = new Date(bootMs + micros / 1_000)
  const day = String(time.getUTCDate()).padStart(2)
  const seconds = `${Math.floor(micros / 1e6)}`.padStart(5)
  const stamp = `${seconds}.${String(micros % 1e6).padStart(6, '0')}`
  return `${MONTHS[time.getUTCMonth()]} ${day} ${time.toISOString().slice(11, 19)} ${host} kernel: [${stamp}] ${text}\n`
}

function follow(): void {
  const lines = new Map<string, string>()
  for (let record = nextRecord(); record !== undefined; record = nextRecord()) {
    for (const { isIts, host, file } of hosts) {
      if (isIts.test(record)) lines.set(file, (lines.get(file) ?? '') + syslogLine(record, host))
    }
  }
  for (const [file, text] of lines) appendFileSync(file, text, 'latin1')
}

while (nextRecord() !== undefined);
const timer = setInterval(follow, EACH_MS)
process.stdout.write('ready\n')
process.on('disconnect', () => {
  clearInterval(timer)
  closeSync(ring)
})
