/**
 * Certificates for tests: an authority, and what it signs for 127.0.0.1 and localhost.
 *
 * Made by openssl with EC keys, which take no time.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { needTool } from './missing-tool.ts'

export interface Certificate {
  /** Paths of PEM files; the key is PKCS#8. */
  readonly cert: string
  readonly key: string
}

export interface Authority extends Certificate {
  /** Signs a certificate of that name; an earlier one of that name is replaced, so that it can be rotated. */
  issue(name: string, alternativeNames?: string): Certificate
}

const LOCAL = 'IP:127.0.0.1,DNS:localhost'

export function makeAuthority(folder: string, name = 'ca'): Authority {
  mkdirSync(folder, { recursive: true })
  const cert = join(folder, `${name}.pem`)
  const key = join(folder, `${name}.key`)
  openssl(
    'req',
    '-x509',
    ...NEW_KEY,
    '-keyout',
    key,
    '-out',
    cert,
    '-days',
    '30',
    '-subj',
    `/CN=picket ${name}`,
  )
  return {
    cert,
    key,
    issue: (of, alternativeNames = LOCAL) => issue({ cert, key }, join(folder, of), of, alternativeNames),
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'] as const

function issue(authority: Certificate, at: string, name: string, alternativeNames: string): Certificate {
  const made = { cert: `${at}.pem`, key: `${at}.key` }
  const request = `${at}.csr`
  const extensions = `${at}.ext`
  writeFileSync(extensions, `subjectAltName=${alternativeNames}\n`)
  openssl('req', '-new', ...NEW_KEY, '-keyout', made.key, '-out', request, '-subj', `/CN=${name}`)
  const signer = ['-CA', authority.cert, '-CAkey', authority.key, '-CAcreateserial']
  openssl('x509', '-req', '-in', request, ...signer, '-days', '30', '-extfile', extensions, '-out', made.cert)
  return made
}

/** Key and chain in one file, as Kafka takes a PEM keystore. */
export function writeKeystore({ cert, key }: Certificate, file: string): void {
  writeFileSync(file, readFileSync(key, 'utf8') + readFileSync(cert, 'utf8'))
}

function openssl(...args: readonly string[]): void {
  execFileSync(needTool('openssl'), args, { stdio: 'ignore' })
}
