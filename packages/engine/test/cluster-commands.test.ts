import { describe, expect, test } from 'vitest'
import { latin1Bytes } from '../src/core/bytes.ts'
import { BusNetwork, seededNetwork } from './bus-network.ts'
import { clusterReplies, marked } from './cluster-replies.ts'
import { readFrame } from './differential/reply-frame.ts'

const PORT = { P: 7000, Q: 7001, R: 7002 } as const

/** Three nodes as the table of replies wants them. */
function threeNodes(): BusNetwork {
  const network = new BusNetwork()
  for (const port of Object.values(PORT)) network.start(port)
  network.command(PORT.P, 'CLUSTER', 'ADDSLOTSRANGE', '0', '100')
  network.command(PORT.Q, 'CLUSTER', 'ADDSLOTSRANGE', '101', '16383')
  // Q's epoch is the second greatest: it moves on when it takes a slot over.
  network.command(PORT.P, 'CLUSTER', 'SET-CONFIG-EPOCH', '2')
  network.command(PORT.Q, 'CLUSTER', 'SET-CONFIG-EPOCH', '1')
  for (const port of [PORT.Q, PORT.R]) network.command(PORT.P, 'CLUSTER', 'MEET', '127.0.0.1', String(port))
  const allKnown = () => Object.values(PORT).every((port) => network.node(port).cluster.view.nodes.has(network.node(PORT.R).id))
  network.runUntil(() => allKnown() && network.node(PORT.R).cluster.view.nodes.has(network.node(PORT.Q).id))
  network.command(PORT.R, 'CLUSTER', 'REPLICATE', network.node(PORT.P).id)
  network.run(3000)
  return network
}

describe('replies to operators', () => {
  const network = threeNodes()
  const ids = { P: network.node(PORT.P).id, Q: network.node(PORT.Q).id, R: network.node(PORT.R).id }
  const named = (text: string) => text.replace(/<([PQR])>/g, (_, name: 'P' | 'Q' | 'R') => ids[name]).replace('<Pport>', String(PORT.P))

  test.each(clusterReplies)('$at: CLUSTER $ask', ({ at, ask, answer }) => {
    const raw = network.command(PORT[at], 'CLUSTER', ...named(ask).split(' '))
    const frame = readFrame(raw, 0)
    expect(frame?.end).toBe(raw.length)
    expect(marked(frame?.tree ?? 'nothing')).toBe(named(answer))
    network.run(100)
  })
})

