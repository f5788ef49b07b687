import { type ComponentProps, type ReactNode, useId } from 'react'
import styles from './text-field.module.css'

/** One line of text with its label. `bare` hides the label from the eye where the place says it; readers still have it. */
export function TextField(
  props: ComponentProps<'input'> & {
    readonly label: string
    readonly bare?: boolean
    readonly mono?: boolean
    readonly problem?: string | null
  }
) {
  const { label, bare = false, mono = false, problem = null, className, ...rest } = props
  const id = useId()
  return (
    <span className={[styles.field, className].filter(Boolean).join(' ')}>
      <label htmlFor={id} className={bare ? 'visually-hidden' : styles.label}>
        {label}
      </label>
      <input
        id={id}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        aria-invalid={problem !== null || undefined}
        aria-describedby={problem !== null ? `${id}-problem` : undefined}
        className={mono ? `${styles.input} mono` : styles.input}
        {...rest}
      />
      {problem !== null && (
        <span id={`${id}-problem`} role="alert" className={styles.problem}>
          {problem}
        </span>
      )}
    </span>
  )
}

/** Several lines of text with their label: a list, or what was pasted. */
export function TextAreaField(props: ComponentProps<'textarea'> & { readonly label: string; readonly hint?: string }) {
  const { label, hint, className, ...rest } = props
  const id = useId()
  return (
    <span className={[styles.field, styles.tall, className].filter(Boolean).join(' ')}>
      <label htmlFor={id} className={styles.label}>
        {label}
      </label>
      <textarea
        id={id}
        rows={2}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        className={`${styles.input} mono`}
        {...rest}
      />
      {hint !== undefined && (
        <span id={`${id}-hint`} className={styles.hint}>
          {hint}
        </span>
      )}
    </span>
  )
}

/** One of several, with its label. */
export function SelectField(
  props: ComponentProps<'select'> & { readonly label: string; readonly bare?: boolean; readonly children: ReactNode }
) {
  const { label, bare = false, className, children, ...rest } = props
  const id = useId()
  return (
    <span className={[styles.field, className].filter(Boolean).join(' ')}>
      <label htmlFor={id} className={bare ? 'visually-hidden' : styles.label}>
        {label}
      </label>
      <select id={id} className={styles.input} {...rest}>
        {children}
      </select>
    </span>
  )
}
