import { TriangleAlert } from 'lucide-react'
import { useCore } from '../../stream/hooks.ts'
import { Button } from '../../ui/button.tsx'
import { useQueryParameter } from '../../ui/query-parameter.ts'
import styles from './nodes-room.module.css'

/** What must not differ between nodes and does, as Health has it, and the way there. */
export function UnequalNodes() {
  const health = useCore((core) => core.health)
  const [, setHealth] = useQueryParameter('health')
  const problems = [health.versions, health['cluster-databases']].flatMap((problem) => problem ?? [])
  if (problems.length === 0) return null
  return (
    <div className={styles.unequal} role="status">
      <TriangleAlert aria-hidden />
      <div>
        {problems.map(({ id, title, evidence }) => (
          <p key={id}>
            <b>{title}</b>: {evidence}
          </p>
        ))}
      </div>
      <Button size="small" onClick={() => setHealth('open')}>
        See Health
      </Button>
    </div>
  )
}
