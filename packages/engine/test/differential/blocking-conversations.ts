import type { Random } from '../../src/core/prng.ts'

/** What clients that wait for keys, and those who serve them, say in turn; see `Conversation.run`. */
export const BLOCKING_CONVERSATIONS: Readonly<Record<string, string>> = {
  'the first to wait is the first to be served': `
    A BLPOP k 0
    B BRPOP k 0
    C BLPOP k 0
    D RPUSH k 1 2
    D RPUSH k 3
    D LLEN k`,
  'keys are taken in the order of the arguments, once the transaction is done': `
    A BLPOP {t}1 {t}2 0
    B MULTI
    B RPUSH {t}2 x
    B RPUSH {t}1 y
    B LPUSH {t}1 z
    B EXEC
    B LRANGE {t}1 0 -1
    B LRANGE {t}2 0 -1`,
  'what a transaction takes back is not there': `
    A BLPOP k 0
    B MULTI
    B RPUSH k x
    B DEL k
    B EXEC
    B MULTI
    B RPUSH k x
    B LPOP k
    B RPUSH k y
    B EXEC`,
  'the same key twice': `
    A BLPOP k k 0
    B RPUSH k 1 2
    B LLEN k`,
  'a move serves another': `
    A BLPOP {t}c 0
    B BLMOVE {t}b {t}c RIGHT LEFT 0
    C BRPOPLPUSH {t}a {t}b 0
    D RPUSH {t}a x
    D EXISTS {t}a {t}b {t}c`,
  'a move onto itself': `
    A BLMOVE k k LEFT RIGHT 0
    B RPUSH k 1 2
    B LRANGE k 0 -1`,
  'two moves in a circle': `
    A BLMOVE {t}a {t}b LEFT RIGHT 0
    B BLMOVE {t}b {t}a LEFT RIGHT 0
    C RPUSH {t}a x
    C LRANGE {t}a 0 -1
    C LRANGE {t}b 0 -1`,
  'a move to a key of another type': `
    A SET {t}b string
    A BLMOVE {t}a {t}b LEFT RIGHT 0
    B RPUSH {t}a x
    B LRANGE {t}a 0 -1`,
  'another type is waited out': `
    A BLPOP k 0
    B SET k string
    B DEL k
    B SADD k member
    B DEL k
    B ZADD k 1 member
    B RENAME k {k}z
    B RPUSH {k}l x y
    B RENAME {k}l k`,
  'another type before the key that is served': `
    A BLPOP {t}1 {t}2 0
    B SET {t}1 string
    B RPUSH {t}2 x`,
  'a list and a sorted set under one name': `
    A BLPOP k 0
    B BZPOPMIN k 0
    C ZADD k 1 m
    C RPUSH k x`,
  'several at once': `
    A BLMPOP 0 2 {t}a {t}b LEFT COUNT 2
    B RPUSH {t}b 1 2 3
    A BLMPOP 0 1 {t}b RIGHT
    A BLMPOP 0 1 {t}b RIGHT COUNT 10
    B RPUSH {t}b 4 5
    B EXISTS {t}b`,
  'sorted sets': `
    A BZPOPMIN {t}a {t}b 0
    B BZPOPMAX {t}a 0
    C ZADD {t}a 1 x 2 y 3.5 z
    C ZRANGE {t}a 0 -1 WITHSCORES
    A BZPOPMAX {t}a {t}b 0
    A BZPOPMIN {t}a 0
    C ZADD {t}a inf w
    A BZMPOP 0 2 {t}b {t}a MAX COUNT 2
    C ZADD {t}a 1 x 2.25 y
    A BZMPOP 0 1 {t}a MIN
    C ZINCRBY {t}a 5 q`,
  'what other commands bring': `
    A BLPOP {t}a 0
    B RPUSH {t}x 1 2
    B COPY {t}x {t}a
    A BLPOP {t}d 0
    B RPOPLPUSH {t}x {t}d
    A BZPOPMIN {t}z 0
    B GEOADD {t}z 13.361389 38.115556 Palermo
    A BZPOPMIN {t}z 0
    B ZADD {t}y 1 m
    B ZUNIONSTORE {t}z 1 {t}y
    A BLPOP {t}m 0
    B SELECT 1
    B RPUSH {t}m 7
    B MOVE {t}m 0`,
  'databases are apart': `
    A SELECT 2
    A BLPOP k 0
    B RPUSH k 0
    C SELECT 2
    C RPUSH k 2`,
  'nothing waits inside a transaction': `
    A MULTI
    A BLPOP k 0
    A BRPOP k 0
    A BLMOVE {k}a {k}b LEFT LEFT 0
    A BRPOPLPUSH {k}a {k}b 0
    A BLMPOP 0 1 k LEFT
    A BZPOPMIN k 0
    A BZPOPMAX k 0
    A BZMPOP 0 1 k MIN
    A BLPOP k -1
    A EXEC`,
  'served at once': `
    A RPUSH {t}l 1 2 3 4 5 6 7 8
    A BLPOP {t}l 0
    A BRPOP {t}no {t}l 0
    A BLMOVE {t}l {t}m LEFT RIGHT 0
    A BRPOPLPUSH {t}l {t}m 0
    A BLMPOP 0 2 {t}no {t}l LEFT COUNT 2
    A ZADD {t}z 1 a 2 b 3 c 4 d
    A BZPOPMIN {t}z 0
    A BZPOPMAX {t}no {t}z 0
    A BZMPOP 0 1 {t}z MIN COUNT 5`,
  'wrong arguments': `
    A SET {t}s x
    A BLPOP k abc
    A BLPOP k -1
    A BLPOP k -0.0001
    A BLPOP k inf
    A BLPOP k 1e400
    A BLPOP k 9223372036854775
    A BLPOP k ""
    A BLPOP {t}s 0
    A BLPOP {t}s x
    A BRPOP {t}s {t}k -1
    A BLMOVE {t}k {t}s LEFT X 0
    A BLMOVE {t}s {t}k LEFT RIGHT x
    A BLMOVE {t}s {t}k LEFT RIGHT 0
    A BRPOPLPUSH {t}s {t}k -5
    A BLMPOP x 0 k LEFT
    A BLMPOP x 1 k LEFT
    A BLMPOP x 1 k MIDDLE
    A BLMPOP 0 1 k LEFT COUNT 0
    A BLMPOP 0 2 k LEFT
    A BZMPOP x 0 k MIN
    A BZMPOP x 1 k MIN
    A BZMPOP 0 1 k LEFT
    A BZPOPMIN {t}s 0
    A BZPOPMAX {t}s -1
    A BLPOP a b 0
    A BLPOP k`,
  'CLIENT UNBLOCK': `
    A BLPOP k 0
    B CLIENT UNBLOCK $A
    B CLIENT UNBLOCK $A
    A BLMOVE {k}a {k}b LEFT LEFT 0
    B CLIENT UNBLOCK $A TIMEOUT
    A BZPOPMIN k 0
    B CLIENT UNBLOCK $A ERROR
    A BLMPOP 0 1 k LEFT
    B CLIENT UNBLOCK $A error
    A WAIT 5 0
    B CLIENT UNBLOCK $A ERROR
    B CLIENT UNBLOCK x
    B CLIENT UNBLOCK $B
    B CLIENT UNBLOCK 999999
    B CLIENT UNBLOCK $A FOO
    B CLIENT UNBLOCK $A ERROR FOO
    B RPUSH k 1
    A LPOP k`,
  'watched keys and served clients': `
    A WATCH k
    B BLPOP k 0
    C RPUSH k 1
    A MULTI
    A GET x
    A EXEC`,
  'keys that have expired': `
    A BLPOP k 0
    B MULTI
    B RPUSH k 1
    B PEXPIREAT k 1
    B EXEC
    B RPUSH k 2`
}

