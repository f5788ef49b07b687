import type { CancelAnswer, ConfirmAnswer, NodeDeed, NodePlanAnswer, PlanAnswer } from '@slotscope/observer/stream'
import { Type } from 'typebox'
import { closed, count, flag, instant, number, oneOf, orNull, schemaOf, text, texts } from './answer.ts'

const range = Type.Tuple([count, count])
const ranges = Type.Array(range)
const checks = Type.Array(closed({ id: text, level: oneOf('ok', 'warn', 'stop'), text }))

export const plan = schemaOf<PlanAnswer>()(
  closed({
    planId: text,
    actor: text,
    madeAtMs: instant,
    expiresAtMs: instant,
    targetShard: text,
    moves: Type.Array(
      closed({
        sourceShard: text,
        sourceNode: text,
        targetNode: text,
        targetShard: Type.Optional(text),
        sideBySide: Type.Optional(flag),
        slots: ranges,
        slotCount: count,
        ownerEpoch: count,
        keysByDatabase: Type.Array(closed({ database: count, keys: count })),
        keys: count,
        bytes: orNull(closed({ low: number, high: number, sampledKeys: count })),
        command: texts,
        shell: text
      })
    ),
    leftOut: Type.Array(
      closed({ reason: oneOf('already-there', 'migrating', 'unassigned', 'disputed'), slots: ranges, slotCount: count, detail: text })
    ),
    checks,
    balance: Type.Array(
      closed({
        shard: text,
        slotsBefore: count,
        slotsAfter: count,
        keysBefore: count,
        keysAfter: count,
        bytesBefore: Type.Optional(number),
        bytesAfter: Type.Optional(number)
      })
    )
  })
)

export const confirmed = schemaOf<ConfirmAnswer>()(
  closed({
    jobs: Type.Array(closed({ sourceNode: text, name: orNull(text), error: orNull(text), command: texts, waitsFor: Type.Optional(text) }))
  })
)

export const cancelled = schemaOf<CancelAnswer>()(closed({ cancelled: texts, command: texts }))

const parameter = oneOf('cluster-slot-stats-enabled', 'latency-tracking')

const nodeWish = Type.Union([
  closed({ kind: Type.Literal('failover'), node: text, mode: Type.Optional(oneOf('plain', 'force', 'takeover')) }),
  closed({ kind: Type.Literal('replicate'), node: text, primary: text }),
  closed({ kind: Type.Literal('meet'), host: text, port: count, replicaOf: Type.Optional(text) }),
  closed({ kind: Type.Literal('forget'), node: text, reset: Type.Optional(oneOf('soft', 'hard')) }),
  closed({ kind: Type.Literal('add-slots'), slots: ranges, shard: text }),
  closed({ kind: Type.Literal('config'), parameter, value: oneOf('yes', 'no') }),
  closed({ kind: Type.Literal('resync'), node: text }),
  closed({ kind: Type.Literal('add'), replicaOf: Type.Optional(text) }),
  closed({ kind: oneOf('stop', 'kill', 'restart'), node: text })
])

const goal = Type.Union([
  closed({ goal: Type.Literal('in-charge'), node: text }),
  closed({ goal: Type.Literal('follows'), node: text, primary: text }),
  closed({ goal: Type.Literal('resynced'), node: text, primary: text, fullSyncsBefore: count }),
  closed({ goal: Type.Literal('member'), node: text, host: text, port: count, knows: orNull(text) }),
  closed({ goal: Type.Literal('forgotten'), node: text }),
  closed({ goal: Type.Literal('silent'), node: text }),
  closed({ goal: Type.Literal('back'), node: text }),
  closed({ goal: Type.Literal('owns'), node: text, slots: ranges }),
  closed({ goal: Type.Literal('set'), parameter, value: text, nodes: texts })
])

const nodePlanFields = {
  planId: text,
  actor: text,
  madeAtMs: instant,
  expiresAtMs: instant,
  request: nodeWish,
  title: text,
  steps: Type.Array(
    closed({
      to: Type.Array(closed({ node: orNull(text), host: text, port: count })),
      host: Type.Optional(oneOf('start', 'kill')),
      commands: Type.Array(texts),
      until: Type.Optional(goal)
    })
  ),
  checks,
  seen: Type.Record(text, text),
  goal,
  leastRole: oneOf('operator', 'admin'),
  typedName: orNull(text)
} as const

export const nodePlan = schemaOf<NodePlanAnswer>()(closed({ ...nodePlanFields, nonce: orNull(text) }))

export const nodeDeed = schemaOf<NodeDeed>()(
  closed({
    ...nodePlanFields,
    status: oneOf('planned', 'running', 'done', 'failed', 'unclear'),
    confirmedBy: orNull(text),
    confirmedAtMs: orNull(instant),
    endedAtMs: orNull(instant),
    replies: texts,
    outcome: orNull(text)
  })
)
