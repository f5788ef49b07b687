import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeUtf8 } from '../bytes.ts'
import { ErrorReply, type Reply } from '../caller.ts'
import { parseAclList } from './acl-list.ts'
import { parseClientList } from './client-list.ts'
import { KnownLines, parseClusterNodes } from './cluster-nodes.ts'
import { parseClusterShards } from './cluster-shards.ts'
import { parseCommandLog } from './command-log.ts'
import { parseCommandStats } from './command-stats.ts'
import { parseConfig } from './config.ts'
import { figuresOf, parseInfo, parseInfoSections } from './info.ts'
import { databasesOf } from './keyspace.ts'
import { parseLatencyHistograms, parseLatencyHistory, parseLatestLatencies } from './latency.ts'
import { parseIntegers, parseScan } from './scan.ts'
import { parseSlotMigrations } from './slot-migrations.ts'
import { parseSlotStats } from './slot-stats.ts'

const A = '69310fb6a0c2d5e7f80123456789abcdef012345'
const B = 'de98aabbccddeeff00112233445566778899aabb'
const SHARD = '2590000000000000000000000000000000000000'

/** The same reply as RESP2 gives it: maps flat, texts as bytes. */
function asResp2(reply: Reply): Reply {
  if (typeof reply === 'string') return encodeUtf8(reply)
  if (reply instanceof Map) return [...(reply as ReadonlyMap<Reply, Reply>)].flat().map(asResp2)
  return Array.isArray(reply) ? reply.map(asResp2) : reply
}

const map = (entries: Record<string, Reply>): Reply => new Map(Object.entries(entries))

describe('CLUSTER NODES', () => {
  test('a failed primary, a replica with a hostname, open slots, IPv6, and a node without an address', () => {
    const text = [
      `${A} 127.0.0.1:21903@31903 master,fail - 1795446626699 1795446625000 3 disconnected 10922-16383`,
      `${B} ::1:21204@31204,h1.example slave,fail? ${A} 0 1795446625001 3 connected`,
      `${SHARD} :21205@31205 myself,master - 0 0 7 connected 0 5-9 [10->-${A}] [11-<-${B}]`,
      `${'c'.repeat(40)} :0@0 master,noaddr,handshake - 0 0 0 disconnected`,
      ''
    ].join('\n')
    const parsed = parseClusterNodes(`txt:${text}`)
    if ('error' in parsed) throw new Error(parsed.error)
    const [failed, replica, myself, unknown] = parsed.value
    expect(failed).toMatchObject({
      id: A,
      host: '127.0.0.1',
      port: 21_903,
      role: 'primary',
      failed: true,
      suspected: false,
      configEpoch: 3,
      connected: false
    })
    expect(failed?.slots).toEqual([[10_922, 16_383]])
    expect(replica).toMatchObject({
      host: '::1',
      port: 21_204,
      hostname: 'h1.example',
      role: 'replica',
      primaryId: A,
      failed: false,
      suspected: true
    })
    expect(myself).toMatchObject({ host: '', myself: true, configEpoch: 7, slotsText: '0 5-9' })
    expect(myself?.slots).toEqual([
      [0, 0],
      [5, 9]
    ])
    expect(myself?.migrating).toEqual([{ slot: 10, node: A }])
    expect(myself?.importing).toEqual([{ slot: 11, node: B }])
    expect(unknown).toMatchObject({ noAddress: true, handshake: true, port: 0 })
    expect(parseClusterNodes(encodeUtf8(text))).toEqual(parsed)
  })

  test.each([
    ['', /at least one line/],
    [`${A} 127.0.0.1:1@2 master - 0 0`, /too few words/],
    [`xyz 127.0.0.1:1@2 master - 0 0 1 connected`, /no node id/],
    [`${A} nowhere master - 0 0 1 connected`, /bad address/],
    [`${A} 127.0.0.1:1@2 master - 0 0 one connected`, /bad config epoch/],
    [`${A} 127.0.0.1:1@2 master - 0 0 1 connected 9-5`, /bad slots "9-5"/],
    [`${A} 127.0.0.1:1@2 master - 0 0 1 connected 5-16384`, /bad slots/]
  ])('refuses %j', (text, error) => {
    const parsed = parseClusterNodes(text)
    expect('error' in parsed ? parsed.error : '').toMatch(error)
  })

  test('a line in which only the times of pings changed is the same object; any other change is read', () => {
    const known = new KnownLines()
    const line = (pings: string, epoch = '4', slots = ' 0-99 [5->-B]', flags = 'master') =>
      `${A} 10.0.0.1:7000@17000,h.example ${flags} - ${pings} ${epoch} connected${slots}`
    const read = (text: string) => {
      const parsed = parseClusterNodes(text, known)
      expect(parsed).toEqual(parseClusterNodes(text))
      return 'value' in parsed ? parsed.value[0] : undefined
    }
    const first = read(line('0 1795445623751', '4', ' 0-99'))
    expect(read(line('1795445623000 17', '4', ' 0-99'))).toBe(first)
    for (const other of [
      line('0 1', '14', ' 0-99'),
      line('0 1', '4', ' 0-99 101'),
      line('0 1', '4', ' 10-99'),
      line('0 1', '4', ' 0-99', 'master,fail'),
      line('0 1', '4', ' 0-99').replace('7000@', '7001@'),
      line('0 1', '4', ' 0-99').replace(' - ', ` ${B} `)
    ]) {
      expect(read(other)).not.toBe(first)
      expect(read(line('0 2', '4', ' 0-99'))).toEqual(first)
    }
    for (const bad of [line('0'), line('x 1'), line('0 1', ''), line('0 1', '4', ' 99-0')]) read(bad)
  })
})

