/**
 * Bytes: a Buffer as the plain Uint8Array over the same memory.
 *
 * Nothing is copied. The compiler does not take the one for the other with the declarations of the
 * oldest Node that we run on, so this is where they meet.
 */
export function bytesOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}

/** The other way round, for the searching and decoding methods of Buffer. */
export function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength)
}
