import type { CoreState } from '@slotscope/observer/stream'
import { countSlots, formatRanges } from '@slotscope/observer/stream'
import { plural } from '../../model/format.ts'
import { shardViews } from '../../model/topology.ts'
import { SelectField } from '../../ui/text-field.tsx'
import type { NodeDesk } from './node-desk.ts'
import styles from './topology-room.module.css'

/** Slots that nobody owns, and who is to have them. */
export function Unassigned({ core, desk }: { readonly core: Pick<CoreState, 'nodes' | 'shards' | 'unassigned'>; readonly desk: NodeDesk }) {
  const { unassigned } = core
  if (unassigned.length === 0) return null
  return (
    <div className={styles.unassigned} role="note">
      <p>
        <b>{plural(countSlots(unassigned), 'slot')} without an owner</b> ({formatRanges(unassigned, 4)}): clients get CLUSTERDOWN for them.
      </p>
      <SelectField
        label="Give them to a shard"
        bare
        value=""
        onChange={(event) => desk.ask({ kind: 'add-slots', slots: unassigned, shard: event.target.value })}
      >
        <option value="" disabled>
          Give them to…
        </option>
        {shardViews(core).map(({ shard }) => (
          <option key={shard.key} value={shard.key}>
            shard {shard.label}
          </option>
        ))}
      </SelectField>
    </div>
  )
}
