import type { Reply } from '../caller.ts'
import { figuresOf, type Info, parseInfo } from './info.ts'
import { malformed, type Parsed } from './shape.ts'

/** What INFO replication says of a node's place: the same in a cluster and outside of one. */
export type Replication = {
  readonly role: 'primary' | 'replica'
  /** Replica: where its primary is, whether the link to it is up, and since how many seconds it is not. */
  readonly primary: { readonly host: string; readonly port: number; readonly linkUp: boolean; readonly downSeconds: number | null } | null
  /** Primary: its replicas as they last acknowledged. */
  readonly replicas: readonly ReplicaLine[]
}

export type ReplicaLine = {
  readonly host: string
  readonly port: number
  readonly online: boolean
  /** Bytes of the stream that it has acknowledged; null: it has not yet. */
  readonly offset: number | null
  /** Seconds since its last acknowledgement, which comes each second; null: none yet. */
  readonly lagSeconds: number | null
}

/** Parses the reply of INFO replication. */
export function parseReplication(reply: Reply | undefined): Parsed<Replication> {
  const info = parseInfo(reply)
  if ('error' in info) return info
  const replication = replicationOf(info.value)
  return replication ? { value: replication } : malformed('INFO replication', reply, 'a role')
}

/** Reads the replication part of an INFO; undefined: it has none. */
export function replicationOf(info: Info): Replication | undefined {
  const role = info.text('role')
  if (role !== 'master' && role !== 'slave') return undefined
  const port = info.number('master_port')
  const host = info.text('master_host')
  const replicas: ReplicaLine[] = []
  for (const [name, value] of info.entries('slave')) {
    if (/^\d+$/.test(name)) {
      const line = replicaLine(value)
      if (line) replicas.push(line)
    }
  }
  return {
    role: role === 'master' ? 'primary' : 'replica',
    primary:
      role === 'slave' && host !== undefined && port !== undefined
        ? {
            host,
            port,
            linkUp: info.text('master_link_status') === 'up',
            downSeconds: info.number('master_link_down_since_seconds') ?? null
          }
        : null,
    replicas
  }
}

/** `ip=127.0.0.1,port=7001,state=online,offset=14,lag=0,type=replica`; the ip may hold colons. */
function replicaLine(value: string): ReplicaLine | undefined {
  const figures = figuresOf(value)
  const host = /(?:^|,)ip=([^,]+)/.exec(value)?.[1]
  const port = figures.get('port')
  if (host === undefined || port === undefined) return undefined
  const lag = figures.get('lag')
  return {
    host,
    port,
    online: /(?:^|,)state=online(?:,|$)/.test(value),
    offset: figures.get('offset') ?? null,
    lagSeconds: lag === undefined || lag < 0 ? null : lag
  }
}