/** One command about a few lists and sorted sets, one in four of which waits. */
export function drawBlocking(random: Random): string {
  const pick = (...words: string[]) => words[random.below(words.length)] as string
  const list = () => `{t}${pick('a', 'b', 'c')}`
  const set = () => `{t}${pick('x', 'y', 'c')}`
  const lists = () => Array.from({ length: 1 + random.below(3) }, list)
  const sets = () => Array.from({ length: 1 + random.below(3) }, set)
  const counted = (keys: readonly string[]) => `${keys.length} ${keys.join(' ')}`
  const end = () => pick('LEFT', 'RIGHT')
  return pick(
    `${pick('BLPOP', 'BRPOP')} ${lists().join(' ')} 0`,
    `BLMOVE ${list()} ${list()} ${end()} ${end()} 0`,
    `BRPOPLPUSH ${list()} ${list()} 0`,
    `BLMPOP 0 ${counted(lists())} ${end()} COUNT ${1 + random.below(3)}`,
    `${pick('BZPOPMIN', 'BZPOPMAX')} ${sets().join(' ')} 0`,
    `BZMPOP 0 ${counted(sets())} ${pick('MIN', 'MAX')} COUNT ${1 + random.below(3)}`,
    `${pick('LPUSH', 'RPUSH')} ${list()} ${Array.from({ length: 1 + random.below(3) }, () => random.below(100)).join(' ')}`,
    `${pick('LPUSH', 'RPUSH')} ${list()} ${random.below(100)}`,
    `ZADD ${set()} ${random.below(9)} m${random.below(9)} ${random.below(9)} n${random.below(9)}`,
    `ZADD ${set()} ${random.below(9)} m${random.below(9)}`,
    `LMOVE ${list()} ${list()} ${end()} ${end()}`,
    `DEL ${pick(list(), set())}`,
    `SET ${pick(list(), set())} string`,
    `RENAME ${list()} ${list()}`,
    `COPY ${list()} ${list()} REPLACE`,
    `${pick('MULTI', 'EXEC')}`,
    `LRANGE ${list()} 0 -1`
  )
}
