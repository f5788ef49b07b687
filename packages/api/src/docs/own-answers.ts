import type {
  Account,
  AccountsAnswer,
  ApiError,
  AuditAnswer,
  AuditVerdict,
  ClusterProfile,
  ClustersAnswer,
  PlaybackState,
  ProfileRemovalAnswer,
  ProfilesAnswer,
  ProfileTestAnswer,
  RecordingAnswer,
  RemovalAnswer,
  SessionAnswer,
  TicketAnswer
} from '@slotscope/observer/stream'
import { Type } from 'typebox'
import { apiErrors } from '../errors.ts'
import { closed, count, flag, instant, number, oneOf, orNull, schemaOf, text } from './answer.ts'

const role = oneOf('viewer', 'operator', 'admin')
const clusters = Type.Array(closed({ id: text, name: text, kind: oneOf('embedded', 'connected', 'recorded'), readOnly: flag }))

const errorCodes = Object.keys(apiErrors) as (keyof typeof apiErrors)[]
export const failure = schemaOf<ApiError>()(closed({ error: oneOf(...errorCodes), message: text, details: Type.Optional(Type.Unknown()) }))

export const session = schemaOf<SessionAnswer>()(closed({ user: text, role, readOnly: flag, clusters }))
export const clusterList = schemaOf<ClustersAnswer>()(closed({ clusters }))
export const ticket = schemaOf<TicketAnswer>()(closed({ ticket: text, expiresInMs: number }))

const accountFields = { name: text, role, createdAtMs: instant } as const
export const account = schemaOf<Account>()(closed(accountFields))
export const accounts = schemaOf<AccountsAnswer>()(closed({ kept: flag, accounts: Type.Array(closed(accountFields)) }))
export const accountRemoval = schemaOf<RemovalAnswer>()(closed({ ...accountFields, sessions: count, nonce: text, expiresInMs: number }))

const profileShape = closed({
  id: text,
  name: text,
  seeds: Type.Array(text),
  username: orNull(text),
  addressMap: Type.Record(text, text),
  readOnly: flag,
  background: oneOf('off', 'light', 'full'),
  origin: oneOf('command-line', 'file', 'environment', 'screen'),
  hasPassword: flag,
  tls: orNull(closed({ ca: orNull(text), cert: orNull(text), servername: orNull(text), hasKey: flag }))
})
export const profile = schemaOf<ClusterProfile>()(profileShape)
export const profiles = schemaOf<ProfilesAnswer>()(closed({ kept: flag, allowLocal: flag, profiles: Type.Array(profileShape) }))
export const profileRemoval = schemaOf<ProfileRemovalAnswer>()(
  closed({ id: text, name: text, viewers: count, openMoves: count, nonce: text, expiresInMs: number })
)
export const profileTest = schemaOf<ProfileTestAnswer>()(
  closed({
    rows: Type.Array(
      closed({
        node: orNull(text),
        seed: flag,
        address: text,
        mapped: orNull(text),
        outcome: oneOf(
          'reached',
          'refused',
          'timed-out',
          'no-such-host',
          'not-allowed',
          'certificate',
          'server-error',
          'other-node',
          'lost'
        ),
        words: text,
        elapsedMs: number
      })
    ),
    untested: count,
    cluster: orNull(closed({ state: oneOf('ok', 'fail'), nodes: count, slots: count, version: orNull(text) }))
  })
)

export const audit = schemaOf<AuditAnswer>()(
  closed({
    kept: flag,
    lines: Type.Array(
      closed({
        sequence: count,
        atMs: instant,
        actor: orNull(closed({ user: text, role })),
        peer: text,
        requestId: text,
        verb: text,
        resource: text,
        outcome: oneOf('intended', 'done', 'failed', 'refused'),
        detail: Type.Unknown(),
        before: Type.Unknown(),
        after: Type.Unknown(),
        intent: orNull(closed({ sequence: count, atMs: instant, detail: Type.Unknown() }))
      })
    ),
    damaged: count,
    next: orNull(text),
    readBackToMs: orNull(instant)
  })
)
export const auditVerdict = schemaOf<AuditVerdict>()(
  closed({ kept: flag, lines: count, lastHash: orNull(text), problem: orNull(closed({ line: count, words: text })) })
)

export const alive = closed({ status: Type.Literal('ok') })
/** Clusters that are watched, and those of which a node answers. */
export const readiness = closed({ status: oneOf('ready', 'not-ready'), clusters: count, seen: count })

export const recording = schemaOf<RecordingAnswer>()(
  closed({
    kept: flag,
    fromMs: orNull(instant),
    toMs: orNull(instant),
    gaps: Type.Array(closed({ fromMs: instant, toMs: instant })),
    events: Type.Array(
      closed({ atMs: instant, kind: oneOf('job-started', 'job-ended', 'ownership', 'failover', 'node', 'epoch', 'watch', 'deed'), text })
    ),
    bytes: count,
    limits: orNull(closed({ hours: number, bytes: count })),
    problem: orNull(text)
  })
)

export const playback = schemaOf<PlaybackState>()(
  closed({ fromMs: instant, toMs: instant, positionMs: instant, speed: number, paused: flag })
)
