import type { CommandDescription } from '@slotscope/observer/stream'
import { CornerDownLeft } from 'lucide-react'
import { type KeyboardEvent, useId, useRef, useState } from 'react'
import { usage } from '../../model/command-completion.ts'
import { Button } from '../../ui/button.tsx'
import styles from './command-line-room.module.css'
import type { CommandLine } from './use-command-line.ts'

/**
 * The line that is typed. Tab takes a suggestion; Up and Down walk the suggestions once one is chosen with Ctrl+Space or Down, and the
 * earlier lines otherwise; Enter sends; Escape closes the list.
 */
export function LineInput({ line }: { readonly line: CommandLine }) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [chosen, setChosen] = useState<number | null>(null)
  const [closed, setClosed] = useState(false)
  /** Place in the history, from its end; null: a line of its own. */
  const [past, setPast] = useState<number | null>(null)
  const { suggestions, command } = line.completion
  const open = !closed && past === null && suggestions.length > 0
  const take = (suggestion: CommandDescription) => {
    line.edit(`${suggestion.name} `)
    setChosen(null)
    input.current?.focus()
  }
  const recall = (step: number) => {
    const place = past === null ? (step > 0 ? 1 : null) : past + step
    if (place === null || place > line.history.length) return
    setPast(place < 1 ? null : place)
    line.edit(place < 1 ? '' : (line.history.at(-place) ?? ''))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const walks = open && chosen !== null
    if (event.key === 'Enter') {
      if (walks) take(suggestions[chosen]!)
      else {
        setPast(null)
        line.submit()
      }
    } else if (event.key === 'Tab' && open && !event.shiftKey) take(suggestions[chosen ?? 0]!)
    else if (event.key === ' ' && event.ctrlKey && suggestions.length > 0) {
      setClosed(false)
      setChosen(0)
    } else if (event.key === 'ArrowDown' && open) setChosen(chosen === null ? 0 : (chosen + 1) % suggestions.length)
    else if (event.key === 'ArrowUp' && walks) setChosen(chosen === 0 ? null : chosen - 1)
    else if (event.key === 'ArrowUp') recall(1)
    else if (event.key === 'ArrowDown') recall(-1)
    else if (event.key === 'Escape' && open) setClosed(true)
    else return
    event.preventDefault()
  }
  const hint = suggestions[chosen ?? -1] ?? command
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        line.submit()
      }}
    >
      {open && (
        <div role="listbox" id={`${id}-list`} aria-label="Commands" className={styles.suggestions}>
          {suggestions.map((suggestion, index) => (
            // biome-ignore lint/a11y: keys are handled by the input, which holds the focus
            <div
              key={suggestion.name}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === chosen}
              aria-disabled={suggestion.refusal !== null || undefined}
              className={styles.suggestion}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => take(suggestion)}
            >
              <code>{suggestion.name}</code>
              <span>{suggestion.refusal ?? suggestion.summary}</span>
            </div>
          ))}
        </div>
      )}
      <div className={styles.line}>
        <label htmlFor={id} className={styles.prompt}>
          <span className="visually-hidden">Command</span>
          <span aria-hidden="true">db{line.database} &gt;</span>
        </label>
        <input
          ref={input}
          id={id}
          role="combobox"
          aria-expanded={open}
          aria-controls={`${id}-list`}
          aria-activedescendant={open && chosen !== null ? `${id}-${chosen}` : undefined}
          aria-autocomplete="list"
          aria-describedby={`${id}-hint`}
          aria-invalid={line.problem !== null || undefined}
          autoComplete="off"
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
          placeholder="GET key"
          className={styles.input}
          value={line.text}
          onChange={(event) => {
            setClosed(false)
            setChosen(null)
            setPast(null)
            line.edit(event.target.value)
          }}
          onKeyDown={onKeyDown}
        />
        <Button type="submit" look="primary" disabled={line.text.trim() === '' || line.busy || line.off !== null}>
          <CornerDownLeft aria-hidden />
          {line.busy ? 'Waiting' : 'Send'}
        </Button>
      </div>
      <p
        id={`${id}-hint`}
        className={styles.hint}
        data-problem={line.off !== null || line.problem !== null || hint?.refusal != null || undefined}
      >
        {line.off ??
          line.problem ??
          (hint ? <Hint command={hint} /> : 'Arguments are split as valkey-cli splits them: quotes, \\xff for a byte.')}
      </p>
    </form>
  )
}

function Hint({ command }: { readonly command: CommandDescription }) {
  if (command.refusal !== null)
    return (
      <>
        <b>{command.name}</b> is not sent for your role: {command.refusal}
      </>
    )
  return (
    <>
      <code>
        {command.name} {usage(command)}
      </code>
      <span>
        {command.summary}
        {command.confirm ? ' It is confirmed with the name of the cluster.' : ''}
      </span>
    </>
  )
}
