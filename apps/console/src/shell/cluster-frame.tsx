import type { ByeReason } from '@slotscope/observer/stream'
import { useQueryClient } from '@tanstack/react-query'
import { CircleSlash, PlugZap } from 'lucide-react'
import { Suspense, useEffect, useLayoutEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react'
import { Link } from 'wouter'
import { ask, refuseQuestions } from '../api/client.ts'
import { roomPath, rooms } from '../routes.tsx'
import { Clock } from '../stream/clock.ts'
import { StreamConnection } from '../stream/connect.ts'
import { type ClusterContext, ClusterContextProvider } from '../stream/hooks.ts'
import { ClusterStore, type ConnectionState } from '../stream/store.ts'
import { UnchangeableContext } from '../stream/unchangeable.ts'
import { type Past, usePast } from '../stream/use-past.ts'
import { useAnnounce } from '../ui/announcer.tsx'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { useQueryParameter } from '../ui/query-parameter.ts'
import { Spinner } from '../ui/spinner.tsx'
import styles from './cluster-frame.module.css'
import { ConnectionBanner } from './connection-banner.tsx'
import { Header } from './header.tsx'
import { PaletteFrame } from './palette-frame.tsx'
import { PresentationFrame, usePresentation } from './presentation.tsx'
import { Rail } from './rail.tsx'
import { Reached } from './reached.tsx'
import { ReplayFrame } from './replay-frame.tsx'
import { RoomBoundary } from './room-boundary.tsx'
import { TimeArea } from './time-area.tsx'
import { UserMenu } from './user-menu.tsx'

/** One cluster on screen: its stream is open as long as this is mounted, whichever room is shown. */
export function ClusterFrame({ clusterId, room }: { readonly clusterId: string; readonly room: string }) {
  const [{ context, live }] = useState(() => createContext(clusterId))
  useEffect(() => {
    context.connection.open()
    return () => context.connection.close()
  }, [context])
  const connection = useSyncExternalStore(live.subscribe, () => live.connection)
  const hasCore = useSyncExternalStore(live.subscribe, () => live.topic('core') !== null)
  const found = rooms.find((each) => each.path === room)
  useConnectionAnnouncements(connection)

  useEffect(() => {
    document.title = found ? `${found.label} · Slotscope` : 'Slotscope'
  }, [found])

  const past = usePast(clusterId, live)
  useAddressOfInstant(past)
  const unchangeable = useUnchangeable(past, live)
  const shown = useMemo(() => (past.store ? { ...context, store: past.store } : context), [context, past.store])

  const presentation = usePresentation()
  const View = found?.View
  const stale = connection.phase !== 'live'
  return (
    <ClusterContextProvider value={context}>
      <ReplayFrame past={past}>
        <PaletteFrame ready={hasCore}>
          <div
            className={styles.frame}
            data-stale={stale || undefined}
            data-past={past.atMs !== null || undefined}
            data-present={presentation.on || undefined}
          >
            <a href="#room" className={styles.skip}>
              Skip to the room
            </a>
            {!presentation.on && <Rail clusterId={clusterId} room={room} />}
            <ClusterContextProvider value={shown}>
              <UnchangeableContext value={unchangeable}>
                {hasCore ? (
                  <Header room={room} />
                ) : (
                  // Whoever may see nothing here may still log out, or be told as whom he is logged in.
                  <header className={styles.headerWait}>{connection.phase === 'ended' && <UserMenu />}</header>
                )}
                <main id="room" className={styles.room} tabIndex={-1}>
                  {connection.phase === 'ended' ? (
                    <Ended bye={connection.bye} />
                  ) : !hasCore ? (
                    <Waiting connection={connection} onRetry={() => context.connection.retryNow()} />
                  ) : View ? (
                    <RoomBoundary key={room} label={found.label}>
                      <Reached>
                        <Suspense fallback={<RoomLoading label={found.label} />}>
                          <View />
                        </Suspense>
                      </Reached>
                    </RoomBoundary>
                  ) : (
                    <EmptyState
                      icon={<CircleSlash aria-hidden />}
                      title="There is no such room"
                      action={<Link href={roomPath(clusterId, 'slots')}>Go to the slots</Link>}
                    >
                      The address names “{room}”.
                    </EmptyState>
                  )}
                </main>
              </UnchangeableContext>
            </ClusterContextProvider>
            <ConnectionBanner connection={connection} hasCore={hasCore} onRetry={() => context.connection.retryNow()} />
            {presentation.on ? <PresentationFrame /> : hasCore ? <TimeArea past={past} /> : <div className={styles.footerWait} />}
          </div>
        </PaletteFrame>
      </ReplayFrame>
    </ClusterContextProvider>
  )
}

/** Why nothing on screen can be changed; then nothing is asked of the cluster either, and answers of before are thrown away. */
function useUnchangeable(past: Past, live: ClusterStore): string | null {
  const queries = useQueryClient()
  const recorded = useSyncExternalStore(live.subscribe, () => live.isRecorded)
  const isPast = past.atMs !== null
  const reason = recorded
    ? 'This is a recording: nothing in it can be asked or changed.'
    : isPast
      ? 'You are looking back: return to live to ask or change anything.'
      : null
  useLayoutEffect(() => {
    refuseQuestions(reason)
    if (reason !== null) void queries.resetQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'recording' })
    return () => refuseQuestions(null)
  }, [reason, queries])
  return reason
}

