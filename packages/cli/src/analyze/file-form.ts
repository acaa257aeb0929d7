/**
 * File form: what the first bytes of a file say it is.
 *
 * Log files are text or gzip. The other forms are those that people hand over by mistake; each gets
 * the command that turns it into something readable.
 */
import { Readable } from 'node:stream'
import { safeText } from '@picket/schemas'

export type FileForm = 'text' | 'gzip' | 'xz' | 'bzip2' | 'zstd' | 'journal' | 'pcap'

/** First bytes: RFC 1952, the xz and bzip2 formats, RFC 8878, systemd's journal-def.h, pcap and pcapng. */
const SIGNATURES: readonly (readonly [FileForm, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['journal', [0x4c, 0x50, 0x4b, 0x53, 0x48, 0x48, 0x52, 0x48]],
  ['pcap', [0xd4, 0xc3, 0xb2, 0xa1]],
  ['pcap', [0x0a, 0x0d, 0x0d, 0x0a]],
]

export function formOf(first: Uint8Array): FileForm {
  const found = SIGNATURES.find(([, bytes]) => bytes.every((byte, at) => first[at] === byte))
  return found?.[0] ?? 'text'
}

const UNPACK: Readonly<Record<Exclude<FileForm, 'text' | 'gzip'>, (name: string) => string>> = {
  xz: (name) => `is packed with xz: xz -dc ${name} | picket analyze -`,
  bzip2: (name) => `is packed with bzip2: bzip2 -dc ${name} | picket analyze -`,
  zstd: (name) => `is packed with zstd: zstd -dc ${name} | picket analyze -`,
  journal: (name) => `is a journal file: journalctl -k -o json --file ${name} | picket analyze -`,
  pcap: () => 'holds captured packets, not firewall log lines; picket reads what a firewall logged',
}

export function whatToDo(form: Exclude<FileForm, 'text' | 'gzip'>, name: string): string {
  return `${safeText(name)}: ${UNPACK[form](name)}`
}

/** The same memory as a plain Uint8Array, which is what the parser reads. */
export function bytesOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

/** The same memory as a Buffer, whose `indexOf` is four times as fast as that of a plain Uint8Array. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** Unpacks gzip data of any number of members; throws zlib's error (code Z_…) where it is cut or damaged. */
export async function* gunzip(
  first: Uint8Array,
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  // Loaded for those who need it: it takes 4 ms, a fortieth of the start
  const { createGunzip } = await import('node:zlib')
  const packed = Readable.from(copies(first, rest), { objectMode: false })
  const unpacker = createGunzip({ chunkSize: 1 << 18 })
  packed.on('error', (error) => unpacker.destroy(error))
  for await (const chunk of packed.pipe(unpacker)) yield bytesOf(chunk as Buffer)
}

/** zlib works on a chunk while the next is being read into the same buffer. */
async function* copies(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void> {
  yield Buffer.from(first)
  for await (const chunk of rest) yield Buffer.from(chunk)
}
