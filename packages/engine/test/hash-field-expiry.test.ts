import { describe, expect, test } from 'vitest'
import { CommandLine } from './command-line.ts'

/** A hash with three fields of which `a` has expired and is still there. */
function withHiddenField(): CommandLine {
  const line = new CommandLine()
  line.run('HSET k a 1 b 2 c 3')
  line.run('HPEXPIRE k 20 FIELDS 1 a')
  line.skip(50)
  return line
}

describe('[HFE1] an expired field is hidden and stays', () => {
  test('every read leaves it out, HLEN counts it', () => {
    const line = withHiddenField()
    expect(line.run('HLEN k')).toBe(3)
    expect(line.run('HGET k a')).toBe(null)
    expect(line.run('HEXISTS k a')).toBe(0)
    expect(line.run('HSTRLEN k a')).toBe(0)
    expect(line.run('HKEYS k')).toEqual(['b', 'c'])
    expect(line.run('HVALS k')).toEqual(['2', '3'])
    expect(line.run('HMGET k a b')).toEqual([null, '2'])
    expect(line.run('HGETALL k')).toEqual(['b', '2', 'c', '3'])
    expect(line.run('HSCAN k 0')).toEqual(['0', ['b', '2', 'c', '3']])
    expect((line.run('HRANDFIELD k 5') as string[]).sort()).toEqual(['b', 'c'])
    expect(line.run('HTTL k FIELDS 1 a')).toEqual([-2])
    expect(line.run('HPERSIST k FIELDS 1 a')).toEqual([-2])
    expect(line.run('HEXPIRE k 10 FIELDS 1 a')).toEqual([-2])
    expect(line.run('HGETEX k FIELDS 1 a')).toEqual([null])
    expect(line.run('HGETDEL k FIELDS 1 a')).toEqual([null])
    expect(line.run('HDEL k a')).toBe(0)
    expect(line.run('HLEN k')).toBe(3)
  })

  test('a key whose fields have all expired is still a key', () => {
    const line = new CommandLine()
    line.run('HSETEX only PX 20 FIELDS 1 a 1')
    line.skip(50)
    expect(line.run('EXISTS only')).toBe(1)
    expect(line.run('TYPE only')).toBe('hash')
    expect(line.run('DBSIZE')).toBe(1)
    expect(line.run('SCAN 0')).toEqual(['0', ['only']])
    expect(line.run('HLEN only')).toBe(1)
    expect(line.run('HGETALL only')).toEqual([])
    expect(line.run('HRANDFIELD only')).toBe(null)
    expect(line.run('HRANDFIELD only 2')).toEqual([])
    expect(line.run('HRANDFIELD only -2')).toEqual([])
  })

  test('RENAME and MOVE take it along, COPY leaves it behind', () => {
    const line = withHiddenField()
    line.run('RENAME k {k}2')
    line.run('MOVE {k}2 1')
    line.run('SELECT 1')
    expect([line.run('HLEN {k}2'), line.run('HPEXPIRETIME {k}2 FIELDS 1 b')]).toEqual([3, [-1]])
    line.run('HPEXPIREAT {k}2 4102444800123 FIELDS 1 b')
    line.run('COPY {k}2 {k}3')
    expect([line.run('HLEN {k}3'), line.run('HPEXPIRETIME {k}3 FIELDS 2 b c')]).toEqual([2, [4102444800123, -1]])
  })
})