/** `?at=` in the address is the instant that is looked at, so that a reload and a colleague see the same. */
function useAddressOfInstant(past: Past): void {
  const [at, setAt] = useQueryParameter('at')
  const asked = useRef(at)
  const { recorded, atMs, goTo } = past
  useEffect(() => {
    if (asked.current === null || recorded === null) return
    const instant = Number(asked.current)
    asked.current = null
    if (Number.isFinite(instant)) goTo(instant)
  }, [recorded, goTo])
  useEffect(() => {
    if (asked.current !== null) return
    // Whoever drags passes many instants; the one where he stays is in the address.
    const timer = setTimeout(() => setAt(atMs === null ? null : String(Math.round(atMs))), SETTLE_MS)
    return () => clearTimeout(timer)
  }, [atMs, setAt])
}

const SETTLE_MS = 300

function createContext(clusterId: string): { readonly context: ClusterContext; readonly live: ClusterStore } {
  const store = new ClusterStore(new Clock())
  const path = `/api/clusters/${encodeURIComponent(clusterId)}/stream`
  // A socket that closes before its hello may mean that the session is over. A browser is not told, but this request is, and
  // the wrapper tells the app.
  const connection = new StreamConnection(store, path, () => void ask('/api/session').catch(() => undefined))
  return { context: { id: clusterId, store, connection }, live: store }
}

function useConnectionAnnouncements(connection: ConnectionState): void {
  const announce = useAnnounce()
  const [last, setLast] = useState(connection.phase)
  useEffect(() => {
    if (connection.phase === last) return
    if (connection.phase === 'reconnecting') announce('Connection lost. The figures on screen are old.', true)
    if (connection.phase === 'late' && last === 'live') announce('No news from the server. The figures on screen are old.', true)
    if (connection.phase === 'live' && (last === 'reconnecting' || last === 'late')) announce('Connected again.')
    setLast(connection.phase)
  }, [connection.phase, last, announce])
}

function Waiting({ connection, onRetry }: { readonly connection: ConnectionState; readonly onRetry: () => void }) {
  if (connection.phase === 'live')
    return (
      <EmptyState icon={<Spinner />} title="Reading the cluster">
        The first look takes about as long as its slowest node needs to answer.
      </EmptyState>
    )
  if (connection.retryAtMs === null) return <RoomLoading label="the cluster" />
  return (
    <EmptyState icon={<PlugZap aria-hidden />} title="Slotscope does not answer" action={<Button onClick={onRetry}>Try now</Button>}>
      The page is here, but its stream cannot be opened. It tries again by itself.
    </EmptyState>
  )
}

const endings: Record<ByeReason | 'other-version', { readonly title: string; readonly words: string }> = {
  'logged-out': { title: 'You are logged out', words: 'Open a fresh login link to go on.' },
  'slow-viewer': { title: 'This page fell behind', words: 'It could not take the stream as fast as it came.' },
  'cluster-removed': { title: 'This cluster was removed', words: 'Slotscope no longer watches it.' },
  'server-stopping': { title: 'Slotscope is stopping', words: 'Start it again and this page comes back by itself.' },
  forbidden: { title: 'You may not see this cluster', words: 'Your account has no role on it. Ask whoever runs Slotscope.' },
  'other-version': { title: 'This page is of another version', words: 'Slotscope was updated while the page was open. Load it again.' }
}

function Ended({ bye }: { readonly bye: ConnectionState['bye'] }) {
  const ending = bye === null ? { title: 'The stream has ended', words: 'Load the page again to go on.' } : endings[bye]
  return (
    <EmptyState
      icon={<PlugZap aria-hidden />}
      title={ending.title}
      action={
        bye === 'cluster-removed' ? (
          <Link href="/">Go to the first cluster</Link>
        ) : (
          <Button onClick={() => location.reload()}>Load the page again</Button>
        )
      }
    >
      {ending.words}
    </EmptyState>
  )
}

function RoomLoading({ label }: { readonly label: string }) {
  const blocks = useMemo(() => [0, 1, 2, 3], [])
  return (
    <div className={styles.loading} role="status" aria-label={`Loading ${label}`}>
      {blocks.map((block) => (
        <div key={block} className={styles.skeleton} />
      ))}
    </div>
  )
}
