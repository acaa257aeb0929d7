import assert from 'node:assert/strict'
import net from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Address, isV4, parseAddress, printAddress } from '../src/index.ts'

const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })
const anyAddress = fc.oneof(
  fc.tuple(word, word, word, word),
  word.map((low) => [0, 0, 0xffff, low] as const),
  fc.tuple(...([0, 1, 2, 3].map(() => fc.constantFrom(0, 1, 0x10000, -1)) as [never, never, never, never])),
)
const address: fc.Arbitrary<Address> = anyAddress.map((words) => Int32Array.from(words))

function words(text: string): number[] | undefined {
  const parsed = parseAddress(text)
  return parsed === undefined ? undefined : [...parsed].map((each) => each >>> 0)
}

test('an address reads back as it was printed', () => {
  fc.assert(
    fc.property(address, (original) => {
      assert.deepEqual(parseAddress(printAddress(original)), original)
    }),
  )
})

test('what is printed is what the URL standard of Node prints for the same address', () => {
  fc.assert(
    fc.property(address, (original) => {
      const text = printAddress(original)
      const expected = isV4(original) ? text : new URL(`http://[${text}]/`).hostname.slice(1, -1)
      assert.equal(text, expected)
      assert.equal(net.isIP(text), isV4(original) ? 4 : 6)
    }),
  )
})

test('a text is an address exactly when net.isIP says so', () => {
  const almost = fc
    .array(
      fc.constantFrom(':', '::', '.', '0', '1', '00', '255', '256', 'f', 'ffff', 'g', '1.2.3.4', ' ', '-1'),
      {
        maxLength: 16,
      },
    )
    .map((parts) => parts.join(''))
  const sixes = fc
    .array(fc.constantFrom('0', '1', 'fFff', '', '10000', '1.2.3.4'), { minLength: 1, maxLength: 9 })
    .map((parts) => parts.join(':'))
  const fours = fc
    .array(fc.constantFrom('0', '1', '01', '255', '256', '', '1e1'), { minLength: 1, maxLength: 5 })
    .map((parts) => parts.join('.'))
  fc.assert(
    fc.property(fc.oneof(almost, sixes, fours, fc.string()), (text) => {
      fc.pre(!text.includes('%'))
      assert.equal(parseAddress(text) !== undefined, net.isIP(text) !== 0, text)
    }),
    { numRuns: 5000 },
  )
})

test('a mapped address is its IPv4 address', () => {
  assert.deepEqual(words('::ffff:10.1.2.3'), words('10.1.2.3'))
  assert.deepEqual(words('::FFFF:0a01:0203'), words('10.1.2.3'))
  assert.equal(printAddress(parseAddress('::ffff:10.1.2.3') as Address), '10.1.2.3')
})

test('the long form that the kernel logs prints in the shortest form', () => {
  const cases = [
    ['2001:0db8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
    ['2001:0db8:0000:0001:0001:0001:0001:0001', '2001:db8:0:1:1:1:1:1'],
    ['0000:0000:0000:0000:0000:0000:0000:0000', '::'],
    ['fe80:0000:0000:0000:0000:0000:0000:0000', 'fe80::'],
  ] as const
  for (const [long, short] of cases) assert.equal(printAddress(parseAddress(long) as Address), short)
})

test('zones, octal-looking and short forms are refused', () => {
  for (const text of ['fe80::1%eth0', '010.0.0.1', '10.1', '0x7f.0.0.1', '1.2.3.4::', '', ' ::1']) {
    assert.equal(parseAddress(text), undefined, text)
  }
})