describe('CLUSTER SHARDS', () => {
  const node = (id: string, port: number, role: string, more: Record<string, Reply> = {}) =>
    map({ id, port, ip: '127.0.0.1', endpoint: '127.0.0.1', role, 'replication-offset': 1_015_356, health: 'online', ...more })
  const reply = (id: Record<string, Reply>): Reply => [
    map({
      slots: [5_461, 10_921],
      nodes: [
        node(B, 21_202, 'master'),
        node(A, 21_205, 'replica', { endpoint: 'h1.example', hostname: 'h1.example', 'availability-zone': 'az1' })
      ],
      ...id
    }),
    map({ slots: [], nodes: [] })
  ]

  test.each([
    ['9.1', { id: SHARD }, SHARD],
    ['9.0', {}, null]
  ])('of %s, from either protocol', (_, id, expected) => {
    const parsed = parseClusterShards(reply(id))
    if ('error' in parsed) throw new Error(parsed.error)
    expect(parsed.value[0]).toMatchObject({ id: expected, slots: [[5_461, 10_921]] })
    const common = { host: '127.0.0.1', health: 'online', offset: 1_015_356 }
    expect(parsed.value[0]?.nodes).toEqual([
      { ...common, id: B, port: 21_202, hostname: null, endpoint: null, role: 'primary', zone: null },
      { ...common, id: A, port: 21_205, hostname: 'h1.example', endpoint: 'h1.example', role: 'replica', zone: 'az1' }
    ])
    expect(parsed.value[1]).toEqual({ id: null, slots: [], nodes: [] })
    expect(parseClusterShards(asResp2(reply(id)))).toEqual(parsed)
  })

  test('a node with a TLS port only', () => {
    const parsed = parseClusterShards([
      map({ slots: [], nodes: [map({ id: A, 'tls-port': 6_380, ip: '', role: 'master', health: 'loading' })] })
    ])
    expect('value' in parsed && parsed.value[0]?.nodes[0]).toMatchObject({ port: 6_380, health: 'loading' })
  })

  test.each([
    ['nil', null],
    ['a shard without nodes', [map({ slots: [1, 2] })]],
    ['an odd list of slots', [map({ slots: [1], nodes: [] })]],
    ['slots beyond the last', [map({ slots: [1, 99_999], nodes: [] })]],
    ['a node without a role', [map({ slots: [], nodes: [map({ id: A, port: 1, health: 'online' })] })]]
  ])('refuses %s', (_, reply) => {
    expect(parseClusterShards(reply)).toHaveProperty('error')
  })
})

