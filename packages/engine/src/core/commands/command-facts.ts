/**
 * Facts about commands that only COMMAND tells and nothing else in the engine needs: how keys are used, hints for proxies and
 * cluster clients, and ACL categories that do not follow from flags and group. They are those of the reference; a test
 * compares every command in the table with a record of its answers.
 */

/**
 * Where the keys are and what happens to them, where that is not plain reading (`RO access`) or writing (`RW update`). Per spec:
 * flags, then the first index (`WORD@`: counted from after that word, which is looked for from the index on), `..last`, `/step`,
 * `%2` for the first half of what is left, `#` for an index that holds the number of keys, or `?` for unknown.
 */
export const keySpecFacts: ReadonlyMap<string, string> = new Map([
  ...each('RW insert 2', 'xgroup|create xgroup|createconsumer'),
  ...each('RW delete 2', 'xgroup|delconsumer xgroup|destroy'),
  ...each('RW update 2', 'xgroup|setid'),
  ...each('RO access 2', 'xinfo|consumers xinfo|groups xinfo|stream'),
  ...each('RO access STREAMS@1..-1%2', 'xread'),
  ...each('RO access STREAMS@4..-1%2', 'xreadgroup'),
  ...each('RW insert 1', 'append hsetex hsetnx linsert lpush lpushx pfadd rpush rpushx sadd'),
  ...each('RW access update variable_flags 1', 'bitfield set'),
  ...each('OW update 2; RO access 3..-1', 'bitop'),
  ...each('RW access 1..-1', 'pfcount'),
  ...each('RW access 2', 'pfdebug'),
  ...each('RW access insert 1; RO access 2..-1', 'pfmerge'),
  ...each('RW access delete 1; RW insert 2', 'blmove brpoplpush lmove rpoplpush smove'),
  ...each('RW access delete 2#', 'blmpop bzmpop'),
  ...each('RW access delete 1..-2', 'blpop brpop bzpopmax bzpopmin'),
  ...each('not_key 1', 'clusterscan spublish'),
  ...each('RO access 1; OW update 2', 'copy'),
  ...each('RW access update 1', 'decr decrby getex getset hgetex hincrby hincrbyfloat incr incrby incrbyfloat move setbit zincrby'),
  ...each('RM delete 1..-1', 'del unlink'),
  ...each('RM delete 1', 'delifeq'),
  ...each('RO 1..-1', 'exists touch watch'),
  ...each('RO access 1; OW update variable_flags STORE@6; OW update variable_flags STOREDIST@6', 'georadius'),
  ...each('RO access 1; OW update variable_flags STORE@5; OW update variable_flags STOREDIST@5', 'georadiusbymember'),
  ...each('RW access delete 1', 'getdel hgetdel lpop rpop spop zpopmax zpopmin'),
  ...each('RW delete 1', 'hdel lrem ltrim srem zrem zremrangebylex zremrangebyrank zremrangebyscore xautoclaim xdel xtrim'),
  ...each('RO 1', 'hexists hlen hstrlen llen scard sismember strlen type xlen zcard'),
  ...each('RW access delete 1#', 'lmpop zmpop'),
  ...each('RO 2', 'memory|usage object|encoding object|freq object|idletime object|refcount'),
  ...each('RW access delete 3; RW access delete incomplete KEYS@-2..-1', 'migrate'),
  ...each('OW update 1..-1/2', 'mset'),
  ...each('OW update 1#/2', 'msetex'),
  ...each('OW insert 1..-1/2', 'msetnx'),
  ...each('OW update 1', 'psetex restore restore-asking setex'),
  ...each('RW access delete 1; OW update 2', 'rename'),
  ...each('RW access delete 1; OW insert 2', 'renamenx'),
  ...each('OW update 1; RO access 2..-1', 'sdiffstore sinterstore sunionstore'),
  ...each('OW insert 1', 'setnx'),
  ...each('RO access 1#', 'sintercard zdiff zinter zintercard zunion'),
  ...each('RO access 1; RO access ?; OW update ?', 'sort'),
  ...each('RO access 1; RO access ?', 'sort_ro'),
  ...each('not_key 1..-1', 'ssubscribe sunsubscribe'),
  ...each('OW update 1; RO access 2#', 'zdiffstore zinterstore zunionstore'),
  ...each('OW update 1; RO access 2', 'geosearchstore zrangestore')
])

