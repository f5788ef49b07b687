import { applyOps, type CoreState } from '@slotscope/observer/stream'
import type { StreamClient } from './stream-client.ts'

/** The state of `core` that a viewer holds after its first `count` frames; undefined before the first snapshot. */
export function foldedCore(stream: StreamClient, count = stream.frames.length): CoreState | undefined {
  let core: CoreState | undefined
  for (const frame of stream.frames.slice(0, count)) {
    if (frame.type === 'snapshot' && frame.topic === 'core') core = frame.state as CoreState
    else if (frame.type === 'patch' && frame.topic === 'core' && core) core = applyOps(core, frame.ops)
  }
  return core
}
