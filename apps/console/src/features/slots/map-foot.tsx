import { KeyRound, ZoomIn, ZoomOut } from 'lucide-react'
import { memo } from 'react'
import { type FigureScale, type ScaleKind, STEPS } from '../../model/figure-scale.ts'
import { formatBytes, formatCompact, formatCount } from '../../model/format.ts'
import { Button } from '../../ui/button.tsx'
import { Kbd } from '../../ui/kbd.tsx'
import { ShardBadge } from '../../ui/shard-badge.tsx'
import { useStage } from './room-context.ts'
import styles from './slot-map.module.css'

const names = {
  keys: 'keys per slot, all databases',
  cpu: 'CPU per slot',
  'bytes-in': 'bytes in per slot',
  'bytes-out': 'bytes out per slot'
} as const

/** The legend: who is which colour, or what which lightness means with its maximum in words. */
export const MapFoot = memo(function MapFoot(props: {
  readonly scale: FigureScale | null
  readonly scaleKind: ScaleKind
  readonly onScaleKind: (kind: ScaleKind) => void
  readonly onTable: () => void
  readonly zoom: number
  readonly maxZoom: number
  readonly onZoom: (zoom: number) => void
}) {
  const { figure, owners, finder } = useStage()
  return (
    <div className={styles.foot}>
      {figure === 'owner' || !props.scale ? (
        <ul className={styles.legend} aria-label="Shards by colour">
          {owners.order.slice(0, owners.order.length > 8 ? 4 : 8).map((shard) => (
            <li key={shard.key}>
              <ShardBadge label={shard.label} color={shard.color} small />
              {formatCount(shard.slotCount)}
            </li>
          ))}
          {owners.order.length > 8 && <li>and {formatCount(owners.order.length - 4)} more</li>}
        </ul>
      ) : (
        <ScaleLegend scale={props.scale} figure={figure} kind={props.scaleKind} onKind={props.onScaleKind} />
      )}
      <div className={styles.footRight}>
        {props.maxZoom > 1 && (
          <span className={styles.zoom}>
            <Button
              size="small"
              look="quiet"
              icon
              aria-label="Zoom out"
              disabled={props.zoom <= 1}
              onClick={() => props.onZoom(props.zoom - 1)}
            >
              <ZoomOut aria-hidden />
            </Button>
            <Button
              size="small"
              look="quiet"
              icon
              aria-label="Zoom in"
              disabled={props.zoom >= props.maxZoom}
              onClick={() => props.onZoom(props.zoom + 1)}
            >
              <ZoomIn aria-hidden />
            </Button>
          </span>
        )}
        <Button
          size="small"
          look="quiet"
          aria-pressed={finder.keys !== null}
          onClick={() => finder.set(finder.keys === null ? [] : null)}
          title="Which slot is a key in, and who serves it?"
        >
          <KeyRound aria-hidden />
          Find key <Kbd>F</Kbd>
        </Button>
        <Button size="small" look="quiet" onClick={props.onTable} title="The same ranges as a table">
          Table <Kbd>T</Kbd>
        </Button>
      </div>
    </div>
  )
})

function ScaleLegend(props: {
  readonly scale: FigureScale
  readonly figure: keyof typeof names
  readonly kind: ScaleKind
  readonly onKind: (kind: ScaleKind) => void
}) {
  const { scale, figure } = props
  const write = figure === 'keys' ? formatCompact : figure === 'cpu' ? (value: number) => `${formatCompact(value)} µs` : formatBytes
  const middle = scale.from[Math.ceil(STEPS / 2)] ?? 0
  return (
    <div className={styles.scale}>
      <span className={styles.scaleName}>{names[figure]}</span>
      <span className={styles.scaleEnd}>0</span>
      <span className={styles.ramp} aria-hidden="true">
        {Array.from({ length: STEPS + 1 }, (_, step) => (
          <i key={stepKey(step)} style={{ opacity: step === 0 ? 0.07 : 0.2 + (0.8 * step) / STEPS }} />
        ))}
      </span>
      <span className={styles.scaleEnd} title={`The middle of the scale is ${write(Math.round(middle))}`}>
        max {write(scale.max)}
      </span>
      <button
        type="button"
        className={styles.scaleKind}
        onClick={() => props.onKind(props.kind === 'log' ? 'quantile' : 'log')}
        title="Change how values become lightness"
      >
        {props.kind === 'log' ? 'log scale' : 'by rank'}
      </button>
    </div>
  )
}

const stepKey = (step: number) => `step-${step}`
