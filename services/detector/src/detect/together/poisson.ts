/** The upper tail of the Poisson distribution, as a logarithm: it is about chances far below what a double holds. */

/** ln P(X >= k) where X is Poisson with this mean. */
export function lnPoissonTail(mean: number, k: number): number {
  if (k <= 0) return 0
  if (mean <= 0) return Number.NEGATIVE_INFINITY
  // Above the mean the terms fall; below it the tail is so near 1 that nobody asks for more.
  if (k <= mean) return 0
  let term = 1
  let sum = 1
  for (let i = k + 1; term > sum * 1e-16; i++) {
    term *= mean / i
    sum += term
  }
  return Math.min(0, -mean + k * Math.log(mean) - lnFactorial(k) + Math.log(sum))
}

function lnFactorial(n: number): number {
  let sum = 0
  for (let i = 2; i <= n; i++) sum += Math.log(i)
  return sum
}
