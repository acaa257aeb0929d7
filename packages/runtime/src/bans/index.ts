/** The entry point `@picket/runtime/bans`: apart from the rest, since it loads avsc. */
export {
  BanLedger,
  digestsOf,
  type LedgerContent,
  type LedgerEntry,
  type LedgerRead,
  readLedger,
} from './ban-ledger.ts'
export { BanVerifier, type RememberedAllowlist, type RememberedBan } from './ban-verifier.ts'
export * from './keys.ts'
export * from './sign-allowlist.ts'
export { type BanFault, signBan, type UnsignedBan, type VerifiedBan, verifyBan } from './sign-ban.ts'
export { verifiedDigest } from './signed-message.ts'
