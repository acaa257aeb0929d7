/**
 * Place: where a command asks: the control socket of this machine, or a responder elsewhere, over TLS with a token.
 *
 * A socket that was named wins, then a responder that was named, then what the configuration says.
 */
import { readFileSync, statSync } from 'node:fs'
import { userInfo } from 'node:os'
import {
  askControl,
  askRemoteControl,
  type ControlError,
  type ControlRequest,
  type RemotePlace,
} from '@picket/runtime'
import { type HostPort, hostPortOf, type RemoteAskConfig } from '../config/remote-schema.ts'
import { WrongUse } from '../failures.ts'
import { whyUnreadable } from '../text-file.ts'

export interface PlaceFlags {
  readonly socket?: string
  readonly responder?: string
  readonly tokenFile?: string
  readonly ca?: string
}

export type Place = { readonly socket: string } | { readonly remote: RemotePlace }

/** The responder elsewhere that was named, or that the configuration names; undefined for none. */
export function remotePlace(flags: PlaceFlags, config: RemoteAskConfig): RemotePlace | undefined {
  const responder = flags.responder ?? config.responder
  if (flags.socket !== undefined || responder === undefined) return undefined
  const at = hostPortOf(responder)
  if (at === undefined)
    throw new WrongUse(`${responder} is no responder: write HOST:PORT, or [ADDRESS]:PORT for IPv6`)
  return placeAt(at, flags.tokenFile ?? config.tokenFile, flags.ca ?? config.ca)
}

function placeAt(at: HostPort, tokenFile: string | undefined, ca: string | undefined): RemotePlace {
  if (tokenFile === undefined)
    throw new WrongUse(
      'a responder elsewhere wants a token: --token-file FILE, or remote.tokenFile in the configuration\n' +
        '  Whoever runs the responder makes one with "picket keys token NAME".',
    )
  return { ...at, token: tokenIn(tokenFile), ca: ca === undefined ? undefined : textOf(ca) }
}

/** What it holds is never shown, also where it is no token. */
function tokenIn(file: string): string {
  const token = textOf(file).trim()
  if ((statSync(file).mode & 0o077) !== 0)
    throw new WrongUse(`${file} can be read by others: chmod 600 it, and have its token taken back`)
  if (!/^\S{1,512}$/.test(token))
    throw new WrongUse(`${file} holds no token: one line, as "picket keys token" printed it`)
  return token
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new WrongUse(`${file}: ${whyUnreadable(error)}`, { cause: error })
  }
}

/** Throws ControlError. The socket's owner is trusted to say who he is; elsewhere the token does. */
export function askAt(place: Place, request: ControlRequest): Promise<unknown> {
  if ('remote' in place) return askRemoteControl(place.remote, request)
  return askControl(place.socket, { ...request, user: userName(process.env) })
}

/** Who gave the command, also by sudo. */
function userName(env: NodeJS.ProcessEnv): string {
  const sudoer = env['SUDO_USER']
  if (sudoer !== undefined && sudoer !== '') return sudoer
  try {
    return userInfo().username
  } catch {
    return ''
  }
}

type Reason = ControlError['reason']

const REMOTE: Readonly<Record<Reason, string>> = {
  absent:
    '\n  Is it running, with responder.remote in its configuration, and does every firewall between let you through?',
  denied:
    '\n  Name another one with --token-file FILE, or have one made where it runs: picket keys token NAME',
  refused: '',
  broken: '\n  Name the address of its responder.remote.listen: --responder HOST:PORT',
  untrusted:
    '\n  Name the file of its authority with --ca FILE (or remote.ca), and the responder by a name that its certificate has.\n' +
    '  Nothing was sent to it.',
}

/** What to do about it, for who asks a responder elsewhere. */
export function toldOfRemote(error: ControlError): WrongUse {
  return new WrongUse(`${error.message}${REMOTE[error.reason]}`, { cause: error })
}
