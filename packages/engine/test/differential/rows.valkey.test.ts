import { afterAll, beforeAll, describe, test } from 'vitest'
import { Comparison } from './comparison.ts'
import { SORT_ROWS } from './sort-rows.ts'
import { PAST_MS } from './step.ts'
import { STREAM_ROWS } from './stream-rows.ts'
import { ValkeyOracle } from './valkey-oracle.ts'
import { hasValkey, valkeyServer } from './valkey-process.ts'
import { VALUE_KIND_ROWS } from './value-kind-rows.ts'

/**
 * Rows of the specification and borders that random commands seldom meet, one command per line. A space parts arguments,
 * `""` is an empty one. `hide key field` gives a field a deadline long gone and leaves it there; `many n COMMAND key` adds n
 * numbered elements, `xmany n key field` as many entries with the ids from 1 on.
 */
const ROWS: Readonly<Record<string, string>> = {
  ...VALUE_KIND_ROWS,
  ...SORT_ROWS,
  ...STREAM_ROWS,
  'hash field deadlines: replies': `
    HSET h a 1 b 2 c 3
    HEXPIRE h 100 NX FIELDS 1 a
    HEXPIRE h 0 NX FIELDS 1 a
    HEXPIRE h 0 GT FIELDS 1 a
    HEXPIRE h 0 FIELDS 2 a zz
    HEXPIRE h 100 FIELDS 3 b b zz
    HEXPIRE h 50 XX LT FIELDS 2 b c
    HEXPIRE h 500 XX GT FIELDS 2 b c
    HEXPIRE h 500 LT FIELDS 1 c
    HPERSIST h FIELDS 3 b b zz
    HTTL h FIELDS 2 c zz
    HSETEX h XX FXX PX 100000 FIELDS 2 b 1 c 2
    HSETEX h FNX FIELDS 2 z 1 b 2
    HSETEX h KEEPTTL FIELDS 2 b 5 z 6
    HSETEX h EXAT 1 FIELDS 1 b 1
    HSETEX h EX 0 FIELDS 2 b 1 zz 4
    HSETEX nokey EX 0 FIELDS 2 b 1 zz 4
    HSETEX h FIELDS 3 m1 1 m1 2 m2 1
    HGETEX h PERSIST FIELDS 2 c zz
    HGETEX h EX 100 FIELDS 3 c c zz
    HGETEX h EXAT 1 FIELDS 3 c z zz
    HGETDEL h FIELDS 3 m1 m1 zz
    HGETDEL h FIELDS 2 m2 zz
    EXISTS h`,
  'hash field deadlines: hidden fields': `
    HSET k a 1 b 2 c 3
    hide k a
    HLEN k
    HGET k a
    HEXISTS k a
    HSTRLEN k a
    HKEYS k
    HVALS k
    HMGET k a b
    HGETALL k
    HSCAN k 0
    HRANDFIELD k 5
    HTTL k FIELDS 1 a
    HPERSIST k FIELDS 1 a
    HEXPIRE k 10 FIELDS 1 a
    HGETEX k FIELDS 1 a
    HGETEX k EX 10 FIELDS 1 a
    HGETDEL k FIELDS 1 a
    HDEL k a
    HLEN k
    HSET k a 1
    hide k a
    HSETNX k a 7
    hide k a
    HINCRBY k a 5
    hide k a
    HINCRBYFLOAT k a 0.5
    hide k a
    HSETEX k FXX FIELDS 1 a 1
    HSETEX k FNX KEEPTTL FIELDS 2 a 1 b 7
    HSETEX k EX 100 FIELDS 1 a 1
    HINCRBY k a 1
    HINCRBYFLOAT k a 1
    hide k a
    HSETEX k EX 0 FIELDS 1 a 2
    HSETEX only EX 100 FIELDS 1 a 1
    hide only a
    EXISTS only
    TYPE only
    DBSIZE
    HLEN only
    HGETALL only
    HRANDFIELD only
    HRANDFIELD only 2
    HRANDFIELD only -2
    OBJECT ENCODING only
    RENAME only only
    MOVE only 3
    SELECT 3
    HLEN only`,
  'hash field deadlines: errors': `
    SET str x
    HSET h a 1
    HEXPIRE str 10 FOO FIELDS 1 a
    HEXPIRE str 10 FIELDS x a
    HEXPIRE str 10 FIELDS 2 a
    HEXPIRE str x FIELDS 1 a
    HEXPIRE str -1 FIELDS 1 a
    HEXPIRE str 10 FIELDS 1 a
    HEXPIRE h 10 NX XX FIELDS 1 a
    HEXPIRE h 10 NX GT FIELDS 1 a
    HEXPIRE h 10 GT LT FIELDS 1 a
    HEXPIRE h 10 a 1 b
    HEXPIRE h 10 FIELDS 0 a
    HEXPIRE h 10 FIELDS -1 a
    HEXPIRE h 10 FIELDS 1
    HEXPIRE h 10 FIELDS 1 FIELDS
    HEXPIRE h FIELDS 1 a b c
    HEXPIRE h 9223372036854775807 FIELDS 1 a
    HPEXPIRE h 9223372036854775807 FIELDS 1 a
    HEXPIREAT h 4102444800 FIELDS 1 a
    HPERSIST h FIELDS 1 a
    HTTL str FIELDS 1 a
    HTTL str FIELDS x a
    HTTL str FIELDS 2 a
    HTTL str FOO x a
    HTTL nokey FIELDS -1 a
    HPERSIST str FIELDS 2 a
    HPERSIST str FOO x a
    HPERSIST str FIELDS 1 a
    HGETDEL str FIELDS 2 a
    HGETDEL str FIELDS x a
    HGETDEL str FOO 1 a
    HGETDEL str FIELDS 1 a
    HGETEX str EX FIELDS 1 a
    HGETEX str EX x FIELDS 1 a
    HGETEX h EX x FIELDS 1 a
    HGETEX nokey EX x FIELDS 1 a
    HGETEX h EX -1 FIELDS 1 a
    HGETEX str EX 10 FIELDS 2 a
    HGETEX str EX 10 PX 10 FIELDS 1 a
    HGETEX str PERSIST EX 10 FIELDS 1 a
    HGETEX h FIELDS 1 a EX 10
    HGETEX h KEEPTTL FIELDS 1 a
    HSETEX str FIELDS 1 a 1
    HSETEX str FIELDS 2 a 1
    HSETEX str FIELDS x a 1
    HSETEX h FIELDS 2 a 1 b
    HSETEX str EX 10 KEEPTTL FIELDS 1 a 1
    HSETEX str EX x FIELDS 1 a 1
    HSETEX h EX x FIELDS 1 a 1
    HSETEX h NX EX x FIELDS 1 a 1
    HSETEX h XX FNX EX x FIELDS 1 a 1
    HSETEX h FNX FXX FIELDS 1 a 1
    HSETEX h NX XX FIELDS 1 a 1
    HSETEX h PERSIST FIELDS 1 a 1
    HSETEX h PX -5 FIELDS 1 a 1`,
  'numbered databases': `
    SELECT 3
    SET {t}k v3
    SELECT 0
    GET {t}k
    SET {t}k v0
    MOVE {t}k 3
    MOVE {t}k 1
    MOVE {t}k 0
    MOVE {t}k 99
    MOVE {t}k x
    MOVE nokey 0
    SELECT 1
    COPY {t}k {t}k DB 2
    COPY {t}k {t}k DB 2
    COPY {t}k {t}k DB 2 REPLACE
    COPY {t}k {t0}k DB 2
    COPY {t}k {t}k DB 99
    COPY {t}k {t}k DB 1
    COPY {t}k {t}l FOO
    COPY {t}k {t}l DB x
    FLUSHDB
    DBSIZE
    SELECT 2
    DBSIZE
    SELECT 99
    SELECT x
    SWAPDB 0 1
    FLUSHALL FOO
    FLUSHALL SYNC FOO
    FLUSHALL ASYNC
    SELECT 3
    DBSIZE`,
  'forms of strings': `
    SET k 123
    OBJECT ENCODING k
    APPEND k 4
    OBJECT ENCODING k
    INCR k
    OBJECT ENCODING k
    SETRANGE k 0 9
    OBJECT ENCODING k
    COPY k k DB 2
    SELECT 2
    OBJECT ENCODING k
    SELECT 0
    GETSET k 5
    OBJECT ENCODING k
    INCRBYFLOAT k 1
    OBJECT ENCODING k
    SET k 12345678901234567890
    OBJECT ENCODING k
    SET k -9223372036854775808
    OBJECT ENCODING k
    SET k 007
    OBJECT ENCODING k
    SETRANGE new 0 12
    OBJECT ENCODING new
    APPEND newer 12
    OBJECT ENCODING newer
    MSET {m}a 1 {m}b x
    OBJECT ENCODING {m}a
    OBJECT REFCOUNT k
    OBJECT FREQ k
    OBJECT ENCODING nokey
    OBJECT REFCOUNT nokey
    OBJECT FREQ nokey
    OBJECT ENCODING
    OBJECT FOO k`,
  'forms of sets': `
    many 512 SADD i
    OBJECT ENCODING i
    SADD i 512
    OBJECT ENCODING i
    many 127 SADD j
    SADD j word
    OBJECT ENCODING j
    SADD j word2
    OBJECT ENCODING j
    many 128 SADD l
    SADD l word
    OBJECT ENCODING l
    many 513 SADD m
    OBJECT ENCODING m
    SADD n word 1 2
    OBJECT ENCODING n
    SREM n word
    OBJECT ENCODING n
    SADD {s}a 1 2 3 x
    SADD {s}b 1 2 3
    SINTERSTORE {s}c {s}a {s}b
    OBJECT ENCODING {s}c
    SUNIONSTORE {s}c {s}a {s}b
    OBJECT ENCODING {s}c
    SDIFFSTORE {s}c {s}a {s}b
    OBJECT ENCODING {s}c
    many 300 SADD {s}big
    SADD {s}big x y
    SADD {s}big2 x y 1
    SINTERSTORE {s}c {s}big {s}big2
    OBJECT ENCODING {s}c
    COPY {s}big {s}big3
    OBJECT ENCODING {s}big3`,
  'forms of hashes, sorted sets and lists': `
    many 511 HSET h
    OBJECT ENCODING h
    HSET h a 1
    OBJECT ENCODING h
    HSET h b 1
    OBJECT ENCODING h
    HDEL h a b 1 2 3
    OBJECT ENCODING h
    many 128 ZADD z
    OBJECT ENCODING z
    ZADD z 1 more
    OBJECT ENCODING z
    ZREM z more
    OBJECT ENCODING z
    many 129 ZADD y
    OBJECT ENCODING y
    ZADD {z}a 1 m 2 n
    ZUNIONSTORE {z}b 1 {z}a
    OBJECT ENCODING {z}b
    ZRANGESTORE {z}b {z}a 0 0
    OBJECT ENCODING {z}b
    many 200 RPUSH l
    OBJECT ENCODING l
    many 4000 RPUSH big
    OBJECT ENCODING big
    LTRIM big 0 10
    OBJECT ENCODING big
    many 4000 LPUSH big2
    LTRIM big2 0 2000
    OBJECT ENCODING big2`,
  'sorted sets: scores and ranges': `
    ZADD z -0 a 1e17 b 1e-7 c 123456789012345678 d 3.0e21 e inf f -inf g 0.1 h 1.5e300 i
    ZRANGE z 0 -1 WITHSCORES
    ZSCAN z 0 COUNT 100
    ZADD z 1e400 x
    ZADD z 1e-400 x
    ZADD z 0x10 x
    ZADD z nan x
    ZADD z 1. x .5 y +1 w
    ZSCORE z x
    ZSCORE z y
    ZINCRBY z -inf f
    ZADD z INCR inf g
    ZCOUNT z (1 +inf
    ZCOUNT z 1e400 +inf
    ZCOUNT z "" 5
    ZCOUNT z ((1 5
    ZCOUNT z a b
    ZRANGEBYSCORE z (-inf (inf LIMIT 1 2 WITHSCORES
    ZRANGE z 0 -1 LIMIT 0 1
    ZRANGE z 0 -1 LIMIT 0 -1
    ZRANGE z - + BYLEX WITHSCORES
    ZRANGE z - + BYLEX BYSCORE
    ZRANGE z 0 5 BYSCORE LIMIT 0
    ZRANGEBYLEX z a b
    ZLEXCOUNT z [ +
    ZLEXCOUNT z ( +
    ZLEXCOUNT z "" +
    ZRANK z a WITHSCORE
    ZRANK z nope WITHSCORE
    ZRANK z a FOO
    ZRANK z a WITHSCORE FOO
    ZADD e 0 a 0 b 0 c 0 d
    ZRANGEBYLEX e [b (d
    ZREVRANGEBYLEX e + (a LIMIT 1 1
    ZREMRANGEBYLEX e (a [c
    ZRANGE e 0 -1
    ZUNION 2 z e WEIGHTS 1 inf WITHSCORES
    SADD {e} a d x
    ZINTERSTORE {e}out 1 {e} WEIGHTS 3
    ZRANGE {e}out 0 -1 WITHSCORES
    ZUNIONSTORE {e}out 0 {e}
    ZUNIONSTORE {e}out 1 {e} WEIGHTS x
    ZUNIONSTORE {e}out 1 {e} AGGREGATE MEAN
    ZDIFF 1 {e} WEIGHTS 1
    ZINTERCARD 0 {e}
    ZINTERCARD 1 {e} LIMIT -1`,
  'lists: positions and errors': `
    RPUSH l a b c a b c
    LPOS l a RANK 0
    LPOS l a RANK x
    LPOS l a RANK -9223372036854775808
    LPOS l a COUNT -1
    LPOS l a COUNT x
    LPOS l a MAXLEN -1
    LPOS l a RANK -1 COUNT 0
    LPOS l c RANK -1 COUNT 0 MAXLEN 2
    LPOS nokey a COUNT 1
    LPOP l x
    LPOP l 1 2
    LPOP nokey 0
    LINDEX nokey x
    LINDEX l x
    LSET nokey x y
    LSET l x y
    LSET l 100 y
    LINSERT l foo a b
    LINSERT l BEFORE zz b
    LINSERT nokey BEFORE a b
    LREM l x a
    LTRIM l 0 -1
    LTRIM l 5 3
    LMPOP 0 l LEFT
    LMPOP 1 l MIDDLE
    LMPOP 1 l LEFT COUNT 0
    LMPOP 1 l LEFT COUNT 1 COUNT 2`,
  'counts of random members': `
    SADD s a b
    HSET h a 1 b 2
    ZADD z 1 a 2 b
    SRANDMEMBER s -9223372036854775808
    HRANDFIELD h -9223372036854775808
    ZRANDMEMBER z -9223372036854775808
    HRANDFIELD h -9223372036854775807 WITHVALUES
    ZRANDMEMBER z 9223372036854775807 WITHSCORES
    SRANDMEMBER s 9223372036854775807
    HRANDFIELD h 1 FOO
    HRANDFIELD h 1 WITHVALUES FOO
    ZRANDMEMBER z 1 FOO
    SRANDMEMBER s 1 FOO
    SPOP s -1
    SPOP s x
    SPOP s 1 2`,
  CLUSTERSCAN: `
    MSET {x}1 1 {x}2 2
    SADD {x}3 1
    SET foo 1
    CLUSTERSCAN 0
    CLUSTERSCAN x
    CLUSTERSCAN 00
    CLUSTERSCAN x FOO
    CLUSTERSCAN 0-{06S}
    CLUSTERSCAN 0-{06S}-x
    CLUSTERSCAN 0--{06S}-0
    CLUSTERSCAN 0-{06S}-0-0
    CLUSTERSCAN 0-{06S}-18446744073709551616
    CLUSTERSCAN 0 FOO
    CLUSTERSCAN 0 COUNT 0
    CLUSTERSCAN 0 COUNT x
    CLUSTERSCAN 0 TYPE nosuch
    CLUSTERSCAN 0 NOVALUES
    CLUSTERSCAN 0 SLOT
    CLUSTERSCAN 0 SLOT x
    CLUSTERSCAN 0 SLOT 16384
    CLUSTERSCAN 0 SLOT 12182
    CLUSTERSCAN 0 MATCH foo
    CLUSTERSCAN 0 MATCH f*
    CLUSTERSCAN 0 MATCH {x}*
    CLUSTERSCAN 0 SLOT 12182 MATCH {x}*
    CLUSTERSCAN 0-{06S}-0 COUNT 100000
    CLUSTERSCAN 0-{06S}-0 COUNT 100000 TYPE set
    CLUSTERSCAN 0-{06S}-0 COUNT 100000 MATCH f*
    CLUSTERSCAN 0-{06S}-0 MATCH foo
    CLUSTERSCAN 0-{9Le}-0 MATCH foo
    CLUSTERSCAN 0-{x}-0 MATCH foo
    CLUSTERSCAN 0-{x}-0 COUNT 100000
    CLUSTERSCAN 0-{foo}-0 SLOT 12182
    CLUSTERSCAN 0-{foo}-0 SLOT 12183
    CLUSTERSCAN 0-{foo}-0 SLOT 12182 MATCH bar
    SELECT 1
    CLUSTERSCAN 0-{06S}-0 COUNT 100000
    COMMAND GETKEYS CLUSTERSCAN 0`,
  cursors: `
    SET a 1
    SCAN x
    SCAN ""
    SCAN -1
    SCAN -0
    SCAN 01 COUNT 1000
    SCAN 18446744073709551615
    SCAN 18446744073709551616
    SCAN 0 COUNT 0
    SCAN 0 COUNT x
    SCAN 0 FOO
    SCAN 0 MATCH
    SCAN 0 TYPE nosuch
    SCAN 0 NOVALUES
    SCAN 0 NOSCORES
    SSCAN nokey x
    SSCAN nokey 0 FOO
    HSCAN a x
    HSCAN a 0 FOO
    ZSCAN a 0`
}

