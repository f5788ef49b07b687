/** What differs outside of a cluster: databases that are exchanged, keys of several slots in one command, a cluster's commands. */
export const STANDALONE_CONVERSATIONS: Readonly<Record<string, string>> = {
  'SWAPDB exchanges keys and deadlines, and clients stay where they are': `
    A SET a 1
    A SET b 2 PXAT 4102444800000
    A HSET h f v
    A HPEXPIREAT h 4102444800000 FIELDS 1 f
    B SELECT 5
    B SET a 5
    A SWAPDB 0 5
    A GET a
    A DBSIZE
    B DBSIZE
    B PEXPIRETIME b
    B HPEXPIRETIME h FIELDS 1 f
    B SWAPDB 5 0
    B GET a
    A GET b
    A SWAPDB 3 3`,
  'what SWAPDB refuses': `
    A SWAPDB
    A SWAPDB 0
    A SWAPDB 0 1 2
    A SWAPDB x 0
    A SWAPDB 0 x
    A SWAPDB x y
    A SWAPDB -1 0
    A SWAPDB 0 16
    A SWAPDB 0 2147483648
    A SWAPDB 2147483648 0
    A SWAPDB 0 99999999999999999999
    A SELECT 16
    A SELECT 15
    A MOVE k 16
    A COPY k l DB 16`,
  'MOVE, COPY and FLUSHDB over databases': `
    A SET k v
    A COPY k other DB 3
    A COPY k other DB 3
    A MOVE k 3
    A SELECT 3
    A MGET k other
    A SET x 1
    A COPY x y
    A FLUSHDB
    A DBSIZE
    A SELECT 0
    A DBSIZE
    A FLUSHALL`,
  'keys of several slots in one command': `
    A MSET a 1 b 2 c 3
    A MGET a b c d
    A SADD s1 a b c
    A SADD s2 b c d
    A SINTERSTORE s3 s1 s2
    A SUNION s1 s2
    A RENAME a z
    A LPUSH l1 x y
    A LMOVE l1 l2 LEFT RIGHT
    A DEL b c z s3
    A ZADD z1 1 a
    A ZADD z2 2 a
    A ZUNIONSTORE z3 2 z1 z2
    A ZRANGE z3 0 -1 WITHSCORES
    A PFADD p1 a
    A PFMERGE p2 p1
    A BITOP OR o s l
    A MSETNX q 1 r 2
    A EXISTS q r l2 z3
    A SORT s1 BY w_* GET d_* ALPHA
    A SORT s1 BY w_*->f STORE sorted ALPHA
    A TOUCH q r
    A UNLINK q r`,
  'a transaction over several slots and databases': `
    A MULTI
    A SET a 1
    A SELECT 2
    A SET b 2
    A SWAPDB 0 2
    A GET a
    A GET b
    A EXEC
    A GET a
    B MGET a b`,
  'a swap breaks what was watched where a key is or was': `
    A SET k v
    A WATCH k
    B SWAPDB 0 1
    A MULTI
    A SET r 1
    A EXEC
    A WATCH k
    B SELECT 1
    B GET k
    B SWAPDB 0 1
    A MULTI
    A SET r 2
    A EXEC
    A WATCH nosuch
    B SWAPDB 0 1
    A MULTI
    A SET r 3
    A EXEC`,
  'a swap and keys that are watched when their time is over': `
    B SELECT 1
    A WATCH k
    B SET k v
    B PEXPIREAT k 4102444800000
    B SWAPDB 0 1
    A MULTI
    A PING
    A EXEC
    A WATCH k
    B SWAPDB 4 5
    A MULTI
    A PING
    A EXEC`,
  'a swap of the same database breaks nothing': `
    A SET k v
    A WATCH k
    B SWAPDB 0 0
    A MULTI
    A GET k
    A EXEC`,
  'a swap serves those who wait': `
    A BLPOP k 0
    B BLPOP other k 0
    C SELECT 9
    C RPUSH k 1 2 3
    C SWAPDB 9 0
    C KEYS *
    D LRANGE k 0 -1`,
  'a swap brings another type, and then the right one': `
    A BZPOPMIN z 0
    B SELECT 1
    B SET z string
    B SWAPDB 0 1
    B ZADD z 1 a
    B SWAPDB 0 1`,
  'a swap in a transaction serves after it': `
    A BLMOVE src dst LEFT RIGHT 0
    B MULTI
    B SELECT 3
    B RPUSH src a b
    B SWAPDB 3 0
    B EXEC
    C LRANGE dst 0 -1
    C LRANGE src 0 -1`,
  'XREADGROUP hears that its stream was exchanged': `
    A XGROUP CREATE s g $ MKSTREAM
    B XREADGROUP GROUP g c BLOCK 0 STREAMS s >
    C SWAPDB 0 1
    C EXISTS s`,
  'blocking commands over several slots': `
    A BLPOP a b c 0
    B BLMPOP 0 2 x y LEFT COUNT 2
    C RPUSH b 1
    C RPUSH y 1 2 3
    A BZMPOP 0 2 m n MIN
    C ZADD n 1 a`,
  'CLUSTER is refused but for KEYSLOT': `
    A CLUSTER
    A CLUSTER INFO
    A CLUSTER INFO x
    A CLUSTER NODES
    A CLUSTER SLOTS
    A CLUSTER SHARDS
    A CLUSTER MYID
    A CLUSTER HELP
    A CLUSTER NOSUCH
    A CLUSTER KEYSLOT foo
    A CLUSTER ADDSLOTS 1
    A CLUSTER ADDSLOTS
    A CLUSTER COUNTKEYSINSLOT 1
    A CLUSTER GETSLOTMIGRATIONS
    A CLUSTER MIGRATESLOTS SLOTSRANGE 1 1 NODE x
    A CLUSTER SLOT-STATS SLOTSRANGE 0 1
    A CLUSTER RESET
    A CLUSTER LINKS
    A MULTI
    A CLUSTER INFO
    A EXEC
    A ASKING
    A READONLY
    A READWRITE
    A CLUSTERSCAN 0
    A CLUSTERSCAN 0 FOO
    A INFO cluster
    A CONFIG GET cluster-enabled
    A CONFIG GET databases
    A CONFIG GET replicaof`,
  'shard channels are channels': `
    A SSUBSCRIBE a b c
    B SPUBLISH a x
    B PUBSUB SHARDCHANNELS
    B PUBSUB SHARDNUMSUB a z
    A SUNSUBSCRIBE a b c`,
  'caches that are tracked, and a swap': `
    A CLIENT TRACKING ON
    A GET k
    B SET k v
    A GET k
    B SWAPDB 0 1
    B SET k w
    B SELECT 1
    B SET k x
    A GET k
    B FLUSHDB`,
  REPLICAOF: `
    A REPLICAOF
    A REPLICAOF x
    A REPLICAOF NO ONE
    A REPLICAOF host x
    A REPLICAOF host 65536
    A REPLICAOF host -1
    A SLAVEOF NO ONE
    A CONFIG SET replicaof host
    A CLIENT CAPA redirect
    A GET k
    A SET k v`
}
