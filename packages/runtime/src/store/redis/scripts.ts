/**
 * Scripts: each operation of the store as one Lua script, so that it happens as a whole or not at all.
 *
 * Redis does not undo a script that fails half way. So nothing may fail after the first write: sizes and times are checked
 * before sending, the first write is one that Redis refuses when memory is full, and `claim` uses every right that a commit
 * needs. Redis 6.2 is enough. Numbers go through '%.0f', because Lua prints large ones with an exponent.
 */
import { createHash } from 'node:crypto'

export interface Script {
  readonly lua: string
  readonly sha: string
}

function script(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') }
}

/** Local functions are faster than look-ups in a table, and SETEX with a text is faster than SET with a number. */
const WRITE_VALUES = `
local call, take, texts = redis.call, struct.unpack, {}
local function write(values, payload, at, count)
  local key, ttl, value, text
  for _ = 1, count do
    key, ttl, value, at = take('<I2c0I4I4c0', payload, at)
    text = texts[ttl]
    if not text then
      text = string.format('%d', ttl)
      texts[ttl] = text
    end
    call('SETEX', values .. key, text, value)
  end
  return at
end
`

/** KEYS meta, marks, outbox, probe; ARGV the least epoch, outputs of the first page. */
export const CLAIM: Script = script(`
local call = redis.call
local meta = call('HMGET', KEYS[1], 'e', 'n', 'p')
local epoch = string.format('%.0f', math.max(tonumber(meta[1] or '0') + 1, tonumber(ARGV[1])))
call('SETEX', KEYS[4], '60', '')
call('LTRIM', KEYS[3], '0', '-1')
call('RPUSH', KEYS[3], '')
call('LTRIM', KEYS[3], '0', '-2')
call('HSET', KEYS[1], 'e', epoch)
return { epoch, meta[2] or '', meta[3] or '0', call('LLEN', KEYS[3]), call('HGETALL', KEYS[2]),
  call('LRANGE', KEYS[3], '0', ARGV[2] - 1) }
`)

/** KEYS meta, outbox; ARGV epoch, first and last index. False when another has claimed since. */
export const PAGE: Script = script(`
if redis.call('HGET', KEYS[1], 'e') ~= ARGV[1] then return false end
return redis.call('LRANGE', KEYS[2], ARGV[2], ARGV[3])
`)

/** KEYS meta. */
export const POSITION: Script = script(`return redis.call('HGET', KEYS[1], 'n')`)

/** KEYS meta; ARGV epoch, expected ('' for none): what a commit would be told. */
export const OWNERSHIP: Script = script(`
local meta = redis.call('HMGET', KEYS[1], 'e', 'n')
if meta[1] ~= ARGV[1] then return 'fenced' end
return (meta[2] or '') == ARGV[2] and 'ours' or 'moved'
`)

/** KEYS beginning of values; ARGV packed keys. Answers with all lengths (-1: nothing there), then all values. */
export const LOAD: Script = script(`
local take, values, keys, at, count, key = struct.unpack, KEYS[1], {}, 1, 0, nil
local packed = ARGV[1]
local size = #packed
while at <= size do
  key, at = take('<I2c0', packed, at)
  count = count + 1
  keys[count] = values .. key
end
local found, lengths, there = redis.call('MGET', unpack(keys)), {}, {}
for i = 1, count do
  local value = found[i]
  if value then
    lengths[i] = #value
    there[#there + 1] = value
  else
    lengths[i] = -1
  end
end
return struct.pack('<' .. string.rep('i4', count), unpack(lengths)) .. table.concat(there)
`)

/**
 * KEYS meta, marks, outbox, beginning of values; ARGV epoch, expected ('' for none), next, token, number of values, of marks,
 * of outputs, and all of them packed. The token names this very commit: sent again because its answer was lost, it is found
 * to be written already.
 */
export const COMMIT: Script = script(`${WRITE_VALUES}
local meta = call('HMGET', KEYS[1], 'e', 'n', 'p', 'c')
if meta[1] ~= ARGV[1] then return 'fenced' end
local last, outputs = tonumber(meta[3] or '0'), tonumber(ARGV[7])
if meta[4] == ARGV[4] then return string.format('%.0f', last - outputs + 1) end
if (meta[2] or '') ~= ARGV[2] then return 'moved' end
local payload = ARGV[8]
local at = write(KEYS[4], payload, 1, tonumber(ARGV[5]))
local name, value
for _ = 1, tonumber(ARGV[6]) do
  name, value, at = take('<I2c0Bc0', payload, at)
  call('HSET', KEYS[2], name, value)
end
for _ = 1, outputs do
  value, at = take('<I4c0', payload, at)
  call('RPUSH', KEYS[3], value)
end
call('HSET', KEYS[1], 'n', ARGV[3], 'p', string.format('%.0f', last + outputs), 'c', ARGV[4])
return string.format('%.0f', last + 1)
`)

/** KEYS meta, outbox; ARGV epoch, place. */
export const TRIM: Script = script(`
local meta = redis.call('HMGET', KEYS[1], 'e', 'p')
if meta[1] ~= ARGV[1] then return 0 end
local first = tonumber(meta[2] or '0') - redis.call('LLEN', KEYS[2]) + 1
local gone = tonumber(ARGV[2]) - first + 1
if gone > 0 then redis.call('LTRIM', KEYS[2], string.format('%.0f', gone), '-1') end
return 1
`)

/** KEYS meta, beginning of values; ARGV epoch, number of values, packed values. */
export const NOTE: Script = script(`${WRITE_VALUES}
if call('HGET', KEYS[1], 'e') ~= ARGV[1] then return 0 end
write(KEYS[2], ARGV[3], 1, tonumber(ARGV[2]))
return 1
`)

/** KEYS beginning of values, which only names the node; ARGV cursor, pattern. */
export const SCAN: Script = script(`
return redis.call('SCAN', ARGV[1], 'MATCH', ARGV[2], 'COUNT', '1000')
`)
