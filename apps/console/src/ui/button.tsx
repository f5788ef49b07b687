import type { ComponentProps } from 'react'
import styles from './controls.module.css'

export type ButtonProps = ComponentProps<'button'> & {
  /** `primary` once per view at most; `danger` for what loses work; `quiet` where the frame would be noise. */
  readonly look?: 'plain' | 'primary' | 'danger' | 'quiet'
  readonly size?: 'medium' | 'small'
  /** Only an icon is inside: give `aria-label`. */
  readonly icon?: boolean
}

export function Button({ look = 'plain', size = 'medium', icon = false, className, type = 'button', ...rest }: ButtonProps) {
  const names = [
    styles.button,
    look === 'plain' ? '' : styles[look],
    size === 'small' ? styles.small : '',
    icon ? styles.icon : '',
    className
  ]
  return <button type={type} className={names.filter(Boolean).join(' ')} {...rest} />
}
