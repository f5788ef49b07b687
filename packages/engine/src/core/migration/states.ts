/**
 * The states of a slot migration, by the wire's own names, and which may follow which (atomic slot migration
 * specification, section 2). The tables drive the assertion in `Job.moveTo`, the diagram in the documentation and the lesson.
 */

export type ExportState =
  | 'connecting'
  | 'sending-auth-command'
  | 'reading-auth-response'
  | 'sending-establish-command'
  | 'reading-establish-response'
  | 'waiting-to-snapshot'
  | 'snapshotting'
  | 'replicating'
  | 'waiting-to-pause'
  | 'failover-paused'
  | 'failover-granted'
  | EndState

export type ImportState =
  | 'waiting-for-ack'
  | 'receiving-snapshot'
  | 'waiting-for-paused'
  | 'failover-requested'
  | 'failover-granted'
  | 'cleaning-up'
  | 'occurring-on-primary'
  | EndState

export type EndState = 'success' | 'failed' | 'cancelled'
export type JobState = ExportState | ImportState

const ENDS_BADLY = ['failed', 'cancelled'] as const

export const exportTransitions = {
  connecting: ['sending-auth-command', 'sending-establish-command', ...ENDS_BADLY],
  'sending-auth-command': ['reading-auth-response', ...ENDS_BADLY],
  'reading-auth-response': ['sending-establish-command', ...ENDS_BADLY],
  'sending-establish-command': ['reading-establish-response', ...ENDS_BADLY],
  'reading-establish-response': ['waiting-to-snapshot', ...ENDS_BADLY],
  'waiting-to-snapshot': ['snapshotting', ...ENDS_BADLY],
  snapshotting: ['replicating', ...ENDS_BADLY],
  replicating: ['waiting-to-pause', 'failover-paused', ...ENDS_BADLY],
  'waiting-to-pause': ['failover-paused', ...ENDS_BADLY],
  'failover-paused': ['failover-granted', ...ENDS_BADLY],
  // A grant cannot be taken back by a cancel: only the target's claim or its death ends it.
  'failover-granted': ['success', 'failed'],
  success: [],
  failed: [],
  cancelled: []
} as const satisfies Record<ExportState, readonly ExportState[]>

export const importTransitions = {
  'waiting-for-ack': ['receiving-snapshot', 'cleaning-up'],
  'receiving-snapshot': ['waiting-for-paused', 'cleaning-up'],
  'waiting-for-paused': ['failover-requested', 'cleaning-up'],
  'failover-requested': ['failover-granted', 'cleaning-up'],
  'failover-granted': ['success', 'cleaning-up'],
  'cleaning-up': ['failed'],
  'occurring-on-primary': ['success', 'failed', 'cleaning-up'],
  success: [],
  failed: [],
  cancelled: []
} as const satisfies Record<ImportState, readonly ImportState[]>

export function hasEnded(state: JobState): state is EndState {
  return state === 'success' || state === 'failed' || state === 'cancelled'
}

/** In progress as the reference counts it: neither ended nor cleaning up. */
export function inProgress(state: JobState): boolean {
  return !hasEnded(state) && state !== 'cleaning-up'
}