describe('CLUSTER GETSLOTMIGRATIONS', () => {
  const job = (more: Record<string, Reply>): Reply =>
    map({
      name: 'n'.repeat(40),
      operation: 'EXPORT',
      slot_ranges: '685-685 4748-4748',
      target_node: A,
      source_node: B,
      create_time: 1_795_446_625,
      last_update_time: 1_795_446_626,
      last_ack_time: 0,
      state: 'failed',
      message: 'NOAUTH\r\n',
      cow_size: 12,
      ...more
    })

  test('of 9.1 and 9.0, of a replica, from either protocol', () => {
    const reply = [job({ remaining_repl_size: 77 }), job({})]
    const parsed = parseSlotMigrations(reply)
    if ('error' in parsed) throw new Error(parsed.error)
    expect(parsed.value[0]).toEqual({
      name: 'n'.repeat(40),
      operation: 'EXPORT',
      slots: [
        [685, 685],
        [4_748, 4_748]
      ],
      targetNode: A,
      sourceNode: B,
      createdAtMs: 1_795_446_625_000,
      updatedAtMs: 1_795_446_626_000,
      state: 'failed',
      message: 'NOAUTH',
      copyOnWriteBytes: 12,
      remainingBytes: 77
    })
    expect(parsed.value[1]?.remainingBytes).toBeNull()
    expect(parseSlotMigrations(asResp2(reply))).toEqual(parsed)
    const tracked = parseSlotMigrations([
      map({ name: 'x', operation: 'IMPORT', slot_ranges: '1-2', state: 'occurring-on-primary', message: '' })
    ])
    expect('value' in tracked && tracked.value[0]).toMatchObject({ targetNode: null, sourceNode: null, state: 'occurring-on-primary' })
  })

  test.each([
    [{ operation: 'COPY' }, /EXPORT or IMPORT/],
    [{ state: 'dancing' }, /known state \(not "dancing"\)/],
    [{ slot_ranges: '5-1' }, /slot ranges/],
    [{ name: '' }, /with a name/]
  ])('refuses %j', (more, error) => {
    const parsed = parseSlotMigrations([job(more)])
    expect('error' in parsed ? parsed.error : '').toMatch(error)
  })

  test('a server before 9.0 is an error in its own words', () => {
    const words = "ERR unknown subcommand 'GETSLOTMIGRATIONS'. Try CLUSTER HELP."
    expect(parseSlotMigrations(new ErrorReply(words))).toEqual({ error: words })
  })
})

describe('CLUSTER SLOT-STATS', () => {
  test('with and without the counters, from either protocol', () => {
    const reply: Reply = [
      [0, map({ 'key-count': 3, 'cpu-usec': 4, 'network-bytes-in': 255, 'network-bytes-out': 270 })],
      [4_748, map({ 'key-count': 2 })]
    ]
    const parsed = parseSlotStats(reply)
    expect(parsed).toEqual({
      value: [
        { slot: 0, keys: 3, cpuUs: 4, bytesIn: 255, bytesOut: 270 },
        { slot: 4_748, keys: 2, cpuUs: null, bytesIn: null, bytesOut: null }
      ]
    })
    expect(parseSlotStats(asResp2(reply))).toEqual(parsed)
  })

  test.each([[[[16_384, map({ 'key-count': 1 })]]], [[[1, map({})]]], [[[1]]], ['x']])('refuses %j', (reply) => {
    expect(parseSlotStats(reply as Reply)).toHaveProperty('error')
  })
})

describe('INFO', () => {
  test('has texts, numbers and databases', () => {
    const parsed = parseInfo(
      '# Keyspace\r\ndb0:keys=14,expires=2,avg_ttl=900,keys_with_volatile_items=8\r\ndb11:keys=1,expires=0,avg_ttl=0\r\n# Stats\r\nused_memory:12\r\nempty:\r\ntext:a:b\r\n'
    )
    if ('error' in parsed) throw new Error(parsed.error)
    const info = parsed.value
    expect([info.number('used_memory'), info.number('empty'), info.number('none'), info.text('text')]).toEqual([
      12,
      undefined,
      undefined,
      'a:b'
    ])
    expect([...databasesOf(info)]).toEqual([
      [0, { keys: 14, expires: 2, averageTtlMs: 900, withVolatileFields: 8 }],
      [11, { keys: 1, expires: 0, averageTtlMs: 0, withVolatileFields: 0 }]
    ])
    expect(figuresOf('calls=3,usec=4,name=x,=5')).toEqual(
      new Map([
        ['calls', 3],
        ['usec', 4]
      ])
    )
    expect(parseInfo([])).toEqual({ error: 'INFO: expected a text, got an array of 0' })
  })

  test('has sections, each with its lines in order', () => {
    expect(
      parseInfoSections('txt:before:1\r\n# Server\r\nrun_id:a:b\r\nempty:\r\n\r\n# Errorstats\r\n\r\n# Keyspace\ndb0:keys=1\n')
    ).toEqual({
      value: [
        {
          name: 'Server',
          fields: [
            ['run_id', 'a:b'],
            ['empty', '']
          ]
        },
        { name: 'Errorstats', fields: [] },
        { name: 'Keyspace', fields: [['db0', 'keys=1']] }
      ]
    })
    expect(parseInfoSections(5)).toHaveProperty('error')
  })
})

