import type { Random } from '../../src/core/prng.ts'

/** What clients that track keys, those who watch or pause others, and those who bring data hear in turn; see `Conversation.run`. */
export const TRACKING_CONVERSATIONS: Readonly<Record<string, string>> = {
  'CLIENT IMPORT-SOURCE': `
    A CLIENT IMPORT-SOURCE
    A CLIENT IMPORT-SOURCE ON
    A CLIENT IMPORT-SOURCE foo
    A CLIENT IMPORT-SOURCE OFF
    A SET {t}old v
    A CONFIG SET import-mode yes
    A CLIENT IMPORT-SOURCE foo
    A CLIENT IMPORT-SOURCE ON
    A SET {t}k v PXAT 1000
    A SET {t}n 5 PXAT 1000
    A HSET {t}h f v g w
    A HPEXPIREAT {t}h 1000 FIELDS 1 f
    A LPUSH {t}l a b
    A PEXPIREAT {t}l 1000
    A EXPIRE {t}old -1
    A RESTORE {t}r 1000 \x00\x01v\x50\x00\x5e\x22\x07\x23\x87\x6a\xed\x3a ABSTTL
    A GET {t}k
    B GET {t}k
    A TTL {t}k
    B TTL {t}k
    A EXISTS {t}k {t}l {t}old {t}r
    B EXISTS {t}k {t}l {t}old {t}r
    A TYPE {t}l
    B TYPE {t}l
    A HGETALL {t}h
    B HGETALL {t}h
    B HGET {t}h f
    A HGET {t}h f
    B HLEN {t}h
    A LRANGE {t}l 0 -1
    B LRANGE {t}l 0 -1
    B DBSIZE
    A SORT {t}l ALPHA
    B SORT {t}l ALPHA
    A INCR {t}n
    A APPEND {t}k x
    A GET {t}k
    B GET {t}k
    A RPUSH {t}l c
    A LRANGE {t}l 0 -1
    A PERSIST {t}l
    B LRANGE {t}l 0 -1
    A CLIENT IMPORT-SOURCE OFF
    A GET {t}k
    A CLIENT IMPORT-SOURCE ON
    A GET {t}k
    A RESET
    A GET {t}k
    A CLIENT IMPORT-SOURCE ON
    A CONFIG SET import-mode no
    A GET {t}k
    A EXISTS {t}r
    A CLIENT IMPORT-SOURCE ON
    A CLIENT IMPORT-SOURCE OFF
    A CONFIG GET import-mode
    A DEL {t}k {t}n {t}h {t}l {t}old {t}r`,
  'CLIENT TRACKING: wrong options': `
    A CLIENT TRACKINGINFO
    A CLIENT GETREDIR
    A CLIENT CACHING yes
    A CLIENT TRACKING ON PREFIX a
    A CLIENT TRACKING ON BCAST OPTIN
    A CLIENT TRACKING ON OPTIN OPTOUT
    A CLIENT TRACKING FOO
    A CLIENT TRACKING ON FOO
    A CLIENT TRACKING FOO REDIRECT 99999
    A CLIENT TRACKING ON REDIRECT 99999
    A CLIENT TRACKING ON REDIRECT x
    A CLIENT TRACKING ON REDIRECT
    A CLIENT TRACKING ON REDIRECT $A REDIRECT $A
    A CLIENT TRACKING ON
    A CLIENT CACHING yes
    A CLIENT CACHING no
    A CLIENT CACHING foo
    A CLIENT TRACKING ON BCAST
    A CLIENT TRACKING ON OPTIN
    A CLIENT TRACKING ON OPTOUT
    A CLIENT CACHING yes
    A CLIENT CACHING no
    A CLIENT TRACKINGINFO
    A CLIENT TRACKING OFF
    A CLIENT TRACKING OFF
    A CLIENT TRACKING ON BCAST PREFIX a PREFIX ab
    A CLIENT TRACKING ON BCAST PREFIX b PREFIX a PREFIX c
    A CLIENT TRACKING ON BCAST PREFIX ab
    A CLIENT TRACKING ON BCAST PREFIX d NOLOOP
    A CLIENT TRACKINGINFO
    A CLIENT TRACKING ON BCAST
    A CLIENT TRACKINGINFO
    A RESET
    A CLIENT TRACKINGINFO`,
  'what is read is tracked, once': `
    A CLIENT TRACKING ON
    A GET k
    B SET k 1
    B SET k 2
    A MGET {k}a {k}b
    B MSET {k}a 1 {k}b 2
    A GET k
    A SET k 3
    A SET k 4
    A HGET {k}h f
    B HSET {k}h f 1
    A HGET {k}h f
    B HDEL {k}h f
    A GET k
    B DEL k
    A GET k
    B SELECT 3
    B SET k other-database
    A EXISTS k
    A TYPE k
    B SET k 5
    A LRANGE {k}l 0 -1
    B RPUSH {k}l 1
    A GET {k}l
    B DEL {k}l
    A SCAN 0
    A GET k
    A CLIENT TRACKING OFF
    B SET k 6`,
  'transactions are told after their end': `
    A CLIENT TRACKING ON
    A GET k
    B MULTI
    B SET k 1
    B SET k 2
    B EXEC
    A MULTI
    A GET k
    A SET k 1
    A GET k
    A EXEC
    B SET k 2`,
  'flushing tells everybody of everything': `
    A CLIENT TRACKING ON
    B CLIENT TRACKING ON BCAST PREFIX a
    C FLUSHALL
    A FLUSHDB
    B SET abc 1
    B FLUSHDB`,
  'OPTIN and OPTOUT': `
    A CLIENT TRACKING ON OPTIN
    A GET {k}1
    A CLIENT CACHING yes
    A GET {k}2
    A GET {k}3
    B MSET {k}1 1 {k}2 2 {k}3 3
    A CLIENT CACHING yes
    A MULTI
    A GET {k}1
    A GET {k}2
    A EXEC
    A GET {k}3
    B MSET {k}1 1 {k}2 2 {k}3 3
    A CLIENT TRACKING OFF
    A CLIENT TRACKING ON OPTOUT
    A CLIENT CACHING no
    A CLIENT TRACKINGINFO
    A GET {k}1
    A CLIENT TRACKINGINFO
    A GET {k}2
    B MSET {k}1 1 {k}2 2 {k}3 3`,
  NOLOOP: `
    A CLIENT TRACKING ON NOLOOP
    A GET k
    A SET k 1
    B SET k 2
    A GET k
    B SET k 3`,
  prefixes: `
    A CLIENT TRACKING ON BCAST PREFIX a PREFIX b
    B CLIENT TRACKING ON BCAST NOLOOP
    A SET abc 1
    B SET abc 1
    B SET other 1
    C MULTI
    C SET b{a} 1
    C SET a{a} 1
    C SET a{a}b 1
    C SET c{a} 1
    C EXEC
    C GET abc
    C DEL abc
    C DEL abc
    B CLIENT TRACKING OFF`,
  'another client is told': `
    R PING
    A CLIENT TRACKING ON REDIRECT $R
    A GET k
    B SET k 1
    R SUBSCRIBE __redis__:invalidate
    A GET k
    B SET k 1
    A GET k
    B FLUSHALL
    A GET k
    A SET k 2
    S CLIENT TRACKING ON REDIRECT $R BCAST PREFIX k
    B SET k 3
    B SET {k}4 3`,
  'another client is gone': `
    R PING
    A CLIENT TRACKING ON REDIRECT $R
    A GET k
    B CLIENT KILL ID $R
    B SET k 1
    A CLIENT TRACKINGINFO`,
  'what is served to who waits is a change': `
    A CLIENT TRACKING ON
    A LRANGE k 0 -1
    B BLPOP k 0
    C RPUSH k 1
    B BLMOVE {k}a {k}b LEFT LEFT 0
    A LRANGE {k}a 0 -1
    A LRANGE {k}b 0 -1
    C RPUSH {k}a 1`,
  MONITOR: `
    M MONITOR
    A SET foo b"ar\\
    A CLIENT SETNAME x
    A CONFIG GET hz
    A AUTH foo bar
    A HELLO 2 AUTH foo bar
    A MULTI
    A SET x{x} 1
    A GET x{x}
    A EXEC
    A NOSUCH
    A GET
    B BLPOP list 0
    A RPUSH list 1
    A SELECT 3
    A GET k
    A MULTI
    A MONITOR
    A EXEC
    A PUBLISH channel message
    N MONITOR
    A PING
    M RESET
    A PING
    N RESET
    A PING`,
  'CLIENT PAUSE': `
    A CLIENT PAUSE x
    A CLIENT PAUSE -1
    A CLIENT PAUSE 10 FOO
    A CLIENT PAUSE x FOO
    A CLIENT PAUSE 0 WRITE x
    A SET k 0
    A CLIENT PAUSE 100000 WRITE
    A GET k
    B SET k 1
    C MULTI
    C GET k
    C SET k 2
    D PUBLISH a b
    E PFCOUNT {k}hll
    A CLIENT PAUSE 10 WRITE
    F EXPIRE k 100
    A GET k
    A CLIENT UNPAUSE
    C EXEC
    A CLIENT UNPAUSE`
}

