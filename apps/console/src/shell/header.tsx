import { Eye, Lock } from 'lucide-react'
import { useClusterEntry } from '../api/clusters.ts'
import { useSession } from '../api/session.ts'
import { formatCompact, formatCount, formatShare, plural } from '../model/format.ts'
import { sizeOf } from '../model/size-of.ts'
import { useCore } from '../stream/hooks.ts'
import { Popover } from '../ui/popover.tsx'
import { ClusterSwitcher } from './cluster-switcher.tsx'
import styles from './header.module.css'
import { HealthButton } from './health-button.tsx'
import { PaletteButton } from './palette-frame.tsx'
import { UserMenu } from './user-menu.tsx'

/** Health first, then what cluster this is and its size, then what watching it costs and who is watching. */
export function Header({ room }: { readonly room: string }) {
  const cluster = useCore((core) => core.cluster)
  const shards = useCore((core) => sizeOf(core.shards))
  const nodes = useCore((core) => sizeOf(core.nodes))
  return (
    <header className={styles.header}>
      <HealthButton />
      <ClusterSwitcher room={room} />
      <dl className={styles.figures}>
        <Figure name="shards" value={formatCount(shards)} />
        <Figure name="nodes" value={formatCount(nodes)} />
        <Figure
          name="keys"
          value={cluster.keys < 10_000_000 ? formatCount(cluster.keys) : formatCompact(cluster.keys)}
          title="Keys on all primaries, all databases"
        />
        <Figure name="ops/s" value={formatCount(cluster.operationsPerSecond)} title="Commands per second on all primaries, ours included" />
        <Figure name="epoch" value={formatCount(cluster.currentEpoch)} title="currentEpoch of the cluster" />
      </dl>
      <span className={styles.space} />
      <PaletteButton />
      <ReadOnlyMark />
      <Watching />
      <UserMenu />
    </header>
  )
}

/** Slotscope was started so, or the cluster is made so; what a role may not do is said where it would be done. */
function ReadOnlyMark() {
  const { readOnly } = useSession()
  const cluster = useClusterEntry()
  if (!readOnly && !cluster?.readOnly) return null
  const why = readOnly ? 'Started with --read-only' : 'The profile of this cluster says so'
  return (
    <span className={styles.readOnly} title={`${why}: nothing that changes the cluster is sent, whoever asks`}>
      <Lock aria-hidden />
      read-only
    </span>
  )
}

function Figure(props: { readonly name: string; readonly value: string; readonly title?: string }) {
  return (
    <div className={styles.figure} title={props.title}>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </div>
  )
}

/** Our own cost on the cluster, by cause: observation has a budget, and one can see that it is kept. */
function Watching() {
  const watching = useCore((core) => core.watching)
  const perNode = watching.commandsPerSecondPerNode.toFixed(1)
  const shares = watching.shareByCause
  const causes = Object.entries(watching.byCause).sort((a, b) => b[1] - a[1])
  return (
    <Popover
      label="What watching costs"
      width={300}
      button={
        <>
          <Eye aria-hidden />
          <span className={styles.watchWords}>watching: {perNode} cmd/s per node</span>
        </>
      }
      buttonProps={{
        size: 'small',
        look: 'quiet',
        className: styles.watch,
        'aria-label': `watching: ${perNode} cmd/s per node. What it costs`
      }}
    >
      <div className={styles.cost}>
        <p>
          Slotscope sends <b>{plural(Math.round(watching.commandsPerSecond * 10) / 10, 'command')}</b> per second to the whole cluster.
          {watching.shareOfNodeTime !== null && (
            <> The busiest node spends {formatShare(watching.shareOfNodeTime)} of its main thread on them.</>
          )}
        </p>
        {causes.length > 0 && (
          <table>
            <thead>
              <tr>
                <th scope="col">cause</th>
                <th scope="col">cmd/s</th>
                {shares && <th scope="col">of its time</th>}
              </tr>
            </thead>
            <tbody>
              {causes.map(([cause, rate]) => (
                <tr key={cause}>
                  <td>{cause}</td>
                  <td>{rate.toFixed(1)}</td>
                  {shares && <td>{formatShare(shares[cause] ?? 0)}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </Popover>
  )
}
