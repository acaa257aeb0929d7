/**
 * Starts Debian's postfix for a test, in a configuration of its own on a port of loopback; the machine's own postfix is not touched.
 *
 * It needs root, as postfix' daemons change their user. What it takes it relays to the one server that it is given.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { needTool } from './missing-tool.ts'
import { ServiceProcess } from './service-process.ts'

export interface PostfixOptions {
  /** Port of 127.0.0.1 to relay everything to. */
  readonly relayPort: number
  /** Paths of PEM files. */
  readonly certificate: { readonly cert: string; readonly key: string }
}

export class Postfix {
  readonly port: number
  /** A sendmail command that hands mail to this postfix. */
  readonly sendmail: string
  readonly process: ServiceProcess

  constructor(port: number, sendmail: string, process: ServiceProcess) {
    this.port = port
    this.sendmail = sendmail
    this.process = process
  }

  log(): string {
    return readFileSync(join(this.process.folder, 'mail.log'), 'utf8')
  }

  /** In order first: a killed master leaves its daemons behind until they notice. */
  async stop(): Promise<void> {
    await this.process.halt()
    await this.process.stop()
  }
}

const DAEMONS = '/usr/lib/postfix/sbin'

export async function startPostfix({ relayPort, certificate }: PostfixOptions): Promise<Postfix> {
  const postfix = needTool('postfix')
  const port = await freePort()
  const folder = ServiceProcess.folderFor('postfix')
  const config = join(folder, 'config')
  // Its daemons run as another user, and must reach their queue
  chmodSync(folder, 0o755)
  for (const name of ['config', 'queue', 'data']) mkdirSync(join(folder, name))
  execFileSync('chown', ['postfix', join(folder, 'data')])
  writeFileSync(join(config, 'main.cf'), mainConfig(folder, relayPort, certificate))
  writeFileSync(join(config, 'master.cf'), masterConfig(port))
  const sendmail = join(folder, 'sendmail')
  writeFileSync(sendmail, `#!/bin/sh\nexec /usr/sbin/sendmail -C ${config} "$@"\n`, { mode: 0o755 })
  execFileSync(postfix, ['-c', config, 'check'], { stdio: 'ignore' })
  const service = await ServiceProcess.start({
    name: 'postfix',
    command: join(DAEMONS, 'master'),
    args: ['-c', config, '-d'],
    folder,
    isReady: () => answers(port),
  })
  return new Postfix(port, sendmail, service)
}

function mainConfig(folder: string, relayPort: number, { cert, key }: PostfixOptions['certificate']): string {
  const settings = {
    compatibility_level: '3.6',
    queue_directory: join(folder, 'queue'),
    data_directory: join(folder, 'data'),
    daemon_directory: DAEMONS,
    mail_owner: 'postfix',
    setgid_group: 'postdrop',
    maillog_file: join(folder, 'mail.log'),
    maillog_file_prefixes: folder,
    myhostname: 'mail.picket.example',
    mydestination: '',
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    mynetworks: '127.0.0.0/8',
    alias_maps: '',
    disable_dns_lookups: 'yes',
    relayhost: `[127.0.0.1]:${relayPort}`,
    smtp_tls_security_level: 'none',
    smtpd_tls_security_level: 'encrypt',
    smtpd_tls_chain_files: `${key}, ${cert}`,
    smtpd_tls_received_header: 'yes',
    notify_classes: '',
    queue_run_delay: '1s',
    minimal_backoff_time: '1s',
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('')
}

/** Type, private, unprivileged, chroot, wakeup, limit of processes, command. */
function masterConfig(port: number): string {
  const services = [
    `127.0.0.1:${port} inet n - n - - smtpd`,
    'pickup unix n - n 1 1 pickup',
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 1 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'proxymap unix - - n - - proxymap',
    'smtp unix - - n - - smtp',
    'relay unix - - n - - smtp',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'anvil unix - - n - 1 anvil',
    'postlog unix-dgram n - n - 1 postlogd',
  ]
  return `${services.join('\n')}\n`
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