/** One command about a few keys, by a client that may track them in any way. */
export function drawTracking(random: Random): string {
  const pick = (...words: string[]) => words[random.below(words.length)] as string
  const key = () => `{t}${pick('a', 'b', 'ab', 'c')}`
  return pick(
    `CLIENT TRACKING ON ${pick('', 'OPTIN', 'OPTOUT', 'NOLOOP', 'OPTIN NOLOOP')}`.trim(),
    `CLIENT TRACKING ON BCAST PREFIX ${pick('{t}a', '{t}b', '{t}')} ${pick('', 'NOLOOP')}`.trim(),
    'CLIENT TRACKING OFF',
    `CLIENT CACHING ${pick('YES', 'NO')}`,
    'CLIENT TRACKINGINFO',
    `GET ${key()}`,
    `MGET ${key()} ${key()}`,
    `EXISTS ${key()}`,
    `STRLEN ${key()}`,
    `SET ${key()} ${random.below(9)}`,
    `SET ${key()} ${random.below(9)}`,
    `MSET ${key()} 1 ${key()} 2`,
    `DEL ${key()}`,
    `GETDEL ${key()}`,
    `RENAME ${key()} ${key()}`,
    `COPY ${key()} ${key()} REPLACE`,
    `EXPIRE ${key()} 100`,
    `PERSIST ${key()}`,
    `APPEND ${key()} x`,
    `LPUSH ${key()} x`,
    `${pick('MULTI', 'EXEC', 'DISCARD')}`,
    `SELECT ${random.below(2)}`,
    'FLUSHDB'
  )
}