describe('ACL LIST', () => {
  test('has users by their rules, with hashes of passwords apart', () => {
    const hash = 'ab'.repeat(32)
    expect(
      parseAclList([
        encodeUtf8('user default on nopass sanitize-payload ~* &* alldbs +@all'),
        `user app off #${hash} ~app:* ~(odd resetchannels -@all +get (~x:* -@all +set) (%R~y -@all +@read)`
      ])
    ).toEqual({
      value: [
        {
          name: 'default',
          isOn: true,
          needsNoPassword: true,
          passwordHashes: [],
          rules: ['sanitize-payload', '~*', '&*', 'alldbs', '+@all']
        },
        {
          name: 'app',
          isOn: false,
          needsNoPassword: false,
          passwordHashes: [`#${hash}`],
          rules: ['~app:*', '~(odd', 'resetchannels', '-@all', '+get', '(~x:* -@all +set)', '(%R~y -@all +@read)']
        }
      ]
    })
    expect(parseAclList([`#${hash}`])).toEqual({ error: 'ACL LIST: line 1 describes no user' })
    expect(parseAclList(hash)).toEqual({ error: 'ACL LIST: expected a list' })
  })
})

describe('CLIENT LIST', () => {
  test('has one connection a line, by what it is for; what a server does not tell is null', () => {
    const told =
      'id=5 addr=127.0.0.1:47260 laddr=127.0.0.1:21701 fd=12 name=a=b age=9 idle=1 flags=N capa= db=3 sub=0 psub=0 ssub=0 multi=-1 watch=0 qbuf=26 qbuf-free=0 argv-mem=10 multi-mem=0 rbs=16384 rbp=16384 obl=0 oll=0 omem=7 tot-mem=17050 events=r cmd=client|list user=default redir=-1 resp=2 lib-name=x lib-ver=1 tot-net-in=26 tot-net-out=8 tot-cmds=4'
    const lines = [
      told,
      'id=6 addr=/var/run/my sock:0 name=slotscope flags=rT cmd=NULL',
      'id=7 addr=b:1 flags=P sub=1 psub=1 ssub=1',
      'id=8 addr=b:2 flags=S',
      'id=9 addr=b:3 flags=M',
      'id=10 addr=b:4 flags=i',
      'id=11 addr=b:5 flags=OS',
      'id=12 addr=b:6 flags=N name=slotscope-workload'
    ]
    const parsed = parseClientList(encodeUtf8(`txt:${lines.join('\n')}\n`))
    if ('error' in parsed) throw new Error(parsed.error)
    expect(parsed.value[0]).toEqual({
      ...{ id: 5, address: '127.0.0.1:47260', name: 'a=b', user: 'default', kind: 'normal', isOurs: false, flags: 'N', database: 3 },
      ...{ ageSeconds: 9, idleSeconds: 1, subscriptions: 0, outputBytes: 7, queryBytes: 26, memoryBytes: 17_050 },
      ...{ command: 'client|list', commands: 4, bytesIn: 26, bytesOut: 8, library: 'x', libraryVersion: '1', protocol: 2 }
    })
    expect(parsed.value[1]).toMatchObject({ address: '/var/run/my sock:0', isOurs: true, command: '', user: null, memoryBytes: null })
    expect(parsed.value.map(({ kind }) => kind)).toEqual([
      'normal',
      'normal',
      'pubsub',
      'replica',
      'primary',
      'migration',
      'normal',
      'normal'
    ])
    expect(parsed.value[2]?.subscriptions).toBe(3)
    expect(parsed.value[7]?.isOurs).toBe(false)
    expect(parseClientList('addr=x\n')).toEqual({ error: 'CLIENT LIST: line 1 has no number' })
    expect(parseClientList('')).toEqual({ value: [] })
    expect(parseClientList(5)).toHaveProperty('error')
  })
})

