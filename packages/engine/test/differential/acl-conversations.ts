import type { Random } from '../../src/core/prng.ts'

/** What users with and without rights are told; see `Conversation.run`. Every script removes the users that it made. */
export const ACL_CONVERSATIONS: Readonly<Record<string, string>> = {
  'ACL: SORT': `
    A RPUSH {t}l 2 1
    A MSET {t}k1 b {t}k2 a
    A ACL SETUSER bob on nopass ~{t}* +@all
    B AUTH bob x
    B SORT {t}l
    B SORT {t}l BY {t}k* ALPHA
    B SORT {t}l BY nosort
    B SORT {t}l GET #
    B SORT {t}l GET {t}k*
    B SORT {t}l GET {u}k*
    A ACL SETUSER bob %R~*
    B SORT {t}l BY {t}k* ALPHA GET {t}k* GET #
    A ACL SETUSER bob resetkeys ~{t}* %W~*
    B SORT {t}l GET #
    A ACL SETUSER bob (~* +get)
    B SORT {t}l GET #
    A ACL SETUSER bob (~* +sort)
    B SORT {t}l GET #
    B SORT_RO {t}l GET #
    A ACL SETUSER bob clearselectors resetkeys %R~{t}l %W~{t}w
    B SORT {t}l STORE {t}w
    B SORT {t}l STORE {t}l
    B SORT {t}w STORE {t}w
    A ACL SETUSER bob resetkeys %R~* %W~{t}w
    B SORT {t}l GET {t}k* STORE {t}w
    B SORT {t}w ALPHA GET #
    A ACL SETUSER bob -sort
    B SORT {t}l
    B SORT_RO {t}l GET #
    A ACL DELUSER bob
    A ACL LOG RESET
    A DEL {t}l {t}k1 {t}k2 {t}w`,
  'ACL: rules': `
    A ACL LIST
    A ACL USERS
    A ACL WHOAMI
    A ACL GETUSER default
    A ACL SETUSER bob
    A ACL GETUSER bob
    A ACL LIST
    A ACL SETUSER bob on >pass ~foo* &ch* +@read -get +config|get db=1,2
    A ACL GETUSER bob
    A ACL LIST
    A ACL SETUSER bob (+set %W~w* %R~r* db=3) (~x +@all -@dangerous)
    A ACL GETUSER bob
    A ACL LIST
    A ACL SETUSER bob clearselectors
    A ACL LIST
    A ACL SETUSER bob +foo
    A ACL SETUSER bob +@foo
    A ACL SETUSER bob foo
    A ACL SETUSER bob ~
    A ACL SETUSER bob %X~foo
    A ACL SETUSER bob %RW~foo
    A ACL SETUSER bob #abc
    A ACL SETUSER bob <nope
    A ACL SETUSER bob !abc
    A ACL SETUSER bob (+get
    A ACL SETUSER bob ()
    A ACL SETUSER bob +get|foo
    A ACL SETUSER bob +config|get|x
    A ACL SETUSER bob -config|get|x
    A ACL SETUSER bob +config|nosuch
    A ACL SETUSER bob allkeys
    A ACL SETUSER bob ~x
    A ACL SETUSER bob resetkeys ~x ~y ~x
    A ACL SETUSER bob allchannels
    A ACL SETUSER bob &x
    A ACL SETUSER bob resetchannels &x
    A ACL GETUSER bob
    A ACL SETUSER bob db=16
    A ACL SETUSER bob db=x
    A ACL SETUSER bob db=
    A ACL SETUSER bob db=-1
    A ACL SETUSER bob db=1,,2
    A ACL SETUSER bob db!=1
    A ACL SETUSER bob db=999999999999
    A ACL SETUSER bob resetdbs
    A ACL GETUSER bob
    A ACL SETUSER bob alldbs
    A ACL GETUSER bob
    A ACL SETUSER bob db=5 db=1
    A ACL GETUSER bob
    A ACL SETUSER bob reset
    A ACL GETUSER bob
    A ACL SETUSER bob nopass
    A ACL GETUSER bob
    A ACL SETUSER bob resetpass
    A ACL GETUSER bob
    A ACL SETUSER bob sanitize-payload skip-sanitize-payload
    A ACL GETUSER bob
    A ACL SETUSER bad\\x20name on
    A ACL DELUSER default
    A ACL DELUSER nobody bob
    A ACL CAT
    A ACL CAT nosuch
    A ACL NOSUCH
    A ACL GETUSER nobody
    A ACL DRYRUN nobody get x
    A ACL DRYRUN default get x
    A ACL DRYRUN default nosuch x
    A ACL DRYRUN default get
    A ACL DELUSER bob`,
  'ACL: what is refused': `
    A ACL LOG RESET
    A ACL SETUSER bob reset on >p +@read -get +get +config -config|get +config|get +@read
    A ACL GETUSER bob
    A ACL SETUSER bob +config
    A ACL SETUSER bob -@read
    A ACL SETUSER bob -config|set
    A ACL SETUSER bob +config
    A ACL GETUSER bob
    A ACL SETUSER bob reset resetdbs db=5,1,5 ~* +@all
    A ACL LIST
    A ACL SETUSER bob resetdbs
    A ACL LIST
    A ACL SETUSER bob reset on >p ~a* &ch* +@all -flushall -config|set
    A ACL LIST
    B AUTH bob wrong
    B AUTH bob p
    B ACL WHOAMI
    B GET x
    B GET abc
    B MGET abc x
    B FLUSHALL
    B CONFIG SET x y
    B CONFIG GET hz
    B PUBLISH foo x
    B PUBLISH ch x
    B SUBSCRIBE foo
    B PSUBSCRIBE ch*
    B PSUBSCRIBE ch*x
    B SSUBSCRIBE xx
    B PUNSUBSCRIBE
    B MULTI
    B GET x
    B EXEC
    B MULTI
    B GET a
    A ACL SETUSER bob -get
    B EXEC
    B GET a
    A ACL LOG
    A ACL LOG 1
    A ACL SETUSER bob +get ~* resetchannels
    A ACL LIST
    B GET zz
    B PSUBSCRIBE *
    A ACL SETUSER bob allchannels
    B PSUBSCRIBE *
    A ACL SETUSER bob resetchannels
    B PING
    C AUTH bob p
    C SELECT 1
    A ACL SETUSER bob db=0
    C GET x
    C SELECT 2
    C SELECT 0
    C GET x
    C COPY x x DB 3
    C MOVE x 3
    C FLUSHDB
    C SWAPDB 0 1
    A ACL SETUSER bob +flushall
    C FLUSHALL
    A ACL LOG 5
    C ACL DRYRUN bob get x
    A ACL DRYRUN bob select 3
    A ACL DRYRUN bob get x
    A ACL SETUSER bob resetkeys %R~r* %W~w* +@all
    A ACL DRYRUN bob get w1
    A ACL DRYRUN bob get r1
    A ACL DRYRUN bob set w1 x
    A ACL DRYRUN bob set r1 x
    A ACL DRYRUN bob set w1 x GET
    A ACL DRYRUN bob lpop r1
    A ACL DRYRUN bob copy r{1} w{1}
    A ACL DRYRUN bob copy w{1} w{1}
    A ACL DRYRUN bob publish x y
    A ACL DRYRUN bob object encoding w1
    A ACL DRYRUN bob exists w1
    A ACL DRYRUN bob exists x
    A ACL DRYRUN bob strlen w1
    A ACL DRYRUN bob del r1
    A ACL DRYRUN bob del w1
    A ACL DELUSER bob
    C PING
    C GET x`,
  'ACL: logging in': `
    A CONFIG GET requirepass
    A CONFIG SET requirepass secret
    A ACL LIST
    D PING
    D AUTH foo
    D AUTH secret
    D AUTH default secret
    A AUTH secret
    F GET
    F NOSUCH
    F COMMAND
    F RESET
    A CONFIG SET requirepass ""
    A ACL LIST
    G AUTH x
    A ACL SETUSER def on nopass ~x* +get
    A ACL SETUSER def +set|x
    G AUTH def whatever
    G SET x y
    G GET a b
    G CLIENT GETNAME
    G PING
    G RESET
    G ACL WHOAMI
    A ACL DELUSER def`,
  'ACL: selectors, transactions and databases': `
    A ACL LOG RESET
    A ACL SETUSER bob on nopass +@all ~* &* db=0
    A ACL SETUSER bob (+foo)
    A ACL SETUSER bob (on)
    A ACL SETUSER bob (+get
    A ACL SETUSER bob (+get ~x) (
    A ACL SETUSER bob )
    A ACL SETUSER bob (+get)x
    A ACL SETUSER sel on nopass (+get ~g* db=1) (+set ~s*)
    B AUTH sel x
    B GET g1
    B SET g1 x
    B SET s1 x
    B PING
    B SELECT 1
    B GET g1
    A ACL SETUSER q on nopass +get +select ~q* +ping +multi +exec +publish
    C AUTH q x
    C MULTI
    C GET q1
    C PING
    C PUBLISH a b
    A ACL SETUSER q &*
    C MULTI
    C PUBLISH a b
    A ACL SETUSER q resetchannels db=3
    C GET q1
    A ACL SETUSER q db=0,3
    C MULTI
    C PUBLISH a b
    C EXEC
    A ACL SETUSER q &*
    C MULTI
    C PUBLISH a b
    C GET q1
    A ACL SETUSER q db=3 resetchannels resetkeys
    C EXEC
    A ACL SETUSER q alldbs
    C MULTI
    A ACL SETUSER q resetkeys ~q*
    C GET q1
    A ACL SETUSER q resetkeys
    C EXEC
    A ACL LOG 3
    A ACL DRYRUN q get x y
    A ACL DRYRUN q set x y
    A ACL DRYRUN bob select x
    A ACL DRYRUN bob copy x y DB x
    A ACL DRYRUN bob copy x y DB 3
    A ACL DRYRUN bob copy x y DB 0
    A ACL DRYRUN bob move x 3
    A ACL DRYRUN bob flushall
    A ACL DRYRUN bob swapdb 0 1
    A ACL DRYRUN bob client list db 3
    A SELECT 5
    A SELECT 0
    A ACL DELUSER bob sel q`,
  'ACL: databases and spelling': `
    A ACL SETUSER bob on nopass +@all ~* &* db=0
    A ACL DRYRUN bob cluster flushslot 1
    A ACL DRYRUN bob cluster migrateslots a b
    A ACL DRYRUN bob cluster cancelslotmigrations
    A ACL DRYRUN bob cluster setslot 1 node 2
    A ACL DRYRUN bob dbsize
    A ACL DRYRUN bob lolwut
    A ACL DRYRUN bob get
    A SELECT 5
    A ACL DRYRUN bob cluster flushslot 1
    A ACL DRYRUN bob dbsize
    A ACL DRYRUN bob flushdb
    A ACL DRYRUN bob select 0
    A ACL SETUSER s1 on nopass -@all (+get ~g* db=1)
    A ACL DRYRUN s1 get g1
    A ACL DRYRUN s1 get x
    A SELECT 1
    A ACL DRYRUN s1 get x
    A ACL DRYRUN s1 get g1
    A SELECT 0
    A ACL SETUSER s2 on nopass -@all (+set ~s*) (+get ~g* db=1)
    A ACL DRYRUN s2 get g1
    A ACL SETUSER s3 on nopass +get ~x db=2 (+get ~g* db=1)
    A ACL DRYRUN s3 get g1
    A ACL SETUSER s4 on nopass +get ~g db=0 (+get ~g* db=1)
    A ACL DRYRUN s4 get g1
    A ACL GETUSER nobody
    A ACL SETUSER "" on
    A ACL SETUSER default >foo
    A CONFIG GET requirepass
    A ACL LIST
    A ACL SETUSER default nopass
    A ACL SETUSER caps +GET +@READ +CONFIG|GET ALLKEYS ON DB=1 +SELECT|0 +select|ABC
    A ACL LIST
    A ACL SETUSER caps -select
    A ACL LIST
    A ACL LOG RESET
    A ACL LOG
    A ACL DELUSER bob s1 s2 s3 s4 caps x ""`
}

