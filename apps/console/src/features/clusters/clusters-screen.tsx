import type { ClusterProfile, ProfilesAnswer, ProfileTestAnswer } from '@slotscope/observer/stream'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Lock, Plus, Server } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import { ask, post } from '../../api/client.ts'
import { clustersQuery } from '../../api/clusters.ts'
import { roomPath } from '../../room-path.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { useQueryParameter } from '../../ui/query-parameter.ts'
import settings from '../../ui/settings-screen.module.css'
import { NotKeptNote, SettingsScreen } from '../../ui/settings-screen.tsx'
import { ClusterForm } from './cluster-form.tsx'
import styles from './clusters-screen.module.css'
import { ConnectionTable } from './connection-table.tsx'
import { RemoveCluster } from './remove-cluster.tsx'

const query = ['profiles'] as const
const originWords = { 'command-line': 'the command line', file: 'a file', environment: 'the environment', screen: 'this screen' } as const

/** Which clusters are watched, how each is reached, and one more. For admins. The form that is open stands in the address. */
export default function ClustersScreen() {
  const queries = useQueryClient()
  const [adding, setAdding] = useQueryParameter('add')
  const [changing, setChanging] = useQueryParameter('change')
  const profiles = useQuery({ queryKey: query, queryFn: ({ signal }) => ask<ProfilesAnswer>('/api/profiles', signal) })
  const refresh = () => {
    void queries.invalidateQueries({ queryKey: query })
    void queries.invalidateQueries({ queryKey: clustersQuery })
  }
  const close = () => {
    setAdding(null)
    setChanging(null)
  }
  const { data } = profiles
  const changed = data?.profiles.find(({ id, origin }) => id === changing && origin === 'screen')
  const open = changed !== undefined || adding !== null || data?.profiles.length === 0
  return (
    <SettingsScreen
      title="Clusters"
      wide
      words="Every cluster here is watched, with connections of its own. Those of the command line, a file or the environment are changed there."
    >
      {data?.kept === false && <NotKeptNote what="clusters" />}
      {profiles.error && <FailureNote what="see how clusters are reached" error={profiles.error} onRetry={refresh} />}
      {profiles.isPending && <p role="status">Reading the clusters</p>}
      {data?.profiles.length === 0 && (
        <EmptyState icon={<Server aria-hidden />} title="No clusters yet">
          Add the first one below. Try it with “Test connection” before.
        </EmptyState>
      )}
      {data && data.profiles.length > 0 && (
        <ul className={styles.list}>
          {data.profiles.map((profile) => (
            <ClusterItem key={profile.id} profile={profile} onChange={() => setChanging(profile.id)} onRemoved={refresh} />
          ))}
        </ul>
      )}
      {data && open && (
        <ClusterForm
          key={changed?.id ?? 'add'}
          {...(changed === undefined ? {} : { profile: changed })}
          taken={data.profiles.map(({ id }) => id)}
          allowLocal={data.allowLocal}
          onClose={data.profiles.length === 0 ? undefined : close}
          onSaved={() => {
            close()
            refresh()
          }}
        />
      )}
      {data && !open && (
        <Button look="primary" className={settings.start} onClick={() => setAdding('1')}>
          <Plus aria-hidden />
          Add a cluster
        </Button>
      )}
    </SettingsScreen>
  )
}

function ClusterItem(props: { readonly profile: ClusterProfile; readonly onChange: () => void; readonly onRemoved: () => void }) {
  const { profile } = props
  const { id, name, origin } = profile
  const [removing, setRemoving] = useState(false)
  const test = useMutation({ mutationFn: () => post<ProfileTestAnswer>(`/api/profiles/${encodeURIComponent(id)}/test`, {}) })
  return (
    <li className={styles.item}>
      <div className={styles.head}>
        <h2>
          <Link href={roomPath(id, 'slots')}>{name}</Link>
        </h2>
        <span className={styles.id}>{id}</span>
        {profile.readOnly && (
          <span className={styles.mark}>
            <Lock aria-hidden />
            read-only
          </span>
        )}
        <span className={styles.actions}>
          <Button size="small" disabled={test.isPending} onClick={() => test.mutate()} aria-label={`Test the connection to ${name}`}>
            {test.isPending ? 'Testing' : 'Test'}
          </Button>
          {origin === 'screen' && (
            <>
              <Button size="small" onClick={props.onChange} aria-label={`Change ${name}`}>
                Change
              </Button>
              <Button size="small" onClick={() => setRemoving(true)} aria-label={`Remove ${name}`}>
                Remove
              </Button>
            </>
          )}
        </span>
      </div>
      <p className={styles.facts}>{factsOf(profile)}</p>
      {test.error && <FailureNote what={`test ${name}`} error={test.error} onRetry={() => test.mutate()} />}
      {test.data && <ConnectionTable answer={test.data} />}
      {removing && <RemoveCluster id={id} name={name} onClose={() => setRemoving(false)} onRemoved={props.onRemoved} />}
    </li>
  )
}

/** Where it is, as whom we log in, and who says so, in one line. */
function factsOf({ origin, seeds, username, hasPassword, tls, addressMap, background }: ClusterProfile): string {
  const shown = seeds.length > 3 ? [...seeds.slice(0, 3), `and ${seeds.length - 3} more`] : seeds
  const mapped = Object.keys(addressMap).length
  return [
    shown.join(', '),
    username === null ? (hasPassword ? 'with a password' : 'without a login') : `as ${username}`,
    tls === null ? 'without TLS' : tls.cert === null ? 'TLS' : 'TLS with a client certificate',
    ...(mapped === 0 ? [] : [`${mapped} mapped ${mapped === 1 ? 'address' : 'addresses'}`]),
    ...(background === 'light' ? [] : [`background ${background}`]),
    `from ${originWords[origin]}`
  ].join(' · ')
}