describe('logs and statistics of commands', () => {
  test('COMMANDLOG GET keeps bytes; an older server names no client', () => {
    const word = new Uint8Array([255, 0])
    expect(
      parseCommandLog([
        [7, 100, 12_345, ['GET', word], encodeUtf8('a:1'), ''],
        ['8', 101, 5, ['PING']]
      ])
    ).toEqual({
      value: [
        { id: 7, atSeconds: 100, value: 12_345, arguments: [encodeUtf8('GET'), word], address: 'a:1', clientName: '' },
        { id: 8, atSeconds: 101, value: 5, arguments: [encodeUtf8('PING')], address: null, clientName: null }
      ]
    })
    expect(parseCommandLog([[1, 2]])).toEqual({ error: 'COMMANDLOG GET: entry 1 is none' })
    expect(parseCommandLog('x')).toHaveProperty('error')
  })

  test('INFO commandstats and errorstats are read by name; what is missing is 0', () => {
    const parsed = parseCommandStats(
      'cmdstat_client|list:calls=3,usec=41,usec_per_call=13.67,rejected_calls=1,failed_calls=2\r\nerrorstat_ERR:count=4'
    )
    expect(parsed).toEqual({
      value: { commands: new Map([['client|list', { calls: 3, us: 41, rejected: 1, failed: 2 }]]), errors: new Map([['ERR', 4]]) }
    })
    expect(parseCommandStats('cmdstat_get:calls=1')).toEqual({
      value: { commands: new Map([['get', { calls: 1, us: 0, rejected: 0, failed: 0 }]]), errors: new Map() }
    })
  })

  test('LATENCY HISTOGRAM has a count of its own for each bucket, from either protocol', () => {
    const own = [
      [2, 1],
      [4, 3],
      [16, 2]
    ]
    const expected = { value: new Map([['get', { calls: 6, buckets: own }]]) }
    expect(parseLatencyHistograms(['get', ['calls', 6, 'histogram_usec', [2, 1, 4, 4, 16, 6]]])).toEqual(expected)
    const buckets = new Map([
      [4, 4],
      [2, 1],
      [16, 6]
    ])
    const told = new Map<string, number | Map<number, number>>([
      ['calls', 6],
      ['histogram_usec', buckets]
    ])
    expect(parseLatencyHistograms(new Map([['get', told]]))).toEqual(expected)
    expect(parseLatencyHistograms(['get', ['calls', 6]])).toHaveProperty('error')
    expect(parseLatencyHistograms(5)).toHaveProperty('error')
  })

  test('LATENCY LATEST and HISTORY, with and without a sum and a count', () => {
    expect(
      parseLatestLatencies([
        ['fork', 100, 3, 9],
        ['command', 101, 5, 8, 13, 2]
      ])
    ).toEqual({
      value: [
        { event: 'fork', atSeconds: 100, latestMs: 3, mostMs: 9 },
        { event: 'command', atSeconds: 101, latestMs: 5, mostMs: 8 }
      ]
    })
    expect(parseLatestLatencies([['fork']])).toHaveProperty('error')
    expect(parseLatencyHistory([[100, 3]])).toEqual({ value: [{ atSeconds: 100, tookMs: 3 }] })
    expect(parseLatencyHistory([[100]])).toHaveProperty('error')
  })
})

describe('CONFIG GET, SCAN and lists of integers', () => {
  test('are read from either protocol', () => {
    expect(parseConfig(map({ 'cluster-databases': '16' }))).toEqual(parseConfig(['cluster-databases', encodeUtf8('16')]))
    expect(parseConfig(['odd'])).toHaveProperty('error')
    expect(parseScan('SCAN', ['7', [encodeUtf8('k'), 'v']])).toEqual({ value: { cursor: '7', items: [encodeUtf8('k'), encodeUtf8('v')] } })
    expect(parseScan('SCAN', ['7'])).toHaveProperty('error')
    expect(parseIntegers('HPEXPIRETIME', [1, -1n, '5'])).toEqual({ value: [1, -1, 5] })
    expect(parseIntegers('HPEXPIRETIME', [1.5])).toHaveProperty('error')
  })
})

const parsers = [
  parseClusterNodes,
  parseClusterShards,
  parseSlotMigrations,
  parseSlotStats,
  parseInfo,
  parseConfig,
  (reply: Reply) => parseScan('SCAN', reply),
  (reply: Reply) => parseIntegers('X', reply)
]
const anyReply: fc.Arbitrary<Reply> = fc.letrec<{ reply: Reply }>((tie) => ({
  reply: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.double(),
    fc.bigInt(),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array(),
    fc.string().map((text) => new ErrorReply(text)),
    fc.array(tie('reply')),
    fc.array(fc.tuple(fc.constantFrom<Reply>('slots', 'nodes', 'id', 'key-count', 'name'), tie('reply'))).map((entries) => new Map(entries))
  )
})).reply

test('whatever a server sends, a parser gives a value or an error in words, and never throws', () => {
  fc.assert(
    fc.property(anyReply, (reply) => {
      for (const parse of parsers) {
        const parsed = parse(reply)
        if ('error' in parsed) expect(typeof parsed.error).toBe('string')
      }
    })
  )
})