/** One change of the users `u` and `v`, or one question about what they may do. */
export function drawAcl(random: Random): string {
  const pick = (...words: string[]) => words[random.below(words.length)] as string
  const user = () => pick('u', 'v')
  const key = () => pick('a', 'ab', 'b', 'c')
  const command = () =>
    pick(
      'get',
      'set',
      'mget',
      'del',
      'config',
      'config|get',
      'config|set',
      'client',
      'client|id',
      'select',
      'flushall',
      'publish',
      'scan',
      'acl'
    )
  const category = () => pick('read', 'write', 'keyspace', 'string', 'admin', 'dangerous', 'fast', 'slow', 'connection', 'pubsub', 'all')
  const sign = () => pick('+', '-')
  const rule = (): string =>
    pick(
      `${sign()}${command()}`,
      `${sign()}${command()}`,
      `${sign()}@${category()}`,
      `+${command()}|${pick('0', '1', 'x', 'a')}`,
      `${pick('~', '%R~', '%W~', '%RW~')}${pick('a*', 'b', '*', 'ab', '?')}`,
      `&${pick('a*', 'b', '*')}`,
      pick('on', 'off', 'nopass', 'resetpass', '>one', '>two', '<one', 'reset', 'clearselectors', 'resetkeys', 'resetchannels', 'resetdbs'),
      pick('allkeys', 'allchannels', 'allcommands', 'nocommands', 'alldbs', 'db=0', 'db=1,0', 'db=2', 'db=x')
    )
  const selector = () => `(${Array.from({ length: 1 + random.below(3) }, rule).join(' ')})`
  const asked = () =>
    pick(
      `get ${key()}`,
      `set ${key()} 1`,
      `set ${key()} 1 GET`,
      `mget ${key()}{x} ${key()}{x}`,
      `copy ${key()}{x} ${key()}{x} DB ${random.below(3)}`,
      `exists ${key()}`,
      `config get x`,
      `config set x y`,
      `client id`,
      `select ${random.below(3)}`,
      'flushall',
      'scan 0',
      'ping',
      `publish ${pick('a', 'ab', 'b', 'c')} x`,
      `psubscribe ${pick('a*', 'a', 'b', '*')}`,
      'acl whoami'
    )
  return pick(
    `ACL SETUSER ${user()} ${Array.from({ length: 1 + random.below(3) }, rule).join(' ')}`,
    `ACL SETUSER ${user()} ${rule()} ${selector()}`,
    `ACL GETUSER ${user()}`,
    'ACL LIST',
    ...Array.from({ length: 6 }, () => `ACL DRYRUN ${user()} ${asked()}`),
    `SELECT ${random.below(3)}`
  )
}
