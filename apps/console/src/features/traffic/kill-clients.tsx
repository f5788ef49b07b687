import { isGuardedClient, type KillClientsAnswer, type KillClientsRequest, killCommand } from '@slotscope/observer/stream'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { post } from '../../api/client.ts'
import { type ClientRow, guardWords, killWords, secondsWords } from '../../model/client-rows.ts'
import { formatCount, plural } from '../../model/format.ts'
import { useCluster } from '../../stream/hooks.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { CommandText } from '../../ui/command-text.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { ScrollRegion } from '../../ui/scroll-region.tsx'
import { TextField } from '../../ui/text-field.tsx'
import styles from './views.module.css'

/** One request takes so many (`routes/clients.ts` of the api). */
const MOST = 1_000
/** Commands that are written out; the rest are counted. */
const MOST_SHOWN = 100

/** Lists the connections that would end, each with its command and node, and ends them. Links of nodes and our own only when they are named. */
export function KillClients(props: {
  readonly clients: readonly ClientRow[]
  readonly onClose: () => void
  readonly onKilled: () => void
}) {
  const { id } = useCluster()
  const announce = useAnnounce()
  const clients = props.clients.slice(0, MOST)
  const plain = clients.filter((client) => !isGuardedClient(client))
  const guarded = clients.filter(isGuardedClient)
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({})
  const named = guarded.filter(({ key, address }) => typed[key] === address)
  const doomed = [...plain, ...named]
  const kill = useMutation({
    mutationFn: (request: KillClientsRequest) => post<KillClientsAnswer>(`/api/clusters/${encodeURIComponent(id)}/clients/kill`, request),
    onSuccess: ({ results }) => {
      announce(killWords(results).join(' '))
      props.onKilled()
    }
  })
  const request: KillClientsRequest = {
    clients: doomed.map(({ key, node, id: number, address }) => ({
      node,
      id: number,
      address,
      ...(typed[key] === undefined ? {} : { typedAddress: typed[key] })
    }))
  }
  const isDone = kill.data !== undefined
  return (
    <Dialog
      open
      title={isDone ? 'Connections ended' : `End ${plural(clients.length, 'connection')}?`}
      onClose={props.onClose}
      actions={
        isDone ? (
          <Button look="primary" onClick={props.onClose}>
            Close
          </Button>
        ) : (
          <>
            <Button onClick={props.onClose}>Keep them</Button>
            <Button look="danger" disabled={doomed.length === 0 || kill.isPending} onClick={() => kill.mutate(request)}>
              End {plural(doomed.length, 'connection')}
            </Button>
          </>
        )
      }
    >
      {kill.data ? (
        <Outcome answer={kill.data} clients={clients} />
      ) : (
        <>
          <p className={styles.say}>
            Whoever is at the other end sees its connection break, and most connect again by themselves. What they had asked and not been
            answered is lost to them.
          </p>
          <CommandList clients={plain} label="Connections that will be ended" />
          {guarded.length > 0 && (
            <div className={styles.guarded}>
              <p className={styles.say}>
                <b>{plural(guarded.length, 'connection')} will be left alone</b> unless you type the address of each: more than one client
                depends on it.
              </p>
              {guarded.map((client) => (
                <TextField
                  key={client.key}
                  label={`${guardWords(client)} on ${client.nodeName}: type ${client.address}`}
                  mono
                  value={typed[client.key] ?? ''}
                  onChange={(event) => setTyped({ ...typed, [client.key]: event.target.value })}
                />
              ))}
            </div>
          )}
          {props.clients.length > MOST && (
            <p className={styles.say}>
              One request ends at most {formatCount(MOST)}: {formatCount(props.clients.length - MOST)} are left for the next.
            </p>
          )}
          {kill.error && <FailureNote what="end the connections" error={kill.error} />}
        </>
      )}
    </Dialog>
  )
}

function CommandList({ clients, label }: { readonly clients: readonly ClientRow[]; readonly label: string }) {
  if (clients.length === 0) return null
  const shown = clients.slice(0, MOST_SHOWN)
  return (
    <ScrollRegion className={styles.doomed} label={label}>
      <ul>
        {shown.map((client) => (
          <li key={client.key}>
            <span>
              <b>{client.name || client.address}</b> on {client.nodeName}
              {client.user !== null && `, as ${client.user}`}
              {client.idleSeconds !== null && `, idle for ${secondsWords(client.idleSeconds)}`}
            </span>
            <CommandText>{killCommand(client).join(' ')}</CommandText>
          </li>
        ))}
      </ul>
      {clients.length > shown.length && <p>and {formatCount(clients.length - shown.length)} more</p>}
    </ScrollRegion>
  )
}

function Outcome({ answer, clients }: { readonly answer: KillClientsAnswer; readonly clients: readonly ClientRow[] }) {
  const nodeNames = new Map(clients.map(({ node, nodeName }) => [node, nodeName]))
  const sent = answer.results.filter(({ command }) => command !== null)
  return (
    <>
      <ul className={styles.outcome}>
        {killWords(answer.results).map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
      {sent.length > 0 && (
        <ScrollRegion className={styles.doomed} label="What was sent">
          <ul>
            {sent.slice(0, MOST_SHOWN).map(({ node, id, command, outcome }) => (
              <li key={`${node} ${id}`}>
                <span>
                  <b>{outcome}</b> to {nodeNames.get(node) ?? node.slice(0, 8)}
                </span>
                <CommandText>{command?.join(' ') ?? ''}</CommandText>
              </li>
            ))}
          </ul>
          {sent.length > MOST_SHOWN && <p>and {formatCount(sent.length - MOST_SHOWN)} more</p>}
        </ScrollRegion>
      )}
    </>
  )
}
