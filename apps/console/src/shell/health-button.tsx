import type { Problem } from '@slotscope/observer/stream'
import { CircleCheck, CircleQuestionMark, Info, OctagonAlert, TriangleAlert } from 'lucide-react'
import { useMemo } from 'react'
import { Link } from 'wouter'
import { formatAgo } from '../model/format.ts'
import { countProblems, type HealthAge, healthAge, healthWords, oldHealthWords, placeOf, sortProblems } from '../model/health.ts'
import { roomPath } from '../room-path.ts'
import { useCluster, useConnection, useCore, useNow } from '../stream/hooks.ts'
import { CommandText, CopyButton } from '../ui/command-text.tsx'
import { Popover } from '../ui/popover.tsx'
import { useQueryParameter } from '../ui/query-parameter.ts'
import styles from './health-button.module.css'

const icons = { critical: OctagonAlert, warning: TriangleAlert, info: Info } as const

/** The first thing in the header: how many problems of which severity, greyed with its age when it is not of now; opens the list. */
export function HealthButton() {
  const health = useCore((core) => core.health)
  const state = useCore((core) => core.cluster.state)
  const count = countProblems(health)
  const worst = state === 'fail' || count.critical > 0 ? 'bad' : count.warning > 0 ? 'warn' : 'ok'
  const problems = sortProblems(health)
  const Icon = worst === 'bad' ? OctagonAlert : worst === 'warn' ? TriangleAlert : CircleCheck
  const verdict = state === 'fail' && count.critical === 0 ? 'Cluster down' : healthWords(count)
  const age = useHealthAge()
  const [asked, setAsked] = useQueryParameter('health')
  const words = age === null ? verdict : oldHealthWords(verdict, age)
  return (
    <Popover
      label="Health of the cluster"
      align="start"
      width={440}
      state={[asked !== null, (open) => setAsked(open ? 'open' : null)]}
      button={
        <>
          {age === null ? <Icon aria-hidden className={styles[worst]} /> : <CircleQuestionMark aria-hidden />}
          <span className={styles.words}>{words}</span>
        </>
      }
      buttonProps={{
        className: age === null ? styles.button : `${styles.button} ${styles.old}`,
        size: 'small',
        'aria-label': `Health: ${words}`
      }}
    >
      <div className={styles.sheet}>
        {age !== null && (
          <p className={styles.none}>
            {age === 'never'
              ? 'Most nodes have not been read yet.'
              : `Nothing newer is known: this is how it was ${formatAgo(age)}, and not how it is.`}
          </p>
        )}
        {(age === null || problems.length > 0) && <ProblemList problems={problems} down={state === 'fail'} />}
      </div>
    </Popover>
  )
}

function useHealthAge(): HealthAge {
  const { store } = useCluster()
  const connection = useConnection()
  const nodes = useCore((core) => core.nodes)
  // All nodes are gone through: often enough for a verdict that holds for several seconds.
  const now = useNow(2_000)
  const lostForMs = connection.phase === 'live' ? null : store.clock.toLocal(now) - connection.sinceMs
  return useMemo(() => healthAge(Object.values(nodes), now, lostForMs), [nodes, now, lostForMs])
}

function ProblemList({ problems, down }: { readonly problems: readonly Problem[]; readonly down: boolean }) {
  if (problems.length === 0)
    return (
      <p className={styles.none}>
        {down
          ? 'The majority says cluster_state:fail, and no node has told why yet.'
          : 'Every slot is served, every shard has its replicas, and all nodes agree.'}
      </p>
    )
  return (
    <ul className={styles.list}>
      {problems.map((problem) => (
        <ProblemRow key={problem.id} problem={problem} />
      ))}
    </ul>
  )
}

/** To the room where it is seen. The list stays open: the next problem is one click away. */
function ProblemLink({ problem }: { readonly problem: Problem }) {
  const { id } = useCluster()
  const core = useCore((whole) => whole)
  const place = placeOf(problem, core)
  if (place === null) return null
  return (
    <Link className={styles.link} href={`${roomPath(id, place.room)}${place.slots === null ? '' : `?slots=${place.slots}`}`}>
      {place.words}
    </Link>
  )
}

function ProblemRow({ problem }: { readonly problem: Problem }) {
  const now = useNow(1_000)
  const node = useCore((core) => (problem.node === null ? null : (core.nodes[problem.node]?.name ?? problem.node.slice(0, 8))))
  const Icon = icons[problem.severity]
  return (
    <li className={styles.row} data-severity={problem.severity}>
      <Icon aria-hidden />
      <div>
        <div className={styles.top}>
          <b>{problem.title}</b>
          <span className={styles.since}>
            {node !== null && <>{node} · </>}since {formatAgo(now - problem.sinceMs).replace(' ago', '')}
          </span>
        </div>
        <span className="visually-hidden">Severity {problem.severity}.</span>
        <p className={styles.evidence}>{problem.evidence}</p>
        <ProblemLink problem={problem} />
        {problem.repair !== null && (
          <div className={styles.repair}>
            <CommandText>{problem.repair}</CommandText>
            <CopyButton text={problem.repair} label="Copy" what="repair command" />
          </div>
        )}
      </div>
    </li>
  )
}
