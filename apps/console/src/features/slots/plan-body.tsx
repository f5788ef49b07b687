import { type CoreState, formatRanges, type PlanState, type RebalanceLoad } from '@slotscope/observer/stream'
import { CircleCheck, OctagonAlert, TriangleAlert } from 'lucide-react'
import { formatCount, plural } from '../../model/format.ts'
import { labelOf } from '../../model/migration-progress.ts'
import { targetOf } from '../../model/plan-wish.ts'
import { CommandText, CopyButton } from '../../ui/command-text.tsx'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import { PlanBalance } from './plan-balance.tsx'
import styles from './plan-card.module.css'
import { useRoom } from './room-context.ts'

/** More commands than this are folded; they can be copied all at once. */
const commandsInFull = 3

/** What a plan says, whoever made it. */
export function PlanBody({ plan, by = 'slots' }: { readonly plan: PlanState; readonly by?: RebalanceLoad }) {
  const keys = plan.moves.reduce((sum, move) => sum + move.keys, 0)
  const byDatabase = new Map<number, number>()
  for (const move of plan.moves)
    for (const { database, keys: count } of move.keysByDatabase) byDatabase.set(database, (byDatabase.get(database) ?? 0) + count)
  return (
    <div className={styles.plan}>
      <div className={styles.left}>
        <dl className={styles.facts}>
          <div>
            <dt>keys</dt>
            <dd>{formatCount(keys)}</dd>
          </div>
          <div>
            <dt>by database</dt>
            <dd>
              {byDatabase.size === 0
                ? 'none'
                : [...byDatabase]
                    .sort(([a], [b]) => a - b)
                    .map(([database, count]) => (
                      <span key={database} className={styles.database}>
                        db{database} <b>{formatCount(count)}</b>
                      </span>
                    ))}
            </dd>
          </div>
          {plan.leftOut.map((out) => (
            <div key={`${out.reason} ${out.detail}`}>
              <dt>stays</dt>
              <dd title={formatRanges(out.slots, 40)}>{out.detail}</dd>
            </div>
          ))}
        </dl>
        <PlanBalance plan={plan} by={by} />
      </div>
      <ul className={styles.checks} aria-label="Checks">
        {plan.checks.map((check) => (
          <li key={check.id} data-level={check.level}>
            {check.level === 'ok' ? (
              <CircleCheck aria-hidden />
            ) : check.level === 'warn' ? (
              <TriangleAlert aria-hidden />
            ) : (
              <OctagonAlert aria-hidden />
            )}
            <span>
              <span className="visually-hidden">
                {check.level === 'ok' ? 'Passed: ' : check.level === 'warn' ? 'Warning: ' : 'Stops the move: '}
              </span>
              {check.text}
            </span>
          </li>
        ))}
      </ul>
      {plan.moves.length > 1 && <MoveList plan={plan} />}
      <Commands plan={plan} />
    </div>
  )
}

/** Each move of a plan: from where, to where, how much. They are jobs of their own. */
function MoveList({ plan }: { readonly plan: PlanState }) {
  const { shards } = useRoom()
  return (
    <div className={styles.moves}>
      <table aria-label="Moves">
        <thead>
          <tr>
            <th scope="col">move</th>
            <th scope="col">slots</th>
            <th scope="col">ranges</th>
            <th scope="col">keys</th>
          </tr>
        </thead>
        <tbody>
          {plan.moves.map((move) => (
            <tr key={`${move.sourceShard} ${targetOf(plan, move)}`}>
              <th scope="row">
                <Badge shard={move.sourceShard} shards={shards} /> → <Badge shard={targetOf(plan, move)} shards={shards} />
              </th>
              <td>{formatCount(move.slotCount)}</td>
              <td title={formatRanges(move.slots, 40)}>{formatRanges(move.slots, 2)}</td>
              <td>{formatCount(move.keys)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p>
        {plural(plan.moves.length, 'job')}, not atomic together
        {plan.moves.some((move) => !move.sideBySide) && '; those of one source run one after another'}.
      </p>
    </div>
  )
}

function Badge({ shard, shards }: { readonly shard: string; readonly shards: CoreState['shards'] }) {
  return <ShardBadge label={labelOf(shard, shards)} color={shards[shard]?.color ?? 0} small />
}

/** Exactly what would be sent, and to which node. */
function Commands({ plan }: { readonly plan: PlanState }) {
  const { shards, nodes } = useRoom()
  const list = plan.moves.map((move) => (
    <div key={`${move.sourceNode} ${move.targetNode}`} className={styles.command}>
      <div className={styles.commandHead}>
        <span>
          to <b>{nodes[move.sourceNode]?.name ?? move.sourceNode.slice(0, 8)}</b>, primary of {labelOf(move.sourceShard, shards)}
        </span>
        <CopyButton text={move.shell} label="Copy" what="command for valkey-cli" />
      </div>
      <CommandText>{move.command.join(' ')}</CommandText>
    </div>
  ))
  if (plan.moves.length <= commandsInFull) return list
  return (
    <details className={styles.commands}>
      <summary>
        {plan.moves.length} commands
        <CopyButton text={plan.moves.map((move) => move.shell).join('\n')} label="Copy all" what="commands for valkey-cli" />
      </summary>
      {list}
    </details>
  )
}
