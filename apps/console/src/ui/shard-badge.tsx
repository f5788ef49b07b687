import type { CSSProperties } from 'react'
import styles from './controls.module.css'

/** The letter of a shard on its hue; past eight shards a bar tells the rounds apart. Beside a name it is hidden from readers. */
export function ShardBadge(props: { readonly label: string; readonly color: number; readonly small?: boolean }) {
  const round = roundOf(props.label)
  return (
    <span
      aria-hidden="true"
      className={[styles.badge, props.small ? styles.badgeSmall : ''].filter(Boolean).join(' ')}
      data-round={round > 0 ? round : undefined}
      style={shardStyle(props.color)}
    >
      {props.label}
    </span>
  )
}

/** Sets `--shard` to the hue of a shard for an element and all inside it. */
export function shardStyle(color: number): CSSProperties {
  return { '--shard': `var(--shard-${color % 8})` } as CSSProperties
}

/** How often the eight hues were used up before this label: A..H 0, I..P 1, Q..X 2, and so on (Z is followed by A2). */
export function roundOf(label: string): number {
  const letter = label.charCodeAt(0) - 65
  const turn = Number(label.slice(1) || '1') - 1
  if (letter < 0 || letter > 25 || Number.isNaN(turn)) return 0
  return Math.floor((turn * 26 + letter) / 8)
}
