import { afterAll, beforeAll, describe, test } from 'vitest'
import { Comparison, PAST_MS } from './comparison.ts'
import { hasValkey, ValkeyOracle, valkeyServer } from './valkey-oracle.ts'

/**
 * Rows of the specification and borders that random commands seldom meet, one command per line. A space parts arguments,
 * `""` is an empty one. `hide key field` gives a field a deadline long gone and leaves it there; `many n COMMAND key` adds n
 * numbered elements.
 */
const ROWS: Readonly<Record<string, string>> = {
  geo: `
    GEOADD Sicily 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
    GEODIST Sicily Palermo Catania
    GEODIST Sicily Palermo Catania km
    GEODIST Sicily Palermo Catania FT
    GEODIST Sicily Palermo Catania yd
    GEODIST Sicily Palermo Catania km x
    GEODIST Sicily Palermo Palermo
    GEODIST Sicily Palermo Nowhere
    GEODIST nokey a b
    GEODIST nokey a b yd
    GEOHASH Sicily Palermo Catania Nowhere
    GEOHASH Sicily
    GEOHASH nokey a
    GEOPOS Sicily Palermo Catania Nowhere
    GEOPOS Sicily
    GEOPOS nokey a
    ZRANGE Sicily 0 -1 WITHSCORES
    GEOADD edges 180 85.05112878 ne -180 -85.05112878 sw 0 0 mid
    GEOPOS edges ne sw mid
    ZRANGE edges 0 -1 WITHSCORES
    GEOHASH edges ne sw mid
    GEOADD edges 180.1 0 x
    GEOADD edges 0 86 x
    GEOADD edges inf 0 x
    GEOADD edges 1e30 0 x
    GEOADD edges x 0 x
    GEOADD edges 0 x x
    GEOADD edges 0 0
    GEOADD edges NX XX 0 0 x
    GEOADD edges NX CH NX
    GEOADD edges XX CH 1 1 mid 2 2 new
    GEOADD edges NX 5 5 mid
    SET s x
    GEOADD s 0 0 x
    GEOADD s 0 0
    GEOPOS s a
    ZADD odd -1 minus 1.5 half 9007199254740993 big 1e300 huge inf inf
    GEOPOS odd minus half big
    GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS 200 km ASC WITHCOORD WITHDIST WITHHASH
    GEOSEARCH Sicily FROMLONLAT 15 37 BYBOX 400 400 km DESC
    GEOSEARCH Sicily FROMMEMBER Palermo BYRADIUS 200 km ASC
    GEOSEARCH Sicily FROMMEMBER Nowhere BYRADIUS 200 km
    GEOSEARCH Sicily FROMMEMBER Palermo FROMLONLAT 1 1 BYRADIUS 200 km
    GEOSEARCH Sicily FROMLONLAT 1 1 FROMMEMBER Palermo BYRADIUS 200 km
    GEOSEARCH Sicily FROMLONLAT 1 1 FROMLONLAT 15 37 BYRADIUS 200 km ASC
    GEOSEARCH Sicily FROMMEMBER Palermo BYRADIUS 200 km BYBOX 1 1 m
    GEOSEARCH Sicily FROMMEMBER Palermo BYBOX 1 1 m BYRADIUS 200 km
    GEOSEARCH Sicily FROMMEMBER Palermo ASC ASC ASC
    GEOSEARCH Sicily BYRADIUS 200 km ASC ASC
    GEOSEARCH nokey FROMMEMBER Palermo BYRADIUS 200 km
    GEOSEARCH nokey BYRADIUS 200 km ASC ASC
    GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS 200 km COUNT 0
    GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS 200 km COUNT x
    GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1
    GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS 200 km COUNT 1 ANY
    GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS 200 km ANY
    GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS 200 yd
    GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS -1 km
    GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS x km
    GEOSEARCH Sicily FROMLONLAT 15 37 BYBOX x 1 km
    GEOSEARCH Sicily FROMLONLAT 15 37 BYBOX 1 x km
    GEOSEARCH Sicily FROMLONLAT 15 37 BYBOX 1 -1 km
    GEOSEARCH Sicily FROMLONLAT 15 37 BYPOLYGON 3 1 1 20 40 20 30
    GEOSEARCH Sicily BYPOLYGON 4 12 37 16 37 16 39 12 39 WITHDIST ASC
    GEOSEARCH Sicily BYPOLYGON 4 12 37 16 37 16 39 12 39 WITHDIST COUNT 1 DESC
    GEOSEARCH Sicily BYPOLYGON 3 12 37 16 37 16
    GEOSEARCH Sicily BYPOLYGON 2 12 37 16 37 16 1
    GEOSEARCH Sicily BYPOLYGON x 12 37 16 37 16 1
    GEOSEARCH Sicily BYPOLYGON 99999999999 12 37 16 37 16 1
    GEOSEARCH Sicily BYPOLYGON 3 12 37 16 37 200 1
    GEOSEARCH Sicily BYPOLYGON 3 12 37 16 37 16 39 BYRADIUS 1 m
    GEOSEARCH Sicily BYRADIUS 1 m BYPOLYGON 3 12 37 16 37 16 39
    GEOSEARCH Sicily BYPOLYGON 3 12 37 16 37 16 39 FROMLONLAT 1 1
    GEOSEARCH Sicily BYPOLYGON 3 12 37 16 37 16 39 FROMMEMBER Palermo
    GEOSEARCH Sicily FROMMEMBER Palermo BYPOLYGON 3 12 37 16 37 16 39
    GEOSEARCH nokey BYPOLYGON 3 12 37 16 37 16 39
    GEOSEARCHSTORE near Sicily BYPOLYGON 4 12 37 16 37 16 39 12 39 STOREDIST
    ZRANGE near 0 -1 WITHSCORES
    GEOSEARCH Sicily FROMLONLAT 15 37 BYRADIUS 20000 km
    GEOSEARCH edges FROMLONLAT 0 0 BYRADIUS 30000 km
    GEOSEARCH edges FROMLONLAT 179 85 BYBOX 5000 5000 km ASC WITHDIST
    GEOSEARCH s FROMLONLAT 15 37 BYRADIUS 20000 km
    GEOSEARCHSTORE near Sicily FROMLONLAT 15 37 BYRADIUS 200 km
    ZRANGE near 0 -1 WITHSCORES
    GEOSEARCHSTORE near Sicily FROMLONLAT 15 37 BYRADIUS 200 km STOREDIST
    ZRANGE near 0 -1 WITHSCORES
    GEOSEARCHSTORE near Sicily FROMLONLAT 15 37 BYRADIUS 200 km WITHDIST
    GEOSEARCHSTORE near Sicily FROMLONLAT 15 37 BYRADIUS 1 m
    EXISTS near
    GEOSEARCHSTORE s nokey FROMLONLAT 15 37 BYRADIUS 1 m
    EXISTS s
    GEORADIUS Sicily 15 37 200 km WITHDIST WITHHASH WITHCOORD ASC
    GEORADIUS Sicily 15 37 200 km STORE near
    GEORADIUS Sicily 15 37 200 km STORE near WITHDIST
    GEORADIUS Sicily 15 37 200 km STORE other STOREDIST near
    ZRANGE near 0 -1 WITHSCORES
    GEORADIUS_RO Sicily 15 37 200 km STORE near
    GEORADIUS nokey 15 37 200 km
    GEORADIUS nokey 15 37 200 yd
    GEORADIUSBYMEMBER Sicily Palermo 200 km ASC
    GEORADIUSBYMEMBER Sicily Nowhere 200 km
    GEORADIUSBYMEMBER nokey Palermo 200 km STORE near
    GEORADIUSBYMEMBER_RO Sicily Palermo 200 km COUNT 1 DESC
    COMMAND GETKEYS GEORADIUS Sicily 15 37 200 km STORE a STOREDIST b
    COMMAND GETKEYSANDFLAGS GEORADIUSBYMEMBER Sicily Palermo 200 km STORE a
    COMMAND GETKEYSANDFLAGS GEORADIUS Sicily 15 37 200 km STORE a STOREDIST b`,
  bitmaps: `
    SET s foobar
    BITCOUNT s
    BITCOUNT s 0
    BITCOUNT s 0 0
    BITCOUNT s 1 1 BIT
    BITCOUNT s 5 30 BIT
    BITCOUNT s -2 -1
    BITCOUNT s -1 -2
    BITCOUNT s -9223372036854775808 9223372036854775807
    BITCOUNT s 0 x
    BITCOUNT s x 0 FOO
    BITCOUNT s 0 x FOO
    BITCOUNT s 0 0 FOO
    BITCOUNT s 0 0 BIT BIT
    BITCOUNT nokey x
    BITCOUNT nokey 0 5 FOO
    BITPOS s 1
    BITPOS s 0
    BITPOS s 2
    BITPOS s x
    BITPOS s 1 2
    BITPOS s 1 2 -1 BIT
    BITPOS s 0 100
    BITPOS s 1 5 1
    BITPOS s 0 0 -1 FOO
    BITPOS nokey 0 1 2
    BITPOS nokey 1 x
    SETRANGE ones 0 x
    BITOP NOT zeros ones
    BITOP XOR zeros ones ones
    BITPOS zeros 1
    BITOP NOT full zeros
    BITPOS full 0
    BITPOS full 0 0
    BITPOS full 0 0 0
    BITPOS full 0 0 7 BIT
    OBJECT ENCODING full
    BITOP NOT full zeros ones
    BITOP NAND full zeros
    BITOP AND full zeros nokey
    BITOP AND gone nokey nokey
    BITOP OR full nokey
    EXISTS full
    LPUSH list a
    BITOP OR full s list
    BITOP OR list s s
    TYPE list
    SETBIT n 7 1
    SETBIT n 7 1
    OBJECT ENCODING n
    SETBIT n 100 0
    STRLEN n
    SETBIT n 4294967296 1
    SETBIT n 4294967295 x
    SETBIT n x 1
    SETBIT n 5 2
    SETBIT list 1 1
    SETBIT list x 1
    GETBIT list 1
    GETBIT n 100000
    SET number 12345
    SETBIT number 1 0
    SETBIT number 3 1
    OBJECT ENCODING number
    GET number
    BITFIELD b SET u8 #1 300 GET u8 #1 INCRBY i5 100 7
    BITFIELD b OVERFLOW SAT SET i8 0 200 INCRBY i8 0 -500 OVERFLOW FAIL INCRBY i8 0 -500 SET u4 0 99
    BITFIELD b OVERFLOW FAIL SET u4 400 99
    STRLEN b
    BITFIELD b SET i64 0 -1 GET i64 0 GET u63 1 GET i1 3
    BITFIELD b INCRBY i64 0 -9223372036854775808
    BITFIELD b OVERFLOW SAT INCRBY u63 0 9223372036854775807
    BITFIELD b OVERFLOW SAT SET u4 8 -1 SET i4 12 -100 INCRBY u4 8 -99
    GET b
    BITFIELD nokey2 GET u8 0
    EXISTS nokey2
    BITFIELD nokey2
    BITFIELD nokey2 OVERFLOW FAIL
    BITFIELD nokey2 OVERFLOW FOO
    BITFIELD nokey2 GET u64 0
    BITFIELD nokey2 GET u08 0
    BITFIELD nokey2 GET i0 0
    BITFIELD nokey2 GET x8 0
    BITFIELD nokey2 GET u8 -1
    BITFIELD nokey2 GET u8 ##1
    BITFIELD nokey2 GET u8 #x
    BITFIELD nokey2 SET u8 0
    BITFIELD nokey2 SET u8 0 x
    BITFIELD nokey2 SET u8 4294967290 1
    BITFIELD list GET u8 0
    BITFIELD_RO s GET u8 0 GET i12 #2
    BITFIELD_RO s SET u8 0 1
    BITFIELD_RO s INCRBY u8 0 x
    COMMAND GETKEYSANDFLAGS BITFIELD k GET u8 0
    COMMAND GETKEYSANDFLAGS BITFIELD k GET u8 0 SET u8 0 1
    COMMAND GETKEYSANDFLAGS BITOP AND a b c
    COMMAND GETKEYSANDFLAGS SETBIT k 1 1`,
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
      else if (name === 'many') await comparison.run([many(Number(args[0]), args[1] ?? '', args[2] ?? '')])
      else await comparison.run([[name, ...args]])
    }
  })
})

function many(count: number, name: string, key: string): string[] {
  const elements = Array.from({ length: count }, (_, index) => String(index))
  return [name, key, ...(name === 'HSET' || name === 'ZADD' ? elements.flatMap((element) => [element, element]) : elements)]
}
