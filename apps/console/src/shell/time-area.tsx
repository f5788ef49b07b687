import type { RecordedEvent } from '@slotscope/observer/stream'
import { useMemo, useState } from 'react'
import { useSession } from '../api/session.ts'
import { formatAgo } from '../model/format.ts'
import { joinEvents, type RecordedStretch, type TimeAxis } from '../model/time-axis.ts'
import { useCluster, useConnection, useCore, useNow, useTopic } from '../stream/hooks.ts'
import type { Past } from '../stream/use-past.ts'
import { Segmented } from '../ui/segmented.tsx'
import { usePlayback } from './playback.ts'
import type { TimeDrive } from './time-controls.tsx'
import { TimelineBar } from './timeline-bar.tsx'

const spans = [
  { value: '15', label: '15 m', words: 'Last 15 minutes' },
  { value: '60', label: '1 h', words: 'Last hour' },
  { value: '360', label: '6 h', words: 'Last 6 hours' },
  { value: '1440', label: '24 h', words: 'Last 24 hours' }
] as const
type Span = (typeof spans)[number]['value']

/** Nearer than that to now is now. */
const HOLD_MS = 3_000

/** Time at the bottom: of the living cluster with its recorded past, or of a recording that is played. */
export function TimeArea({ past }: { readonly past: Past }) {
  const { capabilities } = useConnection()
  return capabilities.includes('recorded') ? <PlayedTime past={past} /> : <LiveTime past={past} />
}

function LiveTime({ past }: { readonly past: Past }) {
  const { id, store } = useCluster()
  const { phase } = useConnection()
  const now = useNow(1_000)
  const [span, setSpan] = useState<Span>('15')
  const events = useEvents(past)
  const recorded = useMemo<RecordedStretch | null>(
    // What is recorded goes on growing: it is asked for once a minute only.
    () => past.recorded && { ...past.recorded, toMs: past.answer?.problem === null && phase === 'live' ? now : past.recorded.toMs },
    [past.recorded, past.answer, phase, now]
  )
  const { atMs } = past
  const drive: TimeDrive | null = past.recorded && {
    atMs: atMs ?? now,
    speed: atMs === null ? 1 : past.speed,
    // To hold what is live is to look at the last instant that is past.
    run: (speed) => (atMs === null ? past.goTo(now - HOLD_MS) : past.run(speed)),
    goTo: past.goTo,
    locked: null,
    chosen: past.chosen,
    choose: past.choose,
    isLive: atMs === null,
    toLive: past.toLive
  }
  const axis = { fromMs: now - Number(span) * 60_000, toMs: now }
  return (
    <TimelineBar
      title={spans.find(({ value }) => value === span)!.words}
      axis={axis}
      recorded={recorded}
      events={events}
      atMs={atMs}
      word={atMs !== null ? 'VIEWING' : phase === 'live' ? 'LIVE' : 'STOPPED'}
      note={
        atMs === null
          ? null
          : (past.failure ?? (past.store === null ? 'fetching it' : (past.replayed ?? `${formatAgo(now - atMs)} · nothing can be changed`)))
      }
      drive={drive}
      isPast={atMs !== null}
      toLocal={(instant) => store.clock.toLocal(instant)}
      onSeek={recorded ? past.goTo : null}
      whyNot={recorded ? null : past.answer?.kept === false ? 'Nothing of this cluster is recorded' : 'Nothing is recorded yet'}
      spans={<Segmented label="Span of the time bar" value={span} segments={spans} onChange={setSpan} />}
      saveHref={recorded && saveHrefOf(id, axis)}
    />
  )
}

function PlayedTime({ past }: { readonly past: Past }) {
  const { id, store } = useCluster()
  const playback = useTopic('playback')?.state ?? null
  const events = useEvents(past)
  const now = useNow(250)
  const control = usePlayback()
  const { role } = useSession()
  if (playback === null || past.recorded === null) return null
  const locked = role === 'viewer' ? 'An operator decides what of a recording is shown' : null
  const atMs = Math.min(playback.toMs, now)
  const drive: TimeDrive = {
    atMs,
    speed: playback.paused ? 0 : playback.speed,
    run: (speed) => control(speed === 0 ? { paused: true } : { paused: false, speed }),
    goTo: (positionMs) => control({ positionMs: Math.max(0, Math.round(positionMs)) }),
    locked,
    // Whoever looks at it sees the same speed, also the one that a replay has set.
    chosen: playback.speed,
    choose: (speed) => control({ speed }),
    isLive: false,
    toLive: null
  }
  const ended = playback.paused && atMs >= playback.toMs
  return (
    <TimelineBar
      title="The recording"
      axis={playback}
      recorded={past.recorded}
      events={events}
      atMs={atMs}
      word="RECORDING"
      note={`${new Date(atMs).toLocaleDateString(undefined, { dateStyle: 'medium' })}${ended ? ' · its end' : ''}`}
      drive={drive}
      isPast
      toLocal={(instant) => store.clock.toLocal(instant)}
      onSeek={locked === null ? drive.goTo : null}
      whyNot={locked}
      spans={null}
      saveHref={saveHrefOf(id, playback)}
    />
  )
}

/** A file of what the bar shows. */
function saveHrefOf(id: string, { fromMs, toMs }: TimeAxis): string {
  return `/api/clusters/${encodeURIComponent(id)}/recording/export?from=${Math.max(0, Math.floor(fromMs))}&to=${Math.ceil(toMs)}`
}

/** Events of before the page was loaded, and those that have come since. */
function useEvents(past: Past): readonly RecordedEvent[] {
  const live = useCore((core) => core.events)
  const recorded = past.answer?.events
  return useMemo(() => joinEvents(recorded ?? [], live), [recorded, live])
}
