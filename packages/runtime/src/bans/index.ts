/** The entry point `@picket/runtime/bans`: apart from the rest, since it loads avsc. */
export { BanLedger, type LedgerContent, type LedgerEntry, type LedgerRead, readLedger } from './ban-ledger.ts'
export { BanVerifier, type RememberedBan } from './ban-verifier.ts'
export * from './keys.ts'
export {
  type BanFault,
  signBan,
  type UnsignedBan,
  type VerifiedBan,
  verifiedDigest,
  verifyBan,
} from './sign-ban.ts'