describe('shapes', () => {
  test('CLUSTER SHARDS in RESP3, with names and zones where they are set', () => {
    const network = seededNetwork(1, 1, { 'cluster-announce-hostname': 'host.example', 'availability-zone': 'az-1' })
    network.run(1000)
    const link = network.client(7000)
    network.ask(7000, link, 'HELLO', '3')
    const reply = network.ask(7000, link, 'CLUSTER', 'SHARDS')
    const node = (id: string, port: number, role: string, health: string) =>
      `%9 $id $${id} $port :${port} $ip $127.0.0.1 $endpoint $127.0.0.1 $hostname $host.example $role $${role} $replication-offset :N $health $${health} $availability-zone $az-1`
    expect(
      words(reply)
        .replace(/(offset) :\d+/g, '$1 :N')
        .replace(/\$loading/, '$online')
    ).toBe(
      `*1 %3 $slots *2 :0 :16383 $nodes *2 ${node(network.node(7000).id, 7000, 'master', 'online')} ${node(network.node(7001).id, 7001, 'replica', 'online')} $id $${network.node(7000).cluster.myself.shardId}`
    )
  })

  test('CLUSTER SLOTS names where clients are sent', () => {
    const network = seededNetwork(1, 1, { 'cluster-announce-hostname': 'host.example' })
    network.run(1000)
    const [primary, replica] = [7000, 7001].map((port) => network.node(port).id)
    const slots = () => words(network.command(7000, 'CLUSTER', 'SLOTS'))
    expect(slots()).toBe(
      `*1 *4 :0 :16383 *4 $127.0.0.1 :7000 $${primary} *2 $hostname $host.example *4 $127.0.0.1 :7001 $${replica} *2 $hostname $host.example`
    )
    const { config } = network.node(7000)
    config.set('cluster-preferred-endpoint-type', 'hostname')
    expect(slots()).toContain(`*4 $host.example :7000 $${primary} *2 $ip $127.0.0.1`)
    config.set('cluster-preferred-endpoint-type', 'unknown-endpoint')
    expect(slots()).toContain(`*4 $-1 :7000 $${primary} *4 $ip $127.0.0.1 $hostname $host.example`)
  })

  test('announced client addresses are shown to clients, bus addresses are not touched', () => {
    const network = seededNetwork(2, 0, { 'cluster-announce-client-ipv4': '10.1.2.3', 'cluster-announce-client-port': '7777' })
    network.run(1000)
    expect(network.nodeLines(7000)[1]).toMatch(/ 10\.1\.2\.3:7777@17001 master /)
    expect(network.command(7000, 'GET', 'foo')).toBe('-MOVED 12182 10.1.2.3:7777\r\n')
    expect(network.fileOf(7000)).toMatch(/ 127\.0\.0\.1:7001@17001,,client-tcp-port=7777,client-ipv4=10\.1\.2\.3,tls-port=0,shard-id=/)
  })

  test.each([
    ['cluster-announce-hostname', 'a b', 'Hostnames may only contain alphanumeric characters, hyphens or dots'],
    ['cluster-announce-hostname', 'a'.repeat(256), 'Hostnames must be less than 256 characters'],
    ['cluster-announce-human-nodename', 'a,b', 'Announced human node name contained invalid character'],
    ['cluster-announce-ip', 'a\nb', 'cluster-announce-ip contains invalid character'],
    ['cluster-announce-ip', '1'.repeat(46), 'cluster-announce-ip is too long'],
    ['cluster-announce-client-ipv4', '1.2.3', 'Invalid IPv4 address'],
    ['cluster-announce-client-ipv6', '1.2.3.4', 'Invalid IPv6 address'],
    ['availability-zone', 'a b', 'availability-zone contains invalid character']
  ])('%s is not announced as %j', (name, value, problem) => {
    const network = seededNetwork(1, 0)
    expect(network.node(7000).config.set(name, value)).toBe(problem)
    expect(network.node(7000).config.set(name, '')).toBeUndefined()
  })

  test('what the configuration announces is known everywhere within a second, and may change', () => {
    const network = seededNetwork(2, 0)
    network.run(500)
    network.node(7001).config.set('cluster-announce-human-nodename', 'one')
    network.node(7001).config.set('cluster-announce-hostname', 'one.example')
    network.run(2000)
    expect(network.nodeLines(7000)[1]).toContain('@17001,one.example ')
    expect(network.fileOf(7000)).toContain(',one.example,tls-port=0,nodename=one,shard-id=')
    network.node(7001).config.set('cluster-announce-hostname', '')
    network.run(2000)
    expect(network.nodeLines(7000)[1]).toContain('@17001 ')
  })

  test('CLUSTER LINKS shows two links for each peer', () => {
    const network = seededNetwork(3, 0)
    network.run(1000)
    const reply = words(network.command(7000, 'CLUSTER', 'LINKS'))
    expect(reply.match(/\$direction \$to \$node/g)).toHaveLength(2)
    expect(reply.match(/\$direction \$from \$node/g)).toHaveLength(2)
    expect(reply).toMatch(
      /^\*4 \*12 \$direction \$to \$node \$\w{40} \$create-time :\d{13} \$events \$r \$send-buffer-allocated :0 \$send-buffer-used :0 /
    )
  })

  test('CLUSTER NODES is verbatim text in RESP3', () => {
    const network = seededNetwork(1, 0)
    const link = network.client(7000)
    network.ask(7000, link, 'HELLO', '3')
    expect(network.ask(7000, link, 'CLUSTER', 'NODES')).toMatch(
      /^=\d+\r\ntxt:a{39}0 127\.0\.0\.1:7000@17000 myself,master - 0 0 1 connected 0-16383\n\r\n$/
    )
    expect(network.ask(7000, link, 'CLUSTER', 'INFO')).toMatch(/^=\d+\r\ntxt:cluster_state:ok\r\ncluster_slots_assigned:16384\r\n/)
  })
})

