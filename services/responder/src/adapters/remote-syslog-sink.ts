/**
 * Alerts to a syslog server: UDP (RFC 5426) in the form of RFC 5424.
 *
 * UDP tells nobody whether it arrived: it is for a second place, not for the only one.
 */
import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { hostname } from 'node:os'
import type { Alert } from '@picket/schemas'
import type { AlertSink, Wording } from './alert-sink.ts'

/** Facility local7 (23), severity notice (5): RFC 5424 6.2.1. */
const PRIORITY = 23 * 8 + 5
/** What every receiver should take: RFC 5426 3.2. */
const MAX_MESSAGE_BYTES = 2_048

export class RemoteSyslogSink implements AlertSink {
  readonly name = 'remote'
  readonly #server: { readonly host: string; readonly port: number }
  readonly #wording: Wording
  readonly #socket: Socket

  constructor(server: { readonly host: string; readonly port: number }, wording: Wording) {
    this.#server = server
    this.#wording = wording
    this.#socket = createSocket(isIPv6(server.host) ? 'udp6' : 'udp4')
    this.#socket.on('error', () => {
      // An answer that the port is closed; `send` reports what concerns one alert.
    })
    this.#socket.unref()
  }

  tell(alert: Alert): Promise<void> {
    const message = Buffer.from(this.#message(alert)).subarray(0, MAX_MESSAGE_BYTES)
    return new Promise((resolve, reject) => {
      this.#socket.send(message.toString(), this.#server.port, this.#server.host, (error) => {
        if (error === null) resolve()
        else reject(new Error(`syslog server ${this.#server.host}: ${error.message}`, { cause: error }))
      })
    })
  }

  #message(alert: Alert): string {
    const time = new Date().toISOString()
    return `<${PRIORITY}>1 ${time} ${hostname()} picket ${process.pid} alert - ${this.#wording(alert)}`
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.close(resolve))
  }
}
