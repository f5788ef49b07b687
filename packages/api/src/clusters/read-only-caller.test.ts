import { ErrorReply } from '@slotscope/observer'
import { describe, expect, test } from 'vitest'
import { ScriptedCluster } from '../../test/support/scripted-cluster.ts'
import { isRead, ReadOnlyCaller } from './read-only-caller.ts'

const writes =
  `SET k v|DEL k|UNLINK k|GETSET k v|GETDEL k|GETEX k|APPEND k v|INCR k|RENAME a b|RESTORE k 0 x|MIGRATE h 1 k 0 1|COPY a b|MOVE k 1|SORT k|SORT_RO k
EXPIRE k 1|PERSIST k|HSET h f v|HDEL h f|HEXPIRE h 1 FIELDS 1 f|HPEXPIREAT h 1 FIELDS 1 f|HPERSIST h FIELDS 1 f|HGETEX h FIELDS 1 f|HSETEX h FIELDS 1 f v
LPUSH l v|LPOP l|SADD s m|SPOP s|ZADD z 1 m|XADD x * f v|XREADGROUP GROUP g c STREAMS x >|FLUSHALL|FLUSHDB|SWAPDB 0 1|SHUTDOWN|SAVE|BGSAVE|BGREWRITEAOF
CONFIG SET a b|CONFIG REWRITE|CONFIG RESETSTAT|CONFIG|CLUSTER MIGRATESLOTS|CLUSTER CANCELSLOTMIGRATIONS|CLUSTER SETSLOT 1 STABLE|CLUSTER FAILOVER
CLUSTER FORGET x|CLUSTER MEET h 1|CLUSTER RESET|CLUSTER REPLICATE x|CLUSTER ADDSLOTS 1|CLUSTER DELSLOTS 1|CLUSTER FLUSHSLOTS|CLUSTER BUMPEPOCH|CLUSTER SAVECONFIG|CLUSTER
ACL SETUSER x|ACL DELUSER x|ACL LOAD|ACL SAVE|CLIENT KILL ID 1|CLIENT PAUSE 1|CLIENT REPLY OFF|CLIENT NO-TOUCHED|SCRIPT LOAD x|EVAL x 0|EVALSHA x 0|EVAL_RO x 0|FCALL f 0|FUNCTION LOAD x
MODULE LOAD x|DEBUG SLEEP 1|REPLICAOF h 1|FAILOVER|PUBLISH c m|SPUBLISH c m|MONITOR|SUBSCRIBE c|MULTI|EXEC|LATENCY RESET|SLOWLOG RESET|MEMORY PURGE|OBJECT NOSUCH|PFCOUNT k|KEYS *
CONSTRUCTOR|__PROTO__|GET\nSET|  SET`
    .split(/[|\n](?!SET\|)/)
    .map((line) => line.split(' '))

describe('[T9] --read-only: one rule at the caller', () => {
  test.each(writes.map((command) => [command.join(' '), command] as const))('%j is no read', (_name, command) => {
    expect(isRead(command)).toBe(false)
    expect(isRead(command.map((word) => word.toLowerCase()))).toBe(false)
  })
  test.each([
    'PING',
    'get k',
    'CLUSTER NODES',
    'cluster getslotmigrations',
    'CONFIG GET x',
    'HPEXPIRETIME h FIELDS 1 f',
    'OBJECT ENCODING k'
  ])('%j is a read', (line) => expect(isRead(line.split(' '))).toBe(true))
  test('a name as bytes, and no command at all, are refused', () => {
    expect(isRead([Buffer.from('GET'), 'k'])).toBe(false)
    expect(isRead([])).toBe(false)
  })
  test('a call that holds one write sends nothing, and every command of it is answered', async () => {
    const cluster = new ScriptedCluster()
    const caller = new ReadOnlyCaller(cluster, 'Slotscope was started with --read-only')
    const node = { host: '127.0.0.1', port: 7_001 }
    const options = { purpose: 'work', cause: 'test' } as const
    const replies = await caller.pipeline(node, [['PING'], ['CLUSTER', 'MIGRATESLOTS', 'x'], ['PING']], options)
    expect(cluster.calls).toEqual([])
    expect(replies).toHaveLength(3)
    for (const reply of replies)
      expect((reply as ErrorReply).message).toBe('READONLY Slotscope was started with --read-only: CLUSTER MIGRATESLOTS was not sent')
    expect(replies.every((reply) => reply instanceof ErrorReply)).toBe(true)
    expect(await caller.pipeline(node, [['PING']], options)).toEqual(['PONG'])
  })
})
