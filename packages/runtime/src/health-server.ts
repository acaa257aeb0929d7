/**
 * Health server: /metrics, /healthz and /readyz over HTTP, for this machine only by default.
 *
 * It has no authentication: whoever binds it to another address than loopback tells the network what
 * this host logs. It answers GET and HEAD, keeps no connection for long and takes no body.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Metrics } from './metrics.ts'

export interface Health {
  readonly ok: boolean
  /** What is wrong, in words; empty when ok. */
  readonly reasons: readonly string[]
}

export interface HealthSource {
  /** Is it worth leaving this process alive and trusting it? */
  healthy(): Health
  /** Has it taken up its work? */
  ready(): Health
}

export interface Listening {
  readonly port: number
  close(): Promise<void>
}

export async function serveHealth(
  at: { readonly host: string; readonly port: number },
  metrics: Metrics,
  source: HealthSource,
): Promise<Listening> {
  const server = createServer((request, response) => {
    void answer(request, response, metrics, source)
  })
  server.headersTimeout = 5_000
  server.requestTimeout = 5_000
  server.keepAliveTimeout = 2_000
  server.maxConnections = 64
  await listen(server, at)
  return { port: (server.address() as AddressInfo).port, close: () => closeServer(server) }
}

function listen(server: Server, at: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new Error(`metrics.listen ${at.host}:${at.port}: ${whyNot(error)}`, { cause: error }))
    })
    server.listen(at.port, at.host, resolve)
  })
}

function whyNot(error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE') return 'the port is taken: choose another, or switch the metrics off'
  if (error.code === 'EADDRNOTAVAIL') return 'this machine has no such address'
  return error.message
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  metrics: Metrics,
  source: HealthSource,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    send(response, 405, 'text/plain', 'only GET\n')
    return
  }
  const path = request.url?.split('?')[0]
  if (path === '/metrics') {
    send(response, 200, metrics.registry.contentType, await metrics.registry.metrics())
  } else if (path === '/healthz') {
    sendHealth(response, source.healthy())
  } else if (path === '/readyz') {
    sendHealth(response, source.ready())
  } else {
    send(response, 404, 'text/plain', 'there is /metrics, /healthz and /readyz\n')
  }
}

function sendHealth(response: ServerResponse, health: Health): void {
  send(response, health.ok ? 200 : 503, 'application/json', `${JSON.stringify(health)}\n`)
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) })
  response.end(body)
}
