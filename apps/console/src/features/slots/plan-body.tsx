import { formatRanges, type PlanCheck, type PlanState, type RebalanceLoad } from '@slotscope/observer/stream'
import { CircleCheck, OctagonAlert, TriangleAlert } from 'lucide-react'
import { formatCount, plural } from '../../model/format.ts'
import { labelOf } from '../../model/migration-progress.ts'
import { sampledBytes } from '../../model/plan-bytes.ts'
import { targetOf, type Weights } from '../../model/plan-wish.ts'
import { CommandText, CopyButton } from '../../ui/command-text.tsx'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import { PlanBalance } from './plan-balance.tsx'
import styles from './plan-card.module.css'
import { useStage } from './room-context.ts'

/** More commands than this are folded; they can be copied all at once. */
const commandsInFull = 2
/** More checks that passed than this are folded. */
const passedInFull = 5

/** What a plan says, whoever made it. */
export function PlanBody(props: { readonly plan: PlanState; readonly by?: RebalanceLoad; readonly weights?: Weights | undefined }) {
  const { plan, by = 'slots', weights } = props
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
          <div>
            <dt>memory</dt>
            <dd>{sampledBytes(plan)}</dd>
          </div>
          {plan.leftOut.map((out) => (
            <div key={`${out.reason} ${out.detail}`}>
              <dt>stays</dt>
              <dd title={formatRanges(out.slots, 40)}>{out.detail}</dd>
            </div>
          ))}
        </dl>
        <PlanBalance plan={plan} by={by} weights={weights} />
      </div>
      <Checks checks={plan.checks} />
      {plan.moves.length > 1 && <MoveList plan={plan} />}
      <Commands plan={plan} />
    </div>
  )
}

/** What was looked at before. What has passed folds away when it is much; a warning never does. */
function Checks({ checks }: { readonly checks: readonly PlanCheck[] }) {
  const passed = checks.filter(({ level }) => level === 'ok')
  if (passed.length <= passedInFull) return <CheckList label="Checks" checks={checks} />
  const rest = checks.filter(({ level }) => level !== 'ok')
  return (
    <div className={styles.checkGroup}>
      {rest.length > 0 && <CheckList label="Checks" checks={rest} />}
      <details>
        <summary className={styles.passed}>
          <CircleCheck aria-hidden /> {passed.length} checks passed
        </summary>
        <CheckList label="Checks that passed" checks={passed} />
      </details>
    </div>
  )
}

const icons = { ok: CircleCheck, warn: TriangleAlert, stop: OctagonAlert } as const
const levelWords = { ok: 'Passed: ', warn: 'Warning: ', stop: 'Stops it: ' } as const

/** Checks with their level, in words too. */
export function CheckList({ label, checks }: { readonly label: string; readonly checks: readonly PlanCheck[] }) {
  return (
    <ul className={styles.checks} aria-label={label}>
      {checks.map((check) => {
        const Icon = icons[check.level]
        return (
          <li key={check.id} data-level={check.level}>
            <Icon aria-hidden />
            <span>
              <span className="visually-hidden">{levelWords[check.level]}</span>
              {check.text}
            </span>
          </li>
        )
      })}
    </ul>
  )
}

/** Each move of a plan: from where, to where, how much. They are jobs of their own. */
function MoveList({ plan }: { readonly plan: PlanState }) {
  return (
    <div className={`${styles.moves} ${styles.wide}`}>
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
                <Badge shard={move.sourceShard} /> → <Badge shard={targetOf(plan, move)} />
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

function Badge({ shard }: { readonly shard: string }) {
  const { names } = useStage()
  return <ShardBadge label={labelOf(shard, names)} color={names[shard]?.color ?? 0} small />
}

/** Exactly what would be sent, and to which node. */
function Commands({ plan }: { readonly plan: PlanState }) {
  const { names, nodes } = useStage()
  const list = plan.moves.map((move) => (
    <div key={`${move.sourceNode} ${move.targetNode}`} className={`${styles.command} ${styles.wide}`}>
      <div className={styles.commandHead}>
        <span>
          to <b>{nodes[move.sourceNode]?.name ?? move.sourceNode.slice(0, 8)}</b>, primary of {labelOf(move.sourceShard, names)}
        </span>
        <CopyButton text={move.shell} label="Copy" what="command for valkey-cli" />
      </div>
      <CommandText>{move.command.join(' ')}</CommandText>
    </div>
  ))
  if (plan.moves.length <= commandsInFull) return list
  return (
    <details className={`${styles.commands} ${styles.wide}`}>
      <summary>
        {plan.moves.length} commands
        <CopyButton text={plan.moves.map((move) => move.shell).join('\n')} label="Copy all" what="commands for valkey-cli" />
      </summary>
      {list}
    </details>
  )
}
