import type { CoreState } from '@slotscope/observer/stream'
import { Gauge } from 'lucide-react'
import { useMemo } from 'react'
import { Button } from '../../ui/button.tsx'
import { CommandText, CopyButton } from '../../ui/command-text.tsx'
import { useNodeDesk } from '../topology/node-desk.ts'
import { NodePlanCard } from '../topology/node-plan-card.tsx'
import styles from './figure-off.module.css'
import { type MapFigure, useStage } from './room-context.ts'

const names: Record<Exclude<MapFigure, 'owner' | 'keys'>, string> = { cpu: 'CPU', 'bytes-in': 'Bytes in', 'bytes-out': 'Bytes out' }

/** Why a figure is not there, what turning it on costs, and the commands that do it. */
export function FigureOff({ figure, known }: { readonly figure: MapFigure; readonly known: boolean }) {
  const { nodes, setFigure } = useStage()
  const desk = useNodeDesk()
  const commands = useMemo(() => commandsFor(nodes), [nodes])
  if (figure === 'owner' || figure === 'keys') return null
  if (desk.draft)
    return (
      <div className={styles.veil}>
        <div className={styles.plan}>
          <NodePlanCard desk={desk} draft={desk.draft} />
        </div>
      </div>
    )
  return (
    <div className={styles.veil}>
      <div className={styles.card} role="note" aria-label={`${names[figure]} per slot is off`}>
        <h3>
          <Gauge aria-hidden />
          {names[figure]} per slot is {known ? 'off' : 'not readable'}
        </h3>
        <p>
          Servers count CPU and bytes per slot only with <code>cluster-slot-stats-enabled yes</code>.{' '}
          {known
            ? 'It costs a few percent of throughput, and counting begins when it is turned on.'
            : 'The setting could not be read: CONFIG GET needs the permission +config|get.'}
        </p>
        <p>
          Turn it on for {commands.length === 1 ? 'the one node' : `all ${commands.length} nodes`}, replicas too, so that the figures
          survive a failover:
        </p>
        <CommandText>{commands.join('\n')}</CommandText>
        <div className={styles.actions}>
          <Button size="small" look="quiet" onClick={() => setFigure('owner')}>
            Back to owner
          </Button>
          <CopyButton
            text={commands.join('\n')}
            label={`Copy ${commands.length === 1 ? 'the command' : `all ${commands.length}`}`}
            what="commands"
          />
          {known && (
            <Button
              size="small"
              look="primary"
              onClick={() => desk.ask({ kind: 'config', parameter: 'cluster-slot-stats-enabled', value: 'yes' })}
            >
              Turn on…
            </Button>
          )}
        </div>
      </div>
    </div>
  )
}

function commandsFor(nodes: CoreState['nodes']): string[] {
  return Object.values(nodes)
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
    .map((node) => `valkey-cli -h ${node.host} -p ${node.port} CONFIG SET cluster-slot-stats-enabled yes`)
}
