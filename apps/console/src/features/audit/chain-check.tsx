import type { AuditVerdict } from '@slotscope/observer/stream'
import { useMutation } from '@tanstack/react-query'
import { Link2, Link2Off, ShieldCheck } from 'lucide-react'
import { type FormEvent, useMemo, useState } from 'react'
import { ask } from '../../api/client.ts'
import { formatCount, plural } from '../../model/format.ts'
import { useCommands } from '../../shell/commands.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/command-text.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { TextField } from '../../ui/text-field.tsx'
import styles from './audit-room.module.css'

/** Whether the chain holds from the first line to the last, asked on demand: the whole file is read for it. */
export function ChainCheck() {
  const announce = useAnnounce()
  const [noted, setNoted] = useState('')
  const hash = noted.trim().toLowerCase()
  const problem = hash === '' || /^[0-9a-f]{64}$/.test(hash) ? null : 'A hash has 64 digits 0-9 and a-f.'
  const check = useMutation({
    mutationFn: () => ask<AuditVerdict>(`/api/audit/verify${hash === '' ? '' : `?noted=${hash}`}`),
    onSuccess: (verdict) => announce(headOf(verdict))
  })
  const { mutate } = check
  useCommands(useMemo(() => [{ id: 'verify-audit', label: 'Verify the chain of the audit', words: 'hash intact', run: mutate }], [mutate]))
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (problem === null) mutate()
  }
  return (
    <section className={styles.check} aria-label="The chain of the audit">
      <form onSubmit={submit}>
        <TextField
          label="Hash noted elsewhere"
          placeholder="optional: its line must be there too"
          mono
          value={noted}
          problem={problem}
          onChange={(event) => setNoted(event.target.value)}
          className={styles.noted}
        />
        <Button type="submit" disabled={check.isPending || problem !== null}>
          <ShieldCheck aria-hidden />
          {check.isPending ? 'Reading every line…' : 'Verify the chain'}
        </Button>
      </form>
      {check.isError && <FailureNote what="verify the audit" error={check.error} onRetry={() => check.mutate()} />}
      {check.data && <Verdict verdict={check.data} />}
    </section>
  )
}

function Verdict({ verdict }: { readonly verdict: AuditVerdict }) {
  const { problem, lines, lastHash } = verdict
  return (
    <div className={styles.verdict} data-broken={problem !== null || undefined}>
      {problem === null ? <Link2 aria-hidden /> : <Link2Off aria-hidden />}
      <div>
        <b>{headOf(verdict)}</b>
        {problem !== null && (
          <p>
            In line {formatCount(problem.line)}: {problem.words}.{' '}
            {lines === 0 ? 'No line before it fits.' : `The ${plural(lines, 'line')} before it ${lines === 1 ? 'fits' : 'fit'}.`} Whatever
            follows it cannot be trusted either.
          </p>
        )}
        {problem === null && lastHash !== null && (
          <p>
            Each line holds the hash of the one before. The last hash is <code>{lastHash}</code>: noted elsewhere, it tells later whether
            the end was cut off.
          </p>
        )}
      </div>
      {problem === null && lastHash !== null && <CopyButton text={lastHash} label="Copy" what="last hash" />}
    </div>
  )
}

function headOf({ problem, lines }: AuditVerdict): string {
  if (problem !== null) return `Broken at line ${formatCount(problem.line)}`
  return lines === 0 ? 'Intact: there is no line yet' : `Intact: all ${plural(lines, 'line')}, from the first to the last`
}