describe('[HFE2] a field lives until its deadline is past', () => {
  test('it is there at the deadline and hidden a millisecond later', () => {
    const line = new CommandLine()
    line.run('HSET k f v')
    line.run(`HPEXPIREAT k ${line.nowMs + 100} FIELDS 1 f`)
    line.skip(100)
    expect(line.run('HGET k f')).toBe('v')
    line.skip(1)
    expect(line.run('HGET k f')).toBe(null)
  })

  test('a second given late in a second is a whole one', () => {
    const line = new CommandLine()
    line.memory.wallMs = 1_795_000_000_850
    line.run('HSET k f v')
    line.run('HEXPIRE k 1 FIELDS 1 f')
    expect(line.run('HPEXPIRETIME k FIELDS 1 f')).toEqual([1_795_000_001_850])
  })

  test('a deadline that is not in the future removes at once', () => {
    const line = new CommandLine()
    line.run('HSET k a 1 b 2 c 3 d 4')
    expect(line.run('HEXPIRE k 0 FIELDS 2 a nope')).toEqual([2, -2])
    expect(line.events()).toEqual(['hexpired k'])
    expect(line.stream()).toEqual(['HDEL k a'])
    expect(line.run(`HPEXPIREAT k ${line.nowMs} FIELDS 1 b`)).toEqual([2])
    expect(line.run('HGETEX k EX 0 FIELDS 1 c')).toEqual(['3'])
    expect(line.run('HSETEX k EXAT 1 FIELDS 1 d 5')).toBe(1)
    expect(line.events()).toEqual(['hset k', 'hexpire k', 'hexpired k', 'del k'])
    expect(line.run('EXISTS k')).toBe(0)
  })
})

