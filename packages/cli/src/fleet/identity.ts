/** Identity: how a process of the fleet that has no agent's identity is named in heartbeats and to the broker. */
import { hostname } from 'node:os'

export const REPORTER: string = hostname()

export function instanceName(service: string): string {
  return `${service}-${REPORTER}-${process.pid}`
}
