/**
 * Codec: values of one message to bytes and back, in Avro's single-object encoding: C3 01, the fingerprint of the schema that
 * they were written with, the body.
 *
 * Decoding never throws and never trusts: what is wrong with the bytes is a value. It reads every older version that it
 * was given, and resolves it to the newest. Decoded records are avsc's own objects: compare them field by field.
 */
import avsc from 'avsc'
import { canonicalForm, fingerprint, type RecordSchema, type Schema } from './schema.ts'
import { type Walk, walkOf } from './soundness.ts'

export type Fault =
  /** Does not begin as a message of ours. */
  | 'not-ours'
  /** Written with a schema that this release does not have: by a newer one, most likely. */
  | 'unknown-schema'
  /** Another kind of message. */
  | 'wrong-type'
  | 'broken'
  | 'too-large'

export type Decoded<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: Fault; readonly detail: string }

export interface Codec<T> {
  /** With its namespace, e.g. picket.PacketBatch. */
  readonly name: string
  /** The newest version, as JSON. */
  readonly schema: string
  encode(value: T): Uint8Array
  decode(bytes: Uint8Array): Decoded<T>
}

/** What decoding takes at most, in bytes. */
export const MAX_MESSAGE_BYTES: number = 4 * 1024 * 1024

const HEADER_BYTES = 10

/** A version that can be read: `resolver` is missing where it is the newest. */
interface Version {
  readonly walk: Walk
  readonly resolver: ReturnType<avsc.Type['createResolver']> | undefined
}

/** avsc wants Buffers; ours are Uint8Arrays. */
class Octets extends avsc.types.LogicalType {
  protected override _fromValue(buffer: unknown): unknown {
    return buffer
  }

  protected override _toValue(bytes: unknown): unknown {
    if (Buffer.isBuffer(bytes) || !(bytes instanceof Uint8Array)) return bytes
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  protected override _resolve(type: avsc.Type): unknown {
    return avsc.Type.isType(type, 'bytes') ? (buffer: unknown) => buffer : undefined
  }
}

/** Which message was written with a schema, by its fingerprint: of all codecs of the process. */
const namesByFingerprint = new Map<string, string>()

/**
 * `versions` are oldest first; the last one is written. `foreign` are schemas newer than that, which others may write already:
 * they are read as far as this version knows their fields.
 */
export function newCodec<T>(versions: readonly string[], foreign: readonly string[] = []): Codec<T> {
  return new AvroCodec<T>(versions, foreign)
}

class AvroCodec<T> implements Codec<T> {
  readonly name: string
  readonly schema: string
  readonly #type: avsc.Type
  readonly #header: Uint8Array
  /** By fingerprint, as eight latin1 characters. */
  readonly #versions = new Map<string, Version>()

  constructor(versions: readonly string[], foreign: readonly string[]) {
    this.schema = versions.at(-1) ?? '{}'
    const newest = JSON.parse(this.schema) as RecordSchema
    this.name = `${newest.namespace}.${newest.name}`
    this.#type = typeOf(withOctets(newest))
    this.#header = headerOf(newest)
    for (const text of [...versions, ...foreign]) this.#learn(text)
  }

  #learn(text: string): void {
    const schema = JSON.parse(text) as RecordSchema
    const key = keyOf(headerOf(schema))
    const resolver = text === this.schema ? undefined : this.#type.createResolver(typeOf(schema))
    this.#versions.set(key, { walk: walkOf(schema), resolver })
    namesByFingerprint.set(key, this.name)
  }

  encode(value: T): Uint8Array {
    let end = this.#type.encode(value, scratch, HEADER_BYTES)
    if (end < 0) {
      scratch = Buffer.allocUnsafeSlow(2 * (scratch.length - end))
      end = this.#type.encode(value, scratch, HEADER_BYTES)
    }
    const bytes = new Uint8Array(end)
    bytes.set(scratch.subarray(0, end) as Uint8Array)
    bytes.set(this.#header)
    return bytes
  }

  decode(bytes: Uint8Array): Decoded<T> {
    if (bytes.length > MAX_MESSAGE_BYTES) return fault('too-large', `${bytes.length} bytes`)
    if (bytes.length < HEADER_BYTES || bytes[0] !== 0xc3 || bytes[1] !== 0x01) {
      return fault('not-ours', 'does not begin with C3 01 and a fingerprint')
    }
    const version = this.#versions.get(keyOf(bytes))
    if (version === undefined) return this.#unknown(bytes)
    if (version.walk(bytes, HEADER_BYTES) !== bytes.length) {
      return fault('broken', `${bytes.length} bytes are not one whole ${this.name}`)
    }
    return this.#read(bytes, version.resolver)
  }

  #read(bytes: Uint8Array, resolver: Version['resolver']): Decoded<T> {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    try {
      const { value } = this.#type.decode(buffer, HEADER_BYTES, resolver)
      return { ok: true, value }
    } catch (error) {
      // Numbers beyond 2^53
      return fault('broken', error instanceof Error ? error.message : String(error))
    }
  }

  #unknown(bytes: Uint8Array): Decoded<T> {
    const other = namesByFingerprint.get(keyOf(bytes))
    if (other !== undefined && other !== this.name)
      return fault('wrong-type', `a ${other}, not a ${this.name}`)
    const shown = Buffer.from(bytes.subarray(2, HEADER_BYTES)).reverse().toString('hex')
    return fault('unknown-schema', `written with schema ${shown}, which this release does not have`)
  }
}

/** Grows to the largest message written. */
let scratch = Buffer.allocUnsafeSlow(256 * 1024)

function fault(reason: Fault, detail: string): { ok: false; reason: Fault; detail: string } {
  return { ok: false, reason, detail }
}

function headerOf(schema: Schema): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES)
  header[0] = 0xc3
  header[1] = 0x01
  header.writeBigUInt64LE(fingerprint(canonicalForm(schema)), 2)
  return header as Uint8Array
}

function keyOf(header: Uint8Array): string {
  let key = ''
  for (let i = 2; i < HEADER_BYTES; i++) key += String.fromCharCode(header[i] as number)
  return key
}

function typeOf(schema: Schema): avsc.Type {
  return avsc.Type.forSchema(schema as Parameters<typeof avsc.Type.forSchema>[0], {
    omitRecordMethods: true,
    logicalTypes: { octets: Octets },
  })
}

const BYTES = /("(?:type|items|values)":|"null",)"bytes"/g

/** The same schema, whose bytes may be Uint8Arrays. */
function withOctets(schema: Schema): Schema {
  const text = JSON.stringify(schema)
  return JSON.parse(text.replace(BYTES, '$1{"type":"bytes","logicalType":"octets"}')) as Schema
}
