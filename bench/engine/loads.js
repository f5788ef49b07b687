// What is sent to both servers: everyday commands over random keys, and the replies that they must give alike.

/** @typedef {{ name: string, words: (keys: number) => string[], perRequest: number, target: Record<number, number>, floor: Record<number, number> }} Load */

/** @param {number} target @param {number} floor of pipelines 16 and 64; a call by itself is decided by the kernel, and has a goal for GET and SET alone. */
const others = (target, floor) => ({ target: { 16: target, 64: target }, floor: { 16: floor, 64: floor } })
const key = 'key:__rand_int__'

/** Goals are requests per second as a share of valkey-server's. @type {readonly Load[]} */
export const loads = [
  { name: 'GET', words: () => ['get', key], perRequest: 1, target: { 1: 1, 16: 1.1, 64: 1 }, floor: { 1: 0.9, 16: 0.85, 64: 0.8 } },
  {
    name: 'SET',
    words: () => ['set', key, 'xxx'],
    perRequest: 1,
    target: { 1: 1, 16: 1.1, 64: 1.2 },
    floor: { 1: 0.9, 16: 0.85, 64: 0.9 }
  },
  { name: 'INCR', words: () => ['incr', 'counter:__rand_int__'], perRequest: 1, ...others(0.9, 0.6) },
  { name: 'HSET', words: () => ['hset', 'hash', 'field:__rand_int__', 'xxx'], perRequest: 1, ...others(0.9, 0.6) },
  { name: 'LPUSH', words: () => ['lpush', 'list', 'xxx'], perRequest: 1, ...others(0.9, 0.6) },
  { name: 'ZADD', words: () => ['zadd', 'zset', '__rand_int__', 'member:__rand_int__'], perRequest: 1, ...others(1, 0.6) },
  {
    name: 'MSET',
    words: () => ['mset', ...Array.from({ length: 10 }, () => ['{t}:__rand_int__', 'xxx']).flat()],
    perRequest: 4,
    ...others(0.9, 0.6)
  },
  {
    name: 'HSETEX',
    words: () => ['hsetex', 'volatile', 'EX', '100000', 'FIELDS', '1', 'field:__rand_int__', 'xxx'],
    perRequest: 1,
    ...others(0.9, 0.6)
  },
  { name: 'HGET', words: () => ['hget', 'hash', 'field:__rand_int__'], perRequest: 1, ...others(0.9, 0.6) },
  { name: 'HGET of volatile fields', words: () => ['hget', 'volatile', 'field:__rand_int__'], perRequest: 1, ...others(0.9, 0.6) }
]

/** Commands whose replies must be the same before anything is timed. */
export const samples = [
  ['SET', 'sample', 'value'],
  ['GET', 'sample'],
  ['GET', 'absent'],
  ['INCR', 'sample:count'],
  ['HSET', 'sample:hash', 'a', '1', 'b', '2'],
  ['HSET', 'sample:hash', 'a', '3'],
  ['HGET', 'sample:hash', 'a'],
  ['HSETEX', 'sample:hash', 'EX', '1000', 'FIELDS', '1', 'c', '4'],
  ['HTTL', 'sample:hash', 'FIELDS', '2', 'a', 'c'],
  ['LPUSH', 'sample:list', 'x'],
  ['LRANGE', 'sample:list', '0', '-1'],
  ['ZADD', 'sample:zset', '1.5', 'm'],
  ['ZSCORE', 'sample:zset', 'm'],
  ['MSET', '{s}1', 'x', '{s}2', 'y'],
  ['MGET', '{s}1', '{s}2', '{s}3'],
  ['DEL', 'sample', 'x'],
  ['NOSUCH', 'command']
]
