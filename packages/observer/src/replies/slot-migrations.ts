import type { Reply } from '../caller.ts'
import type { JobWireState, SlotRange } from '../stream/core-state.ts'
import { fieldsOf, integerOf, isName, listOf, malformed, type Parsed, textOf } from './shape.ts'

/** One job as one node reports it in CLUSTER GETSLOTMIGRATIONS. */
export type JobReport = {
  readonly name: string
  readonly operation: 'EXPORT' | 'IMPORT'
  readonly slots: readonly SlotRange[]
  /** Absent on a replica that only tracks the job of its primary. */
  readonly targetNode: string | null
  readonly sourceNode: string | null
  /** The server's clock, whole seconds, as milliseconds. */
  readonly createdAtMs: number
  readonly updatedAtMs: number
  readonly state: JobWireState
  readonly message: string
  readonly copyOnWriteBytes: number
  /** 9.1 only: bytes still queued in the export link. */
  readonly remainingBytes: number | null
}

const STATES: ReadonlySet<string> = new Set<JobWireState>([
  'connecting',
  'sending-auth-command',
  'reading-auth-response',
  'sending-establish-command',
  'reading-establish-response',
  'waiting-to-snapshot',
  'snapshotting',
  'replicating',
  'waiting-to-pause',
  'failover-paused',
  'failover-granted',
  'waiting-for-ack',
  'receiving-snapshot',
  'waiting-for-paused',
  'failover-requested',
  'cleaning-up',
  'occurring-on-primary',
  'success',
  'failed',
  'cancelled'
])

/** Parses CLUSTER GETSLOTMIGRATIONS, newest job first. */
export function parseSlotMigrations(reply: Reply | undefined): Parsed<readonly JobReport[]> {
  const list = listOf(reply)
  if (!list) return malformed('CLUSTER GETSLOTMIGRATIONS', reply, 'an array')
  const jobs: JobReport[] = []
  for (const item of list) {
    const job = parseJob(item)
    if (typeof job === 'string') return malformed('CLUSTER GETSLOTMIGRATIONS', item, job)
    jobs.push(job)
  }
  return { value: jobs }
}

function parseJob(reply: Reply): JobReport | string {
  const fields = fieldsOf(reply)
  const name = textOf(fields?.get('name'))
  const operation = textOf(fields?.get('operation'))
  const state = textOf(fields?.get('state'))
  const slots = parseJobSlots(textOf(fields?.get('slot_ranges')))
  if (!fields || !isName(name)) return 'a job with a name'
  if (operation !== 'EXPORT' && operation !== 'IMPORT') return 'the operation EXPORT or IMPORT'
  if (state === undefined || !STATES.has(state)) return `a known state (not ${JSON.stringify(state)})`
  if (!slots) return 'slot ranges such as 1-5'
  return {
    name,
    operation,
    slots,
    targetNode: textOf(fields.get('target_node')) ?? null,
    sourceNode: textOf(fields.get('source_node')) ?? null,
    createdAtMs: (integerOf(fields.get('create_time')) ?? 0) * 1000,
    updatedAtMs: (integerOf(fields.get('last_update_time')) ?? 0) * 1000,
    state: state as JobWireState,
    message: (textOf(fields.get('message')) ?? '').trim(),
    copyOnWriteBytes: integerOf(fields.get('cow_size')) ?? 0,
    remainingBytes: integerOf(fields.get('remaining_repl_size')) ?? null
  }
}

function parseJobSlots(text: string | undefined): SlotRange[] | undefined {
  if (text === undefined || text.trim() === '') return undefined
  const ranges: SlotRange[] = []
  for (const word of text.trim().split(/\s+/)) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(word)
    const first = Number(match?.[1])
    const last = match?.[2] === undefined ? first : Number(match[2])
    if (!match || first > last || last > 16_383) return undefined
    ranges.push([first, last])
  }
  return ranges
}
