import type { ByeReason } from '@slotscope/observer/stream'
import { CircleSlash, LoaderCircle, PlugZap } from 'lucide-react'
import { Suspense, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { Link } from 'wouter'
import { ask } from '../api/client.ts'
import { roomPath, rooms } from '../routes.tsx'
import { Clock } from '../stream/clock.ts'
import { StreamConnection } from '../stream/connect.ts'
import { type ClusterContext, ClusterContextProvider } from '../stream/hooks.ts'
import { ClusterStore, type ConnectionState } from '../stream/store.ts'
import { useAnnounce } from '../ui/announcer.tsx'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import styles from './cluster-frame.module.css'
import { ConnectionBanner } from './connection-banner.tsx'
import { Header } from './header.tsx'
import { PaletteFrame } from './palette-frame.tsx'
import { PresentationFrame, usePresentation } from './presentation.tsx'
import { Rail } from './rail.tsx'
import { Reached } from './reached.tsx'
import { RoomBoundary } from './room-boundary.tsx'
import { TimelineBar } from './timeline-bar.tsx'

/** One cluster on screen: its stream is open as long as this is mounted, whichever room is shown. */
export function ClusterFrame({ clusterId, room }: { readonly clusterId: string; readonly room: string }) {
  const [context] = useState(() => createContext(clusterId))
  const { store } = context
  useEffect(() => {
    context.connection.open()
    return () => context.connection.close()
  }, [context])
  const connection = useSyncExternalStore(store.subscribe, () => store.connection)
  const hasCore = useSyncExternalStore(store.subscribe, () => store.topic('core') !== null)
  const found = rooms.find((each) => each.path === room)
  useConnectionAnnouncements(connection)

  useEffect(() => {
    document.title = found ? `${found.label} · Slotscope` : 'Slotscope'
  }, [found])

  const presentation = usePresentation()
  const View = found?.View
  const stale = connection.phase !== 'live'
  return (
    <ClusterContextProvider value={context}>
      <PaletteFrame ready={hasCore}>
        <div className={styles.frame} data-stale={stale || undefined} data-present={presentation.on || undefined}>
          <a href="#room" className={styles.skip}>
            Skip to the room
          </a>
          {!presentation.on && <Rail clusterId={clusterId} room={room} />}
          {hasCore ? <Header room={room} /> : <div className={styles.headerWait} />}
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
          <ConnectionBanner connection={connection} hasCore={hasCore} onRetry={() => context.connection.retryNow()} />
          {presentation.on ? <PresentationFrame /> : hasCore ? <TimelineBar /> : <div className={styles.footerWait} />}
        </div>
      </PaletteFrame>
    </ClusterContextProvider>
  )
}

function createContext(clusterId: string): ClusterContext {
  const store = new ClusterStore(new Clock())
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  const url = `${scheme}://${location.host}/api/clusters/${encodeURIComponent(clusterId)}/stream`
  // A socket that closes before its hello may mean that the session is over. A browser is not told, but this request is, and
  // the wrapper tells the app.
  const connection = new StreamConnection(store, url, () => void ask('/api/session').catch(() => undefined))
  return { id: clusterId, store, connection }
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
      <EmptyState icon={<LoaderCircle aria-hidden className={styles.spin} />} title="Reading the cluster">
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
