/**
 * The fields of a line that detection does not need: read from text, when somebody asks for them.
 *
 * The scanner has judged the line before, so a value that is no number is simply left out here.
 */
import type { NetworkJson, PacketJson } from './packet-json.ts'

export interface ColdFields {
  link: Pick<PacketJson, 'physIn' | 'physOut' | 'vlanProto' | 'vlanId'>
  network: Partial<NetworkJson>
  local: Pick<PacketJson, 'uid' | 'gid' | 'mark'>
}

/** Reads a body, the range of its bracket left out. */
export function coldFields(body: string, innerStart: number, innerEnd: number): ColdFields {
  const text = innerStart < 0 ? body : body.slice(0, innerStart) + body.slice(innerEnd)
  const values = valuesOf(text)
  const decimal = (key: string) => numberIn(values.get(key), /^\d+$/, 10)
  const hexadecimal = (key: string) => numberIn(values.get(key), /^(0x)?[\da-fA-F]+$/, 16)
  return {
    link: present({
      physIn: values.get('PHYSIN'),
      physOut: values.get('PHYSOUT'),
      vlanProto: hexadecimal('VPROTO'),
      vlanId: decimal('VID'),
    }),
    network: present({
      prec: hexadecimal('PREC'),
      flowLabel: decimal('FLOWLBL'),
      res: hexadecimal('RES'),
      urgp: decimal('URGP'),
      mtu: decimal('MTU'),
      gateway: values.get('GATEWAY'),
      parameter: decimal('PARAMETER') ?? hexadecimal('POINTER'),
      spi: hexadecimal('SPI'),
      incompleteBytes: numberIn(/(?:^| )INCOMPLETE \[(\d+) bytes\]/.exec(text)?.[1], /./, 10),
      ...extensionsOf(text),
    }),
    local: present({ uid: decimal('UID'), gid: decimal('GID'), mark: hexadecimal('MARK') }),
  }
}

/** `KEY=value` tokens, the first of each key. */
function valuesOf(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const token of text.split(' ')) {
    const equals = token.indexOf('=')
    const key = token.slice(0, equals)
    if (equals > 0 && !values.has(key)) values.set(key, token.slice(equals + 1))
  }
  return values
}

function numberIn(value: string | undefined, form: RegExp, base: number): number | undefined {
  return value !== undefined && form.test(value) ? Number.parseInt(value, base) : undefined
}

/** `OPT ( FRAG:48 ID:00000063 ) ` and its like, before PROTO=. */
function extensionsOf(text: string): { extensions: string[] | undefined; fragmentId: number | undefined } {
  const network = text.split(' PROTO=', 1)[0] ?? ''
  const extensions = Array.from(network.matchAll(/OPT \( ([^)]*)\)/g), (match) => (match[1] ?? '').trim())
  const fragmentId = /FRAG:\d+ (?:INCOMPLETE )?ID:([\da-f]{1,8})/.exec(network)?.[1]
  return {
    extensions: extensions.length > 0 ? extensions : undefined,
    fragmentId: numberIn(fragmentId, /./, 16),
  }
}

/** The same without the fields that are undefined. */
function present<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T
}
