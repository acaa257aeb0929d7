/**
 * `picket topics acl`: the least rights of each process, printed as kafka-acls.sh takes them, or granted.
 */
import { type AclRule, ROLES, type Role, rulesFor } from '@picket/runtime'
import type { AclFlags } from '../commands/topics.ts'
import { WrongUse } from '../failures.ts'
import { print, printJson, withTopics } from './open.ts'

export async function showAcls(flags: AclFlags): Promise<void> {
  const principals = principalsOf(flags.principal)
  const rules = await withTopics(flags.config, async ({ admin, kafka }) => {
    const all = ROLES.flatMap((role) => rulesFor(role, principals[role], kafka))
    if (flags.apply === true) await admin.allow(all)
    return all
  })
  if (flags.json === true) printJson({ applied: flags.apply === true, rules })
  else for (const rule of rules) print(`${flags.apply === true ? 'granted: ' : ''}${printRule(rule)}`)
}

function principalsOf(given: readonly string[]): Record<Role, string> {
  const principals = Object.fromEntries(ROLES.map((role) => [role, `User:picket-${role}`])) as Record<
    Role,
    string
  >
  for (const text of given) {
    const [, role, principal] = /^([a-z]+)=(\w+:.+)$/.exec(text) ?? []
    if (role === undefined || principal === undefined || !isRole(role)) {
      throw new WrongUse(
        `--principal ${text}: it must be ROLE=TYPE:NAME, such as collector=User:edge\n  Roles: ${ROLES.join(', ')}`,
      )
    }
    principals[role] = principal
  }
  return principals
}

function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text)
}

function printRule({ principal, operation, resource, name, isPrefix }: AclRule): string {
  const pattern = isPrefix === true ? ' --resource-pattern-type prefixed' : ''
  const of = resource === 'cluster' ? '--cluster' : `--${resource} '${name}'${pattern}`
  return `--add --allow-principal '${principal}' --operation ${OPERATIONS[operation]} ${of}`
}

const OPERATIONS = {
  describe: 'Describe',
  read: 'Read',
  write: 'Write',
  'idempotent-write': 'IdempotentWrite',
} as const
