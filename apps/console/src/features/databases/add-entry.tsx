import { Plus, X } from 'lucide-react'
import { useState } from 'react'
import { toBase64Url } from '../../model/bytes.ts'
import { bytesOfText } from '../../model/typed-bytes.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { EditStep } from './edit-step.tsx'
import styles from './stream.module.css'

type Pair = { readonly id: number; readonly field: string; readonly value: string }

/** A new entry: its id, and fields with values in their order. Bytes can be typed as `\xff`. */
export function AddEntry(props: {
  readonly database: number
  readonly keyName: string
  readonly onClose: () => void
  readonly onChanged: () => void
}) {
  const [id, setId] = useState('*')
  const [pairs, setPairs] = useState<readonly Pair[]>([{ id: 0, field: '', value: '' }])
  const change = (at: number, part: Partial<Pair>) => setPairs(pairs.map((pair) => (pair.id === at ? { ...pair, ...part } : pair)))
  const typed = id.trim()
  const isId = /^(\*|\d{1,20}(-(\d{1,20}|\*))?)$/.test(typed)
  const bytes = (text: string) => toBase64Url(bytesOfText(text))
  const complete = isId && pairs.some(({ field, value }) => field !== '' || value !== '')
  return (
    <EditStep
      action="Add the entry"
      done="Entry added"
      request={
        complete
          ? {
              kind: 'stream-add',
              body: {
                database: props.database,
                key: props.keyName,
                id: typed,
                fields: pairs.map(({ field, value }) => [bytes(field), bytes(value)])
              }
            }
          : null
      }
      note="The key’s expiry stays. Bytes can be typed as \xff."
      onClose={props.onClose}
      onChanged={props.onChanged}
    >
      <TextField
        label="Id, * for the server’s clock"
        mono
        value={id}
        maxLength={41}
        problem={isId ? null : 'An id is *, milliseconds, or milliseconds-sequence.'}
        onChange={(event) => setId(event.target.value)}
      />
      {pairs.map((pair, index) => (
        <div key={pair.id} className={styles.pair}>
          <TextField
            label={`Field ${index + 1}`}
            bare
            mono
            placeholder="field"
            value={pair.field}
            onChange={(event) => change(pair.id, { field: event.target.value })}
          />
          <TextField
            label={`Value ${index + 1}`}
            bare
            mono
            placeholder="value"
            value={pair.value}
            onChange={(event) => change(pair.id, { value: event.target.value })}
          />
          <Button
            size="small"
            look="quiet"
            icon
            aria-label={`Leave out field ${index + 1}`}
            disabled={pairs.length === 1}
            onClick={() => setPairs(pairs.filter(({ id: other }) => other !== pair.id))}
          >
            <X aria-hidden />
          </Button>
        </div>
      ))}
      <span>
        <Button
          size="small"
          disabled={pairs.length >= 100}
          onClick={() => setPairs([...pairs, { id: (pairs.at(-1)?.id ?? 0) + 1, field: '', value: '' }])}
        >
          <Plus aria-hidden />
          Another field
        </Button>
      </span>
    </EditStep>
  )
}
