import type { SessionAnswer } from '@slotscope/observer/stream'
import { useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from 'react'
import { Redirect, Route, Switch } from 'wouter'
import { ApiFailure, onLoggedOut, wordsOf } from './api/client.ts'
import { FirstClustersContext } from './api/clusters.ts'
import { logIn, logInByName, readSession, SessionContext, takeLoginToken } from './api/session.ts'
import { sessionAtHand, takeSessionRequest } from './early/early.ts'
import { LoginScreen, type LoginState } from './login/login-screen.tsx'
import { roomPath } from './routes.tsx'
import { ClusterFrame } from './shell/cluster-frame.tsx'
import { Home, NamedCluster } from './shell/home.tsx'

const AccountsScreen = lazy(() => import('./features/accounts/accounts-screen.tsx'))
const ClustersScreen = lazy(() => import('./features/clusters/clusters-screen.tsx'))

type Entry =
  | { readonly at: 'asking' }
  | { readonly at: 'out'; readonly why: LoginState }
  | { readonly at: 'in'; readonly session: SessionAnswer }

/** Who is there, and which room. Without a session nothing of a cluster is loaded, let alone drawn. */
export function App() {
  // Who is known already sees the room at once, and not first that somebody is asking.
  const [entry, setEntry] = useState<Entry>(() => {
    const session = sessionAtHand()
    return session === null ? { at: 'asking' } : { at: 'in', session }
  })
  const known = useRef(entry.at === 'in')
  const queries = useQueryClient()
  const asked = useRef(false)

  const enter = useCallback(async (token: string | null) => {
    setEntry({ at: 'asking' })
    try {
      setEntry({ at: 'in', session: token === null ? await readSession() : await logIn(token) })
    } catch (error) {
      setEntry(await explain(error, token))
    }
  }, [])

  const byName = useCallback(async (user: string, password: string) => {
    const session = await logInByName(user, password)
    setEntry({ at: 'in', session })
  }, [])

  useEffect(() => {
    // StrictMode runs effects twice in development, and a token can be used once only.
    if (asked.current) return
    asked.current = true
    if (known.current) takeSessionRequest()
    else void enter(takeLoginToken())
  }, [enter])

  useEffect(() => {
    // A link pasted into a tab that is open already changes the fragment and loads nothing.
    const onHash = () => {
      const token = takeLoginToken()
      if (token !== null) void enter(token)
    }
    addEventListener('hashchange', onHash)
    return () => removeEventListener('hashchange', onHash)
  }, [enter])

  useEffect(
    () =>
      onLoggedOut(() => {
        queries.clear()
        setEntry((now) => (now.at === 'in' ? { at: 'out', why: { kind: 'ended' } } : now))
      }),
    [queries]
  )

  if (entry.at === 'asking') return <LoginScreen state={{ kind: 'asking' }} onRetry={() => undefined} onLogIn={byName} />
  if (entry.at === 'out') return <LoginScreen state={entry.why} onRetry={() => void enter(null)} onLogIn={byName} />
  return (
    <SessionContext value={entry.session}>
      <FirstClustersContext value={entry.session.clusters}>
        <Suspense fallback={null}>
          <Switch>
            <Route path="/accounts" component={AccountsScreen} />
            <Route path="/clusters" component={ClustersScreen} />
            <Route path="/clusters/:cluster/:room">
              {({ cluster, room }) => (
                <NamedCluster key={cluster} id={cluster}>
                  <ClusterFrame clusterId={cluster} room={room} />
                </NamedCluster>
              )}
            </Route>
            <Route path="/clusters/:cluster">{({ cluster }) => <Redirect to={roomPath(cluster, 'slots')} replace />}</Route>
            <Route component={Home} />
          </Switch>
        </Suspense>
      </FirstClustersContext>
    </SessionContext>
  )
}

/** A used link does not matter to somebody who is logged in already. */
async function explain(error: unknown, token: string | null): Promise<Entry> {
  if (token !== null && error instanceof ApiFailure && error.code !== 'UNREACHABLE') {
    try {
      return { at: 'in', session: await readSession() }
    } catch {
      return { at: 'out', why: { kind: error.code === 'LINK_USED' ? 'used' : 'refused', words: error.message } }
    }
  }
  if (error instanceof ApiFailure && error.code === 'NOT_LOGGED_IN') return { at: 'out', why: { kind: 'none' } }
  return { at: 'out', why: { kind: 'unreachable', words: wordsOf(error) } }
}
