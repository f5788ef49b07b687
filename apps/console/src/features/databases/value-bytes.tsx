import { useMemo, useRef, useState } from 'react'
import { readableBytes } from '../../model/bytes.ts'
import { fromAnyBase64 } from '../../model/typed-bytes.ts'
import { bestForm, hexDump, indentedJson, plainText, type ValueForm } from '../../model/value-text.ts'
import { CopyButton } from '../../ui/command-text.tsx'
import { ScrollRegion } from '../../ui/scroll-region.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { useWidth } from '../../ui/use-width.ts'
import styles from './value-view.module.css'

/** Bytes as text, JSON or hexadecimal. The form that fits is chosen; the person may choose another. */
export function BytesView({
  bytes,
  label,
  compact = false
}: {
  readonly bytes: Uint8Array
  readonly label: string
  readonly compact?: boolean
}) {
  const [chosen, setChosen] = useState<ValueForm | null>(null)
  const frame = useRef<HTMLDivElement>(null)
  const width = useWidth(frame)
  const json = useMemo(() => indentedJson(bytes), [bytes])
  const form = chosen === 'json' && json === null ? 'text' : (chosen ?? bestForm(bytes))
  const text = useMemo(
    () =>
      form === 'hex' ? hexDump(bytes, width < 560 ? 8 : 16) : form === 'json' ? (json ?? '') : (plainText(bytes) ?? readableBytes(bytes)),
    [bytes, form, json, width]
  )
  return (
    <div ref={frame} className={styles.bytes} data-compact={compact || undefined}>
      <div className={styles.bytesHead}>
        <Segmented
          label={`${label} as`}
          value={form}
          segments={[
            { value: 'text', label: 'Text' },
            ...(json === null ? [] : [{ value: 'json' as const, label: 'JSON' }]),
            { value: 'hex', label: 'Hex' }
          ]}
          onChange={setChosen}
        />
        {form === 'text' && plainText(bytes) === null && <span className={styles.escaped}>binary, escaped</span>}
        <CopyButton text={text} label="Copy" what={label.toLowerCase()} />
      </div>
      <ScrollRegion className={styles.text} data-form={form} label={`${label}, its bytes`}>
        <pre>{text === '' ? '(empty)' : text}</pre>
      </ScrollRegion>
    </div>
  )
}

/** The pages of a string, joined. */
export function joinBytes(pages: readonly string[]): Uint8Array {
  const parts = pages.map(fromAnyBase64)
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