describe('[HFE3] replies and errors are those of 9.1', () => {
  test.each([
    ['HEXPIRE h 100 NX FIELDS 1 timed', [0]],
    ['HEXPIRE h 100 NX FIELDS 1 plain', [1]],
    ['HEXPIRE h 100 XX FIELDS 1 plain', [0]],
    ['HEXPIRE h 2000 XX GT FIELDS 1 timed', [1]],
    ['HEXPIRE h 500 GT FIELDS 2 timed plain', [0, 0]],
    ['HEXPIRE h 500 LT FIELDS 3 timed plain nope', [1, 1, -2]],
    ['HEXPIRE h 100 FIELDS 3 plain plain nope', [1, 1, -2]],
    ['HEXPIRE nokey 100 FIELDS 2 a b', [-2, -2]],
    ['HTTL h FIELDS 3 timed plain nope', [1000, -1, -2]],
    ['HPTTL h FIELDS 1 timed', [1_000_000]],
    ['HPERSIST h FIELDS 3 timed plain nope', [1, -1, -2]],
    ['HSETEX h FNX FIELDS 2 new 1 plain 2', 0],
    ['HSETEX h FXX FIELDS 2 timed 1 plain 2', 1],
    ['HSETEX nokey FXX FIELDS 1 a 1', 0],
    ['HSETEX nokey XX FIELDS 1 a 1', 0],
    ['HSETEX h NX FIELDS 1 a 1', 0],
    ['HSETEX h FIELDS 3 m1 1 m1 2 m2 1', 1],
    ['HGETEX h PERSIST FIELDS 2 timed nope', ['v', null]],
    ['HGETEX nokey EX 10 FIELDS 1 a', [null]],
    ['HGETDEL h FIELDS 3 plain plain nope', ['v', null, null]]
  ])('%s', (command, reply) => {
    const line = new CommandLine()
    line.run('HSET h plain v timed v')
    line.run('HEXPIRE h 1000 FIELDS 1 timed')
    expect(line.run(command)).toEqual(reply)
  })

  const count = '-ERR numfields should be greater than 0 and match the provided number of fields'
  const integer = '-ERR value is not an integer or out of range'
  const wrongType = '-WRONGTYPE Operation against a key holding the wrong kind of value'
  test.each([
    ['HEXPIRE h 10 FIELDS 2 a', count],
    ['HEXPIRE h 10 FIELDS 0 a', count],
    ['HEXPIRE h 10 FIELDS -1 a', count],
    ['HEXPIRE h 10 nothing at all', count],
    ['HPERSIST h FIELDS 2 a', count],
    ['HSETEX h FIELDS 2 a 1', count],
    ['HGETEX h FIELDS 2 a', count],
    ['HGETDEL h FIELDS 2 a', count],
    ['HTTL h FIELDS 2 a', '-ERR syntax error'],
    ['HTTL h FIELDS 0 a', '-ERR syntax error'],
    ['HTTL h WORDS 1 a', '-ERR syntax error'],
    ['HPERSIST h WORDS 1 a', '-ERR syntax error'],
    ['HEXPIRE h 10 FIELDS x a', integer],
    ['HEXPIRE h x FIELDS 1 a', integer],
    ['HEXPIRE h -1 FIELDS 1 a', "-ERR invalid expire time in 'hexpire' command"],
    ['HPEXPIRE h -1 FIELDS 1 a', "-ERR invalid expire time in 'hpexpire' command"],
    ['HEXPIREAT h 9223372036854775807 FIELDS 1 a', "-ERR invalid expire time in 'hexpireat' command"],
    ['HGETEX h EX -1 FIELDS 1 a', "-ERR invalid expire time in 'hgetex' command"],
    ['HSETEX h PX -1 FIELDS 1 a 1', "-ERR invalid expire time in 'hsetex' command"],
    ['HEXPIRE h 10 FOO FIELDS 1 a', '-ERR Unsupported option FOO'],
    ['HEXPIRE h 10 NX XX FIELDS 1 a', '-ERR NX and XX, GT or LT options at the same time are not compatible'],
    ['HEXPIRE h 10 GT LT FIELDS 1 a', '-ERR GT and LT options at the same time are not compatible'],
    ['HSETEX h EX 1 PX 1 FIELDS 1 a 1', '-ERR syntax error'],
    ['HSETEX h FNX FXX FIELDS 1 a 1', '-ERR syntax error'],
    ['HSETEX h EX 1 KEEPTTL FIELDS 1 a 1', '-ERR syntax error'],
    ['HSETEX h PERSIST FIELDS 1 a 1', '-ERR syntax error'],
    ['HGETEX h KEEPTTL FIELDS 1 a', '-ERR syntax error'],
    ['HEXPIRE h 10 FIELDS 1', "-ERR wrong number of arguments for 'hexpire' command"],
    ['HEXPIRE text 10 FIELDS 1 a', wrongType],
    ['HTTL text FIELDS 1 a', wrongType],
    ['HPERSIST text FIELDS 1 a', wrongType],
    ['HSETEX text FIELDS 1 a 1', wrongType],
    ['HGETEX text FIELDS 1 a', wrongType],
    ['HGETDEL text FIELDS 1 a', wrongType],
    // Options, then the count, then the time, then the type.
    ['HEXPIRE text x FOO FIELDS y a', '-ERR Unsupported option FOO'],
    ['HEXPIRE text x FIELDS y a', integer],
    ['HEXPIRE text -1 FIELDS 1 a', "-ERR invalid expire time in 'hexpire' command"]
  ])('%s', (command, error) => {
    const line = new CommandLine()
    line.run('SET text x')
    line.run('HSET h a 1')
    expect(line.run(command)).toBe(error)
    expect([line.events(), line.stream()]).toEqual([[], []])
    expect(line.run('HGETALL h')).toEqual(['a', '1'])
  })

  test('seconds are rounded half up', () => {
    const line = new CommandLine()
    line.run('HSET h a 1 b 1')
    line.run('HPEXPIREAT h 4102444800499 FIELDS 1 a')
    line.run('HPEXPIREAT h 4102444800500 FIELDS 1 b')
    expect(line.run('HEXPIRETIME h FIELDS 2 a b')).toEqual([4102444800, 4102444801])
  })
})