/** The hints of COMMAND, for those that have some. */
export const tipFacts: ReadonlyMap<string, string> = new Map([
  ...each(
    'nondeterministic_output',
    'client|info client|list cluster|bumpepoch cluster|count-failure-reports cluster|getkeysinslot cluster|info cluster|links cluster|myshardid cluster|nodes cluster|replicas cluster|shards cluster|slaves cluster|slots dump hrandfield hscan migrate object|encoding object|freq object|idletime object|refcount pttl spop srandmember sscan time ttl xadd xautoclaim xclaim xinfo|consumers xpending xtrim zrandmember zscan'
  ),
  ...each(
    'request_policy:all_nodes response_policy:all_succeeded',
    'acl|deluser acl|save acl|setuser client|setinfo client|setname commandlog|reset config|resetstat config|rewrite config|set slowlog|reset'
  ),
  ...each('nondeterministic_output request_policy:special response_policy:special', 'clusterscan scan'),
  ...each('nondeterministic_output request_policy:all_shards', 'cluster|slot-stats'),
  ...each(
    'nondeterministic_output_order',
    'command command|docs command|info command|list hgetall hkeys hvals sdiff sinter smembers sunion'
  ),
  ...each('request_policy:all_nodes nondeterministic_output', 'commandlog|get slowlog|get'),
  ...each('request_policy:all_nodes response_policy:agg_sum nondeterministic_output', 'commandlog|len slowlog|len'),
  ...each('request_policy:all_shards response_policy:agg_sum', 'dbsize'),
  ...each('request_policy:multi_shard response_policy:agg_sum', 'del exists touch unlink'),
  ...each('request_policy:all_shards response_policy:all_succeeded', 'flushall flushdb memory|purge ping'),
  ...each(
    'nondeterministic_output request_policy:all_shards response_policy:special',
    'info memory|doctor memory|malloc-stats memory|stats'
  ),
  ...each('request_policy:all_shards nondeterministic_output_order', 'keys'),
  ...each(
    'nondeterministic_output request_policy:all_nodes response_policy:special',
    'latency|doctor latency|graph latency|histogram latency|history latency|latest'
  ),
  ...each('request_policy:all_nodes response_policy:agg_sum', 'latency|reset'),
  ...each('request_policy:multi_shard', 'mget'),
  ...each('request_policy:multi_shard response_policy:all_succeeded', 'mset msetex'),
  ...each('request_policy:all_shards response_policy:special nondeterministic_output', 'randomkey'),
  ...each('request_policy:all_shards response_policy:agg_min', 'wait waitaof')
])

/** Categories beside those that flags and group give, and (with `-`) without them. */
export const aclFacts: ReadonlyMap<string, string> = new Map([
  ...each(
    '+@connection',
    'asking command command|count command|docs command|getkeys command|getkeysandflags command|help command|info command|list readonly readwrite'
  ),
  ...each('+@keyspace', 'clusterscan cluster|flushslot dbsize'),
  ...each('+@dangerous +@keyspace', 'flushall flushdb swapdb'),
  ...each('+@dangerous', 'info keys migrate restore'),
  ...each('+@dangerous +@keyspace', 'restore-asking'),
  ...each('+@admin +@dangerous', 'role'),
  ...each('+@dangerous +@list +@set +@sortedset -@keyspace', 'sort sort_ro'),
  ...each('+@connection -@keyspace', 'wait waitaof')
])

/** One fact for several commands. */
function each(fact: string, names: string): [string, string][] {
  return names.split(' ').map((name) => [name, fact])
}