describe('keys of a slot', () => {
  function withKeys(): BusNetwork {
    const network = seededNetwork(1, 0, { 'cluster-databases': '4' })
    network.run(100)
    const link = network.client(7000)
    for (const [database, keys] of [
      ['0', ['{06S}a', '{06S}b', 'foo']],
      ['2', ['{06S}c']]
    ] as const) {
      network.ask(7000, link, 'SELECT', database)
      for (const key of keys) network.ask(7000, link, 'SET', key, 'v')
    }
    return network
  }

  test('COUNTKEYSINSLOT and GETKEYSINSLOT look at one database, SLOT-STATS at all', () => {
    const network = withKeys()
    expect(network.command(7000, 'CLUSTER', 'COUNTKEYSINSLOT', '0')).toBe(':2\r\n')
    expect(words(network.command(7000, 'CLUSTER', 'GETKEYSINSLOT', '0', '1'))).toMatch(/^\*1 \$\{06S\}[ab]$/)
    expect(
      words(network.command(7000, 'CLUSTER', 'GETKEYSINSLOT', '0', '10'))
        .split(' ')
        .sort()
    ).toEqual(['$' + '{06S}a', '$' + '{06S}b', '*2'])
    expect(words(network.command(7000, 'CLUSTER', 'SLOT-STATS', 'SLOTSRANGE', '0', '0'))).toBe('*1 *2 :0 *2 $key-count :3')
    expect(words(network.command(7000, 'CLUSTER', 'SLOT-STATS', 'ORDERBY', 'key-count', 'LIMIT', '3'))).toBe(
      '*3 *2 :0 *2 $key-count :3 *2 :12182 *2 $key-count :1 *2 :1 *2 $key-count :0'
    )
  })

  test('keys that an import builds aside are counted and listed', () => {
    const network = withKeys()
    const { node } = network.at(7000)
    const staged = withKeys().node(7000).keyspace
    node.migrations.stagedKeyspaceOf = (slot) => (slot === 0 ? staged : undefined)
    expect(network.command(7000, 'CLUSTER', 'COUNTKEYSINSLOT', '0')).toBe(':4\r\n')
    expect(network.command(7000, 'CLUSTER', 'COUNTKEYSINSLOT', '12182')).toBe(':1\r\n')
    expect(words(network.command(7000, 'CLUSTER', 'GETKEYSINSLOT', '0', '3'))).toMatch(/^\*3 /)
  })

  test('with cluster-slot-stats-enabled the other figures count commands by slot', () => {
    const network = seededNetwork(1, 0, { 'cluster-slot-stats-enabled': 'yes' })
    network.run(100)
    network.command(7000, 'SET', '{06S}a', '1')
    expect(words(network.command(7000, 'CLUSTER', 'SLOT-STATS', 'SLOTSRANGE', '0', '0'))).toMatch(
      /^\*1 \*2 :0 \*8 \$key-count :1 \$cpu-usec :\d+ \$network-bytes-in :32 \$network-bytes-out :5$/
    )
    expect(network.command(7000, 'CLUSTER', 'SLOT-STATS', 'ORDERBY', 'network-bytes-in', 'LIMIT', '1')).toContain(':32')
  })

  test('FLUSHSLOT empties the slot in every database, and each key is passed on', () => {
    const network = withKeys()
    const { node } = network.at(7000)
    const passedOn: string[] = []
    const feed = node.replication.feed.bind(node.replication)
    node.replication.feed = (commands) => {
      for (const { database, parts } of commands)
        passedOn.push(`${database} ${parts.map((part) => (typeof part === 'string' ? part : String.fromCharCode(...part))).join(' ')}`)
      feed(commands)
    }
    expect(network.command(7000, 'CLUSTER', 'FLUSHSLOT', '0')).toBe('+OK\r\n')
    expect(passedOn.sort()).toEqual(['0 DEL {06S}a', '0 DEL {06S}b', '2 DEL {06S}c'])
    expect(node.keyspace.size).toBe(1)
  })
})

describe('a node that is reset', () => {
  test('[GOS6] HARD begins a new life, SOFT keeps the id; keys forbid both', () => {
    const network = seededNetwork(2, 0)
    network.run(1000)
    const { node } = network.at(7001)
    const { id } = node
    network.command(7001, 'SET', 'foo', '1')
    expect(network.command(7001, 'CLUSTER', 'RESET')).toBe("-ERR CLUSTER RESET can't be called with master nodes containing keys\r\n")
    network.command(7001, 'DEL', 'foo')
    expect(network.command(7001, 'CLUSTER', 'RESET')).toBe('+OK\r\n')
    expect(network.nodeLines(7001)).toEqual([expect.stringMatching(new RegExp(`^${id} \\S+ myself,master - 0 0 2 connected$`))])
    expect(network.command(7001, 'CLUSTER', 'RESET', 'HARD')).toBe('+OK\r\n')
    expect(network.nodeLines(7001)).toEqual([expect.stringMatching(/^\w{40} \S+ myself,master - 0 0 0 connected$/)])
    expect(node.id).not.toBe(id)
    expect(network.fileOf(7001)).toContain(`${node.id} `)
  })
})

/** A reply with the marks and lengths of its frames, bulk strings without theirs: readable in a test. */
function words(raw: string): string {
  let text = ''
  const bytes = latin1Bytes(raw)
  for (let at = 0; at < bytes.length; ) {
    const lineEnd = raw.indexOf('\r\n', at)
    const head = raw.slice(at, lineEnd)
    if (head.startsWith('$') && head !== '$-1') {
      const length = Number(head.slice(1))
      text += ` $${raw.slice(lineEnd + 2, lineEnd + 2 + length)}`
      at = lineEnd + 2 + length + 2
    } else {
      text += ` ${head}`
      at = lineEnd + 2
    }
  }
  return text.slice(1)
}
