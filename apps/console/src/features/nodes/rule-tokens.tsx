import { X } from 'lucide-react'
import { type KeyboardEvent, useState } from 'react'
import { type RuleKind, typedRules, withRules } from '../../model/user-draft.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/text-field.tsx'
import styles from './user-form.module.css'

/** Rules of one kind as tokens: typed and added by Enter, taken away by their cross, or the last one by Backspace in an empty field. */
export function RuleTokens(props: {
  readonly kind: RuleKind
  readonly label: string
  readonly placeholder: string
  /** What it means that there is none. */
  readonly none?: string
  readonly rules: readonly string[]
  readonly onChange: (rules: readonly string[]) => void
}) {
  const { kind, rules, onChange } = props
  const announce = useAnnounce()
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const add = () => {
    const typed = typedRules(kind, text)
    if ('problem' in typed) {
      setProblem(typed.problem)
      return
    }
    setProblem(null)
    setText('')
    if (typed.rules.length === 0) return
    onChange(withRules(kind, rules, typed.rules))
    announce(`${typed.rules.join(' ')} added`)
  }
  const remove = (rule: string) => {
    onChange(rules.filter((one) => one !== rule))
    announce(`${rule} taken away`)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      event.preventDefault()
      add()
    }
    const last = rules.at(-1)
    if (event.key === 'Backspace' && text === '' && last !== undefined) remove(last)
  }
  return (
    <div className={styles.stack}>
      {rules.length === 0 && props.none && <span className={styles.hint}>{props.none}</span>}
      {rules.length > 0 && (
        <ul className={styles.tokens} aria-label={props.label}>
          {rules.map((rule) => (
            <li key={rule}>
              <code>{rule}</code>
              <button type="button" aria-label={`Take ${rule} away`} onClick={() => remove(rule)}>
                <X aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
      <div className={styles.line}>
        <TextField
          label={`Add to ${props.label.toLowerCase()}`}
          bare
          mono
          className={styles.grow}
          placeholder={props.placeholder}
          value={text}
          problem={problem}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={onKeyDown}
          onBlur={add}
        />
        <Button size="small" onClick={add}>
          Add
        </Button>
      </div>
    </div>
  )
}
