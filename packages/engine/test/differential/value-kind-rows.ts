/** Borders of MSETEX, bitmaps, HyperLogLogs and geo sets, in the form of `rows.valkey.test.ts`. */
export const VALUE_KIND_ROWS: Readonly<Record<string, string>> = {
  msetex: `
    MSETEX
    MSETEX 1 {t}a
    MSETEX 1 {t}a b
    MSETEX 0 {t}a b
    MSETEX -1 {t}a b
    MSETEX abc {t}a b
    MSETEX 1x {t}a b
    MSETEX 01 {t}a b
    MSETEX 99999999999999999999 {t}a b
    MSETEX 2147483648 {t}a b
    MSETEX 2147483647 {t}a b
    MSETEX 2 {t}a b
    MSETEX 2 {t}a b {t}c
    MSETEX 2 {t}a b {t}c d
    MSETEX 1 {t}a b c
    MSETEX 1 {t}a b c d
    MSETEX 1 {t}a b NX
    MSETEX 1 {t}a b XX
    MSETEX 1 {t}a b XX XX
    MSETEX 1 {t}a b XX NX
    MSETEX 1 {t}zz b XX
    MSETEX 2 {t}zz b {t}a c NX
    MSETEX 2 {t}zz b {t}a c XX
    EXISTS {t}zz
    MSETEX 1 {t}zz b NX EX 100000
    MSETEX 1 {t}zz b XX KEEPTTL
    TTL {t}zz
    MSETEX 2 {t}zz b {t}fresh c KEEPTTL
    TTL {t}zz
    TTL {t}fresh
    MSETEX 2 {t}zz b {t}zz c KEEPTTL KEEPTTL
    MSETEX 1 {t}zz b
    TTL {t}zz
    MSETEX 1 {t}zz b EX 0
    MSETEX 1 {t}zz b PX -1
    MSETEX 1 {t}zz b EX abc
    MSETEX 1 {t}zz b EX 9223372036854775807
    MSETEX 1 {t}zz b EX 9223372036854775
    MSETEX 1 {t}zz b PX 9223372036854775807
    MSETEX 1 {t}zz b EX 10 PX 10
    MSETEX 1 {t}zz b EX
    MSETEX 1 {t}zz b GET
    MSETEX 1 {t}zz b IFEQ b
    MSETEX 1 {t}zz b PERSIST
    MSETEX 1 {t}zz b EX 0 BAD
    MSETEX 1 {t}zz b KEEPTTL EX 100
    MSETEX 1 {t}zz b EX 100 KEEPTTL
    MSETEX 1 {t}zz b NX XX EX abc
    MSETEX 2 {t}a 1 {t}b 2 PXAT 4102444800123
    MSETEX 2 {t}a 1 {t}b 2 XX EXAT 4102444800
    PEXPIRETIME {t}a
    MSETEX 2 {t}a 1 {t}b 2 EXAT 1
    GET {t}a
    EXISTS {t}b
    MSETEX 2 {t}a 1 {t}a 2 NX PXAT 1
    MSETEX 2 {t}a 1 {t}a 2 PX 100000000
    GET {t}a
    LPUSH {t}l a
    MSETEX 2 {t}l 1 {t}a 12 XX
    TYPE {t}l
    OBJECT ENCODING {t}a
    COMMAND GETKEYS MSETEX 2 a b c d KEEPTTL
    COMMAND GETKEYSANDFLAGS MSETEX 2 a b c d KEEPTTL
    COMMAND GETKEYS MSETEX 3 a b c d`,
  hyperloglogs: `
    PFADD h
    PFADD h
    GET h
    PFCOUNT h
    GET h
    PFADD h a b c d e f g
    PFADD h a b
    GET h
    PFCOUNT h
    PFCOUNT h
    GET h
    OBJECT ENCODING h
    PFCOUNT nokey
    PFCOUNT h nokey
    PFMERGE m h nokey
    GET m
    PFMERGE empty
    GET empty
    many 500 PFADD big
    STRLEN big
    PFCOUNT big
    many 3000 PFADD big
    STRLEN big
    PFCOUNT big
    PFCOUNT big h
    PFMERGE m big
    STRLEN m
    PFCOUNT m
    PFMERGE big h
    PFCOUNT big
    SET s x
    PFADD s a
    PFCOUNT s
    PFCOUNT h s
    PFMERGE s h
    PFMERGE h s
    LPUSH l a
    PFADD l a
    PFCOUNT l
    PFMERGE l
    SET cut HYLL
    PFADD cut a
    SETRANGE h 4 b
    PFCOUNT h
    PFMERGE copy big
    SETRANGE copy 16 \xff
    PFADD copy z
    APPEND copy x
    PFCOUNT copy
    PFMERGE t m
    SET short xxxxxxxxxxxxxxxx
    SETRANGE short 0 HYLL
    SETBIT short 39 1
    PFCOUNT short`,
  'hyperloglogs: how they are kept': `
    PFADD h a b c
    PFDEBUG ENCODING h
    PFDEBUG DECODE h
    PFDEBUG decode nokey
    PFDEBUG foo h
    PFDEBUG
    PFDEBUG encoding
    PFDEBUG encoding h x
    PFDEBUG todense h
    PFDEBUG todense h
    PFDEBUG encoding h
    PFDEBUG decode h
    PFDEBUG foo nokey
    GET h
    SET s x
    PFDEBUG encoding s
    LPUSH l x
    PFDEBUG encoding l
    many 1500 PFADD h2
    PFDEBUG decode h2
    PFDEBUG getreg h2
    PFDEBUG encoding h2
    PFDEBUG getreg h2
    PFADD cut a
    APPEND cut x
    PFDEBUG decode cut
    PFDEBUG todense cut
    PFDEBUG getreg cut
    PFSELFTEST
    PFSELFTEST x`,
  'RESTORE and RESTORE-ASKING': `
    RESTORE k 0 \x00\x01v\x50\x00\x5e\x22\x07\x23\x87\x6a\xed\x3a
    RESTORE k 0 \x00\x01v\x50\x00\x5e\x22\x07\x23\x87\x6a\xed\x3a
    RESTORE k 100000000 \x00\x01v\x50\x00\x5e\x22\x07\x23\x87\x6a\xed\x3a REPLACE
    RESTORE-ASKING k 0 \x00\x01v\x50\x00\x5e\x22\x07\x23\x87\x6a\xed\x3a
    RESTORE-ASKING k 0 \x00\x01v\x50\x00\x5e\x22\x07\x23\x87\x6a\xed\x3a REPLACE
    RESTORE-ASKING k 100000000 \x00\x01v\x50\x00\x5e\x22\x07\x23\x87\x6a\xed\x3a REPLACE
    RESTORE-ASKING k 4102444800123 \x00\x01v\x50\x00\x5e\x22\x07\x23\x87\x6a\xed\x3a REPLACE ABSTTL
    PEXPIRETIME k
    RESTORE-ASKING k 1000 \x00\x01v\x50\x00\x5e\x22\x07\x23\x87\x6a\xed\x3a REPLACE ABSTTL
    EXISTS k
    RESTORE-ASKING k 1000 \x00\x01v\x50\x00\x5e\x22\x07\x23\x87\x6a\xed\x3a ABSTTL
    RESTORE-ASKING k -1 \x00\x01v\x50\x00\x5e\x22\x07\x23\x87\x6a\xed\x3a
    RESTORE-ASKING k x \x00\x01v\x50\x00\x5e\x22\x07\x23\x87\x6a\xed\x3a
    RESTORE-ASKING k 0 abc
    RESTORE-ASKING k 0
    RESTORE-ASKING k 0 \x00\x01v\x50\x00\x5e\x22\x07\x23\x87\x6a\xed\x3a FOO`,
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
    ZADD odd -1 minus 1.5 half 9007199254740993 big 1e300 huge inf inf -inf least -1e19 low 1e19 high 18446744073709551616 over
    GEOPOS odd minus half big huge inf least low high over
    GEOHASH odd minus half big huge inf least low high over
    GEOADD edges -0 99 x
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
    COMMAND GETKEYSANDFLAGS GEORADIUS Sicily 15 37 200 km STORE a STOREDIST b`
}
