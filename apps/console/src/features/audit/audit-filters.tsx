import { outcomeWords, verbWords } from '../../model/audit-words.ts'
import { Button } from '../../ui/button.tsx'
import { SettledField } from '../../ui/settled-field.tsx'
import { SelectField, TextField } from '../../ui/text-field.tsx'
import styles from './audit-room.module.css'
import { type FilterState, spans } from './use-audit-filter.ts'

/** Who, what, what came of it, when, and words. All of it stands in the address. */
export function AuditFilters({ state }: { readonly state: FilterState }) {
  const clear = () => {
    for (const set of [state.setUser, state.setVerb, state.setOutcome, state.setSpan, state.setFrom, state.setTo, state.setText]) set(null)
  }
  return (
    <search className={styles.filters}>
      <SettledField label="Person" placeholder="anybody" value={state.user} onSettle={state.setUser} className={styles.person} />
      <SelectField label="Kind" value={state.verb} onChange={(event) => state.setVerb(event.target.value)}>
        <option value="">everything</option>
        {Object.entries(verbWords).map(([verb, words]) => (
          <option key={verb} value={verb}>
            {words}
          </option>
        ))}
      </SelectField>
      <SelectField label="Outcome" value={state.outcome} onChange={(event) => state.setOutcome(event.target.value)}>
        <option value="">any</option>
        {Object.entries(outcomeWords).map(([outcome, words]) => (
          <option key={outcome} value={outcome}>
            {words}
          </option>
        ))}
      </SelectField>
      <SelectField label="Time" value={state.span} onChange={(event) => state.setSpan(event.target.value)}>
        <option value="">any</option>
        {Object.entries(spans).map(([span, { words }]) => (
          <option key={span} value={span}>
            {words}
          </option>
        ))}
        <option value="between">Between…</option>
      </SelectField>
      {state.span === 'between' && (
        <>
          <TextField type="datetime-local" label="From" value={state.from} onChange={(event) => state.setFrom(event.target.value)} />
          <TextField type="datetime-local" label="to" value={state.to} onChange={(event) => state.setTo(event.target.value)} />
        </>
      )}
      <SettledField
        label="Words"
        placeholder="a command, a node, an address…"
        value={state.text}
        onSettle={state.setText}
        className={styles.words}
      />
      {state.isFiltered && (
        <Button look="quiet" size="small" onClick={clear}>
          Show everything
        </Button>
      )}
    </search>
  )
}
