import { RECORDING_VERSION, type RecordedClusterName, STREAM_VERSION } from '@slotscope/observer/stream'
import { lineOf, linesOfRange } from './recorded-range.ts'
import type { RecordingFolder } from './recording-folder.ts'

/**
 * The lines of an exported recording: what it is, the range with the snapshots before it, and an end, so that a file that was cut off is
 * told from a whole one.
 */
export async function* linesOfExport(
  folder: RecordingFolder,
  { cluster, fromMs, toMs, nowMs }: { cluster: RecordedClusterName; fromMs: number; toMs: number; nowMs: number }
): AsyncGenerator<string> {
  const within = folder.segments.filter((segment) => segment.toMs >= fromMs && segment.fromMs <= toMs)
  const first = within[0]?.fromMs ?? fromMs
  const last = Math.min(toMs, within.at(-1)?.toMs ?? toMs)
  yield lineOf({
    type: 'recording',
    format: 'slotscope-recording',
    formatVersion: RECORDING_VERSION,
    streamVersion: STREAM_VERSION,
    cluster,
    fromMs: first,
    toMs: last,
    madeAtMs: nowMs,
    gaps: folder.gaps.filter((gap) => gap.fromMs >= first && gap.toMs <= last),
    events: folder.events.all.filter(({ atMs }) => atMs >= first && atMs <= last)
  })
  yield* linesOfRange(folder, { fromMs, toMs })
}

/** `shop-20261127-140211.slotscope.gz`: plain letters only, since it goes into a header. */
export function exportName(cluster: string, fromMs: number): string {
  const stamp = new Date(fromMs).toISOString().slice(0, 19).replace(/[-:]/g, '').replace('T', '-')
  return `${cluster.replace(/[^A-Za-z0-9_-]+/g, '-').slice(0, 64)}-${stamp}.slotscope.gz`
}
