import { applyOps, type CoreState } from '@slotscope/observer/stream'
import type { StreamClient } from './stream-client.ts'

/** The state of `core` that a viewer holds. */
export function coreOf(stream: StreamClient): CoreState | undefined {
  let core: CoreState | undefined
  for (const frame of stream.frames) {
    if (frame.type === 'snapshot' && frame.topic === 'core') core = frame.state as CoreState
    else if (frame.type === 'patch' && frame.topic === 'core' && core) core = applyOps(core, frame.ops)
  }
  return core
}
