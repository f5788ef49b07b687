import type { CoreState, NodeState } from '@slotscope/observer/stream'
import { formatRanges } from '@slotscope/observer/stream'
import { formatBytes, formatCompact, plural } from '../../model/format.ts'
import { nodeTrouble, oldFigures } from '../../model/node-words.ts'
import { doubtWords, linkWords, type ShardView } from '../../model/topology.ts'
import { useNow } from '../../stream/hooks.ts'
import { ShardBadge, shardStyle } from '../../ui/shard-badge.tsx'
import type { NodeDesk } from './node-desk.ts'
import { NodeMenu } from './node-menu.tsx'
import styles from './shard-card.module.css'

type Context = {
  readonly nodes: CoreState['nodes']
  readonly shards: CoreState['shards']
  readonly wrong: ReadonlyMap<string, string>
  readonly hosted: boolean
  readonly desk: NodeDesk
}

/** A shard with its nodes: the primary first. */
export function ShardCard({ view, context }: { readonly view: ShardView; readonly context: Context }) {
  const { shard, nodes } = view
  const primary = nodes.find((node) => node.id === shard.primary)
  return (
    <li className={styles.card} style={shardStyle(shard.color)}>
      <header className={styles.head}>
        <ShardBadge label={shard.label} color={shard.color} />
        <h3>
          <span className="visually-hidden">Shard {shard.label}, </span>
          {plural(shard.slotCount, 'slot')}
        </h3>
        <span className={styles.note}>
          {formatCompact(shard.keys)} keys{primary && ` · epoch ${primary.configEpoch}`}
        </span>
      </header>
      {shard.slotCount === 0 ? (
        <p className={styles.ranges}>Owns no slots: it may stay as a target, follow another primary, or be forgotten.</p>
      ) : (
        <p className={styles.ranges} title={formatRanges(shard.slots, 40)}>
          {formatRanges(shard.slots, 3)}
        </p>
      )}
      <ul className={styles.nodes} aria-label={`Nodes of shard ${shard.label}`}>
        {nodes.map((node) => (
          <NodeRow key={node.id} node={node} isInCharge={node.id === shard.primary} context={context} />
        ))}
      </ul>
    </li>
  )
}

function NodeRow(props: { readonly node: NodeState; readonly isInCharge: boolean; readonly context: Context }) {
  const { node, isInCharge, context } = props
  const now = useNow(1_000)
  const old = oldFigures(node, now, Object.keys(context.nodes).length)
  const trouble = nodeTrouble(node)
  const link = linkWords(node)
  const doubts = doubtWords(node, context.nodes)
  const wrong = context.wrong.get(node.id)
  return (
    <li className={styles.node} data-health={node.health} data-role={isInCharge ? 'primary' : 'replica'}>
      <span className={styles.mark} aria-hidden />
      <div className={styles.name}>
        <b>{node.name}</b>
        <span className={styles.address}>
          {isInCharge ? 'primary' : node.role === 'primary' ? 'primary without slots' : 'replica'}
          {node.name !== `${node.host}:${node.port}` && ` · ${node.host}:${node.port}`}
        </span>
      </div>
      <div className={styles.state}>
        <span className={styles.health}>{trouble ?? 'online'}</span>
        {link !== null && <span data-link={node.primaryLink}>{link}</span>}
      </div>
      <div className={styles.figures} data-old={old !== null || undefined}>
        <span>{formatBytes(node.usedMemory)}</span>
        <span>{old ?? node.version ?? ''}</span>
      </div>
      <NodeMenu node={node} {...context} />
      {(doubts !== null || (node.error !== null && trouble !== null)) && (
        <p className={styles.trouble}>{[doubts, node.error].filter((words) => words !== null).join(' · ')}</p>
      )}
      {wrong !== undefined && <p className={styles.trouble}>Differs from its primary: {wrong}</p>}
    </li>
  )
}
