/**
 * Real packets: nmap scans a namespace whose firewall logs to the kernel, and `picket run` tells of it.
 *
 * Needs root, network namespaces and a kernel that logs from them; where one is missing the tests are skipped, with the reason.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { Guard } from '../guard.ts'
import { LAB } from '../places.ts'

const LAB_SCRIPT = join(LAB, 'lab.sh')

function lab(...args: readonly string[]): { status: number | null; stderr: string } {
  return spawnSync('bash', [LAB_SCRIPT, ...args], { encoding: 'utf8' })
}

const checked = lab('check')
const skip = checked.status === 0 ? false : `no real packets here: ${checked.stderr.trim()}`
/** Labs of several checkouts can run side by side. */
const N = String(process.pid % 250)

interface RealScan {
  readonly rules: string
  readonly nmap: readonly string[]
  readonly source: string
}

const SCANS: readonly RealScan[] = [
  { rules: 'iptables', nmap: ['-sS', '-p', '1-60'], source: `10.78.${N}.2` },
  { rules: 'nft', nmap: ['-6', '-sS', '-p', '1-60'], source: `fd78:${N}::2` },
]

for (const { rules, nmap, source } of SCANS) {
  test(`a real nmap scan of a host with ${rules} rules is told within seconds`, { skip }, async () => {
    const guard = new Guard()
    try {
      const up = lab('up', N, rules)
      assert.equal(up.status, 0, up.stderr)
      await guard.start([{ type: 'kmsg' }])
      const scan = lab('scan', N, ...nmap)
      assert.equal(scan.status, 0, scan.stderr)
      const ours = () => guard.alerts.filter(({ incident }) => incident.source === source)
      // 60 ports are level 2: at least 10 contacts, fewer than 100
      await guard.until(
        () => ours().some(({ incident }) => incident.level === 2),
        10_000,
        `an alert of ${source}`,
      )
      assert.ok(ours().every(({ incident }) => incident.kinds.includes('vertical_scan')))
      assert.equal(await guard.stop(), 0)
    } finally {
      await guard.stop()
      lab('down', N)
    }
  })
}