describe('[HFE5] replicas hear of it in absolute time, and only of what changed', () => {
  const at = (line: CommandLine, ms: number) => String(line.nowMs + ms)
  test.each<[string, (line: CommandLine) => string[], string[]]>([
    ['HEXPIRE k 10 XX FIELDS 3 t p nope', (l) => [`HPEXPIREAT k ${at(l, 10_000)} XX FIELDS 3 t p nope`], ['hexpire k']],
    ['HPERSIST k FIELDS 1 t', () => ['HPERSIST k FIELDS 1 t'], ['hpersist k']],
    ['HPERSIST k FIELDS 1 p', () => [], []],
    ['HSETEX k FXX EX 10 FIELDS 1 p 2', (l) => [`HSETEX k PXAT ${at(l, 10_000)} FIELDS 1 p 2`], ['hset k', 'hexpire k']],
    ['HSETEX k XX FIELDS 1 p 2', () => ['HSETEX k FIELDS 1 p 2'], ['hset k']],
    ['HSETEX k KEEPTTL FIELDS 1 t 2', () => ['HSETEX k KEEPTTL FIELDS 1 t 2'], ['hset k']],
    ['HSETEX k EX 0 FIELDS 2 p 2 new 3', () => ['HDEL k p'], ['hset k', 'hexpire k', 'hexpired k']],
    ['HSETEX k EX 0 FIELDS 1 new 3', () => [], ['hset k', 'hexpire k', 'hexpired k']],
    ['HGETEX k EX 10 FIELDS 2 p nope', (l) => [`HPEXPIREAT k ${at(l, 10_000)} FIELDS 1 p`], ['hexpire k']],
    ['HGETEX k PERSIST FIELDS 2 t p', () => ['HPERSIST k FIELDS 1 t'], ['hpersist k']],
    ['HGETEX k EX 0 FIELDS 2 p nope', () => ['HDEL k p'], ['hexpired k']],
    ['HGETEX k FIELDS 1 t', () => [], []],
    ['HGETDEL k FIELDS 2 p nope', () => ['HGETDEL k FIELDS 2 p nope'], ['hdel k']],
    ['HEXPIRE k 0 FIELDS 2 p t', () => ['HDEL k p t'], ['hexpired k']],
    ['HINCRBY k t 1', () => ['HSETEX k PXAT 4102444800123 FIELDS 1 t 2'], ['hincrby k']],
    ['HINCRBYFLOAT k t 0.5', () => ['HSETEX k PXAT 4102444800123 FIELDS 1 t 1.5'], ['hincrbyfloat k']],
    ['HINCRBY k hidden 5', () => ['HSET k hidden 5'], ['hexpired k', 'hincrby k']],
    ['HSETNX k hidden 5', () => ['HSET k hidden 5'], ['hexpired k', 'hset k']],
    ['HSET k hidden 5', () => ['HSET k hidden 5'], ['hexpired k', 'hset k']],
    ['HSETEX k KEEPTTL FIELDS 1 hidden 5', () => ['HDEL k hidden', 'HSETEX k KEEPTTL FIELDS 1 hidden 5'], ['hexpired k', 'hset k']],
    // A replica would bring the expired field back to life, or lose it before its time, if it were named.
    ['HEXPIRE k 10 FIELDS 2 hidden p', (l) => [`HPEXPIREAT k ${at(l, 10_000)} FIELDS 1 p`], ['hexpire k']],
    ['HPERSIST k FIELDS 2 hidden t', () => ['HPERSIST k FIELDS 1 t'], ['hpersist k']],
    ['HDEL k hidden p', () => ['HDEL k p'], ['hdel k']],
    ['HGETDEL k FIELDS 2 hidden p', () => ['HDEL k p'], ['hdel k']],
    ['HDEL k hidden', () => [], []],
    ['HEXPIRE k 10 FIELDS 1 nope', () => [], []]
  ])('%s', (command, stream, events) => {
    const line = new CommandLine()
    line.run('HSET k t 1 p 1 hidden 1 more 1')
    line.run('HPEXPIREAT k 4102444800123 FIELDS 1 t')
    line.run('HPEXPIRE k 20 FIELDS 1 hidden')
    line.skip(50)
    line.run(command)
    expect(line.stream()).toEqual(stream(line))
    expect(line.events()).toEqual(events)
  })

  test('naming only missing fields ten thousand times leaves no trace', () => {
    const line = new CommandLine()
    line.run('HSET k f v')
    for (let i = 0; i < 10_000; i++) line.run(`HEXPIRE k 100 FIELDS 1 missing${i}`)
    expect([line.stream(), line.run('HLEN k'), line.memory.node.keyspace.database(0).volatileCount]).toEqual([[], 1, 0])
  })
})

