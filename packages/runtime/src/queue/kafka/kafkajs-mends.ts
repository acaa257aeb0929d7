/**
 * What is mended in kafkajs 2.2.4 before it is used. Its last release is of 2023, and its maintainers are gone.
 *
 * None of these faults shows while all is well; the tests that kill, hang and cut off a broker stand in test/contract.
 */
export interface Patchable<T> {
  readonly prototype: T
}

export interface RequestQueue {
  throttledUntil: number
  throttleCheckTimeoutId: NodeJS.Timeout | null
  readonly pending: readonly unknown[]
  checkPendingRequests(): void
  scheduleCheckPendingRequests(): void
}

/** Its timer re-arms itself for ever with a negative delay, 2,700 times a second (tulios/kafkajs#1704). */
export function mendTimer({ prototype }: Patchable<RequestQueue>): void {
  prototype.scheduleCheckPendingRequests = function scheduleCheckPendingRequests(): void {
    if (this.throttleCheckTimeoutId !== null) return
    const throttledMs = this.throttledUntil - Date.now()
    if (this.pending.length === 0 && throttledMs <= 0) return
    this.throttleCheckTimeoutId = setTimeout(
      () => {
        this.throttleCheckTimeoutId = null
        this.checkPendingRequests()
      },
      Math.max(1, throttledMs > 0 ? throttledMs : 10),
    )
  }
}

export interface Connection {
  chunks: readonly unknown[]
  bytesBuffered: number
  bytesNeeded: number
  opening?: Promise<unknown> | undefined
  isConnected(): boolean
  rejectRequests(error: Error): void
  connect(): Promise<unknown>
  disconnect(): Promise<unknown>
}

/** Bytes of the length that stands before each answer. */
const LENGTH_BYTES = 4

/**
 * Two who want a connection at once must not open two sockets for it; half an answer of the old socket must not stand before the
 * first of the new one; and whoever closes it must not wait for answers that are no longer timed, and may never come.
 */
export function mendConnection({ prototype }: Patchable<Connection>): void {
  const { connect, disconnect } = prototype
  prototype.connect = function connectOnce(): Promise<unknown> {
    if (this.isConnected()) return Promise.resolve(true)
    if (this.opening === undefined) {
      this.chunks = []
      this.bytesBuffered = 0
      this.bytesNeeded = LENGTH_BYTES
      this.opening = connect.call(this).finally(() => {
        this.opening = undefined
      })
    }
    return this.opening
  }
  prototype.disconnect = function disconnectNow(): Promise<unknown> {
    this.rejectRequests(connectionClosed())
    return disconnect.call(this)
  }
}

/** As one of kafkajs' own, so that it is tried again. */
function connectionClosed(): Error {
  return Object.assign(new Error('the connection was closed'), {
    name: 'KafkaJSConnectionError',
    retriable: true,
  })
}