const reason = hasValkey() ? '' : ` (skipped: there is no ${valkeyServer})`

describe.skipIf(!hasValkey())(`[HFE3] rows of the specification, as a real server answers them${reason}`, () => {
  let oracle: ValkeyOracle
  beforeAll(async () => {
    oracle = await ValkeyOracle.start()
    // So that DUMP gives the same bytes: the engine does not compress.
    await oracle.call(['CONFIG', 'SET', 'rdbcompression', 'no'])
  })
  afterAll(() => oracle.close())

  const cases = Object.entries(ROWS).flatMap(([name, lines]) => [2, 3].map((protocol) => [name, protocol, lines] as const))
  test.each(cases)('%s, RESP%i', async (_, protocol, lines) => {
    const comparison = await Comparison.begin(oracle, protocol)
    for (const line of lines.trim().split('\n')) {
      const [name = '', ...args] = line
        .trim()
        .split(' ')
        .map((part) => (part === '""' ? '' : part))
      if (name === 'hide') await comparison.hide(['HPEXPIREAT', args[0] ?? '', String(PAST_MS), 'FIELDS', '1', args[1] ?? ''])
      else if (name === 'xmany') await comparison.run(manyEntries(Number(args[0]), args[1] ?? '', args[2] ?? ''))
      else if (name === 'many') await comparison.run([many(Number(args[0]), args[1] ?? '', args[2] ?? '')])
      else await comparison.run([[name, ...args]])
    }
  })
})

function manyEntries(count: number, key: string, field: string): string[][] {
  return Array.from({ length: count }, (_, index) => ['XADD', key, String(index + 1), field, String(index)])
}

function many(count: number, name: string, key: string): string[] {
  const elements = Array.from({ length: count }, (_, index) => String(index))
  return [name, key, ...(name === 'HSET' || name === 'ZADD' ? elements.flatMap((element) => [element, element]) : elements)]
}