describe('[HFE6] a plain write clears the deadline, counting keeps it', () => {
  test.each(['HSET k f 2', 'HMSET k f 2', 'HSETEX k FIELDS 1 f 2'])('%s clears', (command) => {
    const line = new CommandLine()
    line.run('HSETEX k EX 100 FIELDS 1 f 1')
    line.run(command)
    expect([line.run('HGET k f'), line.run('HTTL k FIELDS 1 f')]).toEqual(['2', [-1]])
    expect(line.memory.node.keyspace.database(0).volatileCount).toBe(0)
  })

  test.each(['HINCRBY k f 1', 'HINCRBYFLOAT k f 1', 'HSETEX k KEEPTTL FIELDS 1 f 2'])('%s keeps', (command) => {
    const line = new CommandLine()
    line.run('HSETEX k EX 100 FIELDS 1 f 1')
    line.run(command)
    expect([line.run('HGET k f'), line.run('HTTL k FIELDS 1 f')]).toEqual(['2', [100]])
    expect(line.memory.node.keyspace.database(0).volatileCount).toBe(1)
  })

  test('counting on an expired field begins at zero, without a deadline', () => {
    const line = withHiddenField()
    expect(line.run('HINCRBY k a 5')).toBe(5)
    expect(line.run('HTTL k FIELDS 1 a')).toEqual([-1])
    expect(line.memory.node.stats.expiredFields).toBe(1)
  })
})

describe('[HFE7] no command leaves an empty hash', () => {
  test.each([
    'HSETEX k FXX FIELDS 1 a 1',
    'HSETEX k EX 0 FIELDS 1 a 1',
    'HSETEX k EXAT 1 FIELDS 2 a 1 b 2',
    'HINCRBY k a x',
    'HINCRBYFLOAT k a inf'
  ])('%s on no key', (command) => {
    const line = new CommandLine()
    line.run(command)
    expect([line.run('EXISTS k'), line.run('DBSIZE'), line.stream()]).toEqual([0, 0, []])
  })

  test.each([
    'HDEL k a b',
    'HGETDEL k FIELDS 2 a b',
    'HEXPIRE k 0 FIELDS 2 a b',
    'HGETEX k PXAT 5 FIELDS 2 a b',
    'HSETEX k EX 0 FIELDS 2 a 1 b 2'
  ])('%s takes the key with the last field', (command) => {
    const line = new CommandLine()
    line.run('HSET k a 1 b 2')
    line.run(command)
    expect(line.events().at(-1)).toBe('del k')
    expect(line.run('EXISTS k')).toBe(0)
  })

  test('COPY of a hash whose fields have all expired copies nothing', () => {
    const line = new CommandLine()
    line.run('HSETEX {k}a PX 20 FIELDS 1 f 1')
    line.skip(50)
    expect([line.run('COPY {k}a {k}b'), line.run('EXISTS {k}b')]).toEqual([0, 0])
  })
})

