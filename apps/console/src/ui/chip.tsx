import type { ComponentProps } from 'react'
import styles from './controls.module.css'

/** A short fact in a pill. `tone` colours it; the words must say the same without the colour. */
export function Chip({ tone, className, ...rest }: ComponentProps<'span'> & { readonly tone?: 'ok' | 'warn' | 'bad' | undefined }) {
  return <span className={[styles.chip, tone ? styles[tone] : '', className].filter(Boolean).join(' ')} {...rest} />
}
