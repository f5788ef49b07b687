import type { CoreState } from '@slotscope/observer/stream'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { shardViews } from '../../model/topology.ts'
import { Button } from '../../ui/button.tsx'
import { Popover } from '../../ui/popover.tsx'
import { SelectField, TextField } from '../../ui/text-field.tsx'
import type { NodeDesk } from './node-desk.ts'
import styles from './topology-room.module.css'

type Places = Pick<CoreState, 'nodes' | 'shards'>

/** One more node: started by the host where we run the nodes, else met at its address. */
export function AddNode({ desk, places, hosted }: { readonly desk: NodeDesk; readonly places: Places; readonly hosted: boolean }) {
  return (
    <Popover
      label="Add a node"
      button={
        <>
          <Plus aria-hidden /> Add a node
        </>
      }
      buttonProps={{ size: 'small' }}
      width={280}
    >
      {(close) => (
        <AddForm
          places={places}
          hosted={hosted}
          onAsk={(request) => {
            close()
            desk.ask(request)
          }}
        />
      )}
    </Popover>
  )
}

function AddForm(props: { readonly places: Places; readonly hosted: boolean; readonly onAsk: NodeDesk['ask'] }) {
  const { places, hosted, onAsk } = props
  const [address, setAddress] = useState('')
  const [follows, setFollows] = useState('')
  const place = readAddress(address)
  const role = follows === '' ? {} : { replicaOf: follows }
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        if (hosted) onAsk({ kind: 'add', ...role })
        else if (place) onAsk({ kind: 'meet', ...place, ...role })
      }}
    >
      {!hosted && (
        <TextField
          label="Address of an empty node"
          mono
          placeholder="10.0.0.7:6379"
          value={address}
          problem={address !== '' && !place ? 'An IP address and a port: CLUSTER MEET takes no name' : null}
          onChange={(event) => setAddress(event.target.value)}
        />
      )}
      <SelectField label="It becomes" value={follows} onChange={(event) => setFollows(event.target.value)}>
        <option value="">an empty primary</option>
        {shardViews(places).map(({ shard, nodes }) => (
          <option key={shard.key} value={shard.primary ?? ''} disabled={shard.primary === null}>
            a replica of {shard.label}: {nodes[0]?.name}
          </option>
        ))}
      </SelectField>
      <Button type="submit" size="small" disabled={!hosted && !place}>
        Plan it…
      </Button>
    </form>
  )
}

/** `10.0.0.7:6379` or `[::1]:6379`; null for anything else. */
function readAddress(text: string): { readonly host: string; readonly port: number } | null {
  const match = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([0-9.]{7,15})):(\d{1,5})$/.exec(text.trim())
  const port = Number(match?.[3])
  return match && port >= 1 && port <= 55_535 ? { host: match[1] ?? match[2] ?? '', port } : null
}