describe('[HFE8] active expiry removes what nobody asks for', () => {
  test('within 200 ms after the deadline, with event and HDEL', () => {
    const line = new CommandLine()
    line.run('HSET k a 1 b 2 c 3')
    line.run('HPEXPIRE k 1000 FIELDS 2 a b')
    line.wait(1000)
    expect(line.run('HLEN k')).toBe(3)
    line.wait(200)
    expect(line.events()).toEqual(['hexpired k'])
    expect(line.stream()).toEqual(['HDEL k a b'])
    expect([line.run('HLEN k'), line.memory.node.stats.expiredFields]).toEqual([1, 2])
    expect(line.memory.node.keyspace.database(0).volatileCount).toBe(0)
  })

  test('the key goes with the last field', () => {
    const line = new CommandLine()
    line.run('HSETEX only PX 20 FIELDS 1 a 1')
    line.wait(300)
    expect(line.events()).toEqual(['hexpired only', 'del only'])
    expect(line.stream()).toEqual(['HDEL only a', 'UNLINK only'])
    expect(line.run('EXISTS only')).toBe(0)
  })

  test('a large hash is emptied in HDELs of at most 1024 fields', () => {
    const line = new CommandLine()
    const fields = Array.from({ length: 2500 }, (_, index) => `f${index}`)
    line.call(['HSETEX', 'k', 'PX', '50', 'FIELDS', '2500', ...fields.flatMap((field) => [field, 'v'])])
    line.wait(1000)
    expect(line.stream().map((command) => command.split(' ').length)).toEqual([1026, 1026, 454, 2])
    expect(line.run('EXISTS k')).toBe(0)
  })

  test('WATCH notices', () => {
    const line = new CommandLine()
    line.run('HSETEX k PX 50 FIELDS 1 a 1')
    line.run('HSET k b 1')
    line.run('WATCH k')
    line.wait(300)
    line.run('MULTI')
    line.run('PING')
    expect(line.run('EXEC')).toBe(null)
  })

  test('a hash that became something else is left alone', () => {
    const line = new CommandLine()
    line.run('HSETEX k PX 50 FIELDS 1 a 1')
    line.run('SET k text')
    line.wait(500)
    expect([line.run('GET k'), line.stream()]).toEqual(['text', []])
  })

  test('fields in every database go', () => {
    const line = new CommandLine()
    for (let database = 0; database < 16; database++) {
      line.run(`SELECT ${database}`)
      line.run('HSETEX k PX 50 FIELDS 1 a 1')
      line.run('HSET k b 1')
    }
    line.wait(300)
    for (let database = 0; database < 16; database++) {
      line.run(`SELECT ${database}`)
      expect(line.run('HLEN k')).toBe(1)
    }
  })
})

describe('[HFE9] what comes from a primary sees and keeps everything', () => {
  test('expired fields are visible to it, and times in the past are stored', () => {
    const line = withHiddenField()
    const { node } = line.memory
    const stream = node.internalClient('primary')
    const run = (command: string) => {
      stream.output.clear()
      const parts = command.split(' ')
      const raw = `*${parts.length}\r\n${parts.map((part) => `$${part.length}\r\n${part}\r\n`).join('')}`
      stream.decoder.push(Uint8Array.from(raw, (char) => char.charCodeAt(0)))
      node.dispatcher.runClient(stream)
      return String.fromCharCode(...stream.output.view())
    }
    expect(run('HGET k a')).toBe('$1\r\n1\r\n')
    expect(run('HTTL k FIELDS 1 a')).toBe('*1\r\n:0\r\n')
    expect(run('HPEXPIREAT k 5 FIELDS 1 b')).toBe('*1\r\n:1\r\n')
    expect([line.run('HLEN k'), line.run('HGETALL k')]).toEqual([3, ['c', '3']])
  })
})

describe('[HFE10] HRANDFIELD draws in bounded time', () => {
  test('also when nearly all of many fields have expired', () => {
    const line = new CommandLine()
    const fields = Array.from({ length: 20_000 }, (_, index) => `f${index}`)
    line.call(['HSETEX', 'k', 'PX', '20', 'FIELDS', '20000', ...fields.flatMap((field) => [field, 'v'])])
    line.run('HSET k live v')
    line.skip(50)
    expect(line.run('HRANDFIELD k')).toBe('live')
    expect(line.run('HRANDFIELD k 3')).toEqual(['live'])
    expect(line.run('HRANDFIELD k -3')).toEqual(['live', 'live', 'live'])
    expect(line.run('HRANDFIELD k 2 WITHVALUES')).toEqual(['live', 'v'])
  })
})
