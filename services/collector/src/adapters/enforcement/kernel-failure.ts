/** What the kernel or its tool refuses as a whole. Single subjects that fail are values (`Failures`), not this. */
export class KernelFailure extends Error {
  override readonly name = 'KernelFailure'
  readonly reason = 'kernel'
  readonly retryable = true
}
