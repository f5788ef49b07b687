import { useState } from 'react'
import { useTopic } from '../../stream/hooks.ts'
import { Panel } from '../../ui/panel.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { CurrentFigures } from './current-figures.tsx'
import { NodeFigures } from './node-figures.tsx'
import { Bands } from './traffic-bands.tsx'
import styles from './traffic-room.module.css'

const spans = [
  { value: '60000', label: '1 min' },
  { value: '120000', label: '2 min' },
  { value: '300000', label: '5 min' }
] as const

/** What clients notice, at full size, with the current figures as a table and node by node. */
export function FiguresView() {
  const traffic = useTopic('traffic')
  const [span, setSpan] = useState<(typeof spans)[number]['value']>('120000')
  return (
    <>
      <Panel title="What clients notice" actions={<Segmented label="Time shown" value={span} segments={spans} onChange={setSpan} />}>
        <Bands traffic={traffic?.state ?? null} spanMs={Number(span)} size="large" />
      </Panel>
      <div className={styles.tables}>
        <Panel title="Now" note="the newest reading of each band">
          <CurrentFigures traffic={traffic?.state ?? null} />
        </Panel>
        <Panel title="By node" note="as each node reports it">
          <NodeFigures />
        </Panel>
      </div>
    </>
  )
}
