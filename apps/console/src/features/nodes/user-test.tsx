import { splitLine, type UserTestAnswer, type UserTestRequest } from '@slotscope/observer/stream'
import { useMutation } from '@tanstack/react-query'
import { CircleCheck, CircleQuestionMark, CircleSlash } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { post } from '../../api/client.ts'
import { someNames } from '../../model/setting-rows.ts'
import { testLines, testWords } from '../../model/user-rows.ts'
import { useCluster } from '../../stream/hooks.ts'
import { useAnnounce } from '../../ui/announcer.tsx'
import { Button } from '../../ui/button.tsx'
import { FailureNote } from '../../ui/failure-note.tsx'
import { Panel } from '../../ui/panel.tsx'
import { SelectField, TextField } from '../../ui/text-field.tsx'
import styles from './nodes-room.module.css'

const icons = { allowed: CircleCheck, refused: CircleSlash, unknown: CircleQuestionMark } as const
const outcomes = { allowed: 'Allowed', refused: 'Refused', unknown: 'Cannot say' } as const

/** Whether a user may run a command, by ACL DRYRUN at every node. Nothing is run. */
export function UserTest({ users, names }: { readonly users: readonly string[]; readonly names: ReadonlyMap<string, string> }) {
  const { id } = useCluster()
  const announce = useAnnounce()
  const [user, setUser] = useState(users[0] ?? '')
  const [line, setLine] = useState('')
  const [problem, setProblem] = useState<string | null>(null)
  const test = useMutation({
    mutationFn: (request: UserTestRequest) => post<UserTestAnswer>(`/api/clusters/${encodeURIComponent(id)}/nodes/users/test`, request),
    onSuccess: (answer) => announce(testWords(testLines(answer, names)))
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const split = splitLine(line)
    if ('problem' in split || split.argv.length === 0) {
      setProblem('problem' in split ? 'a quote is not closed' : 'type a command')
      return
    }
    setProblem(null)
    test.mutate({ user, argv: split.argv.map((word) => new TextDecoder().decode(word)) })
  }
  return (
    <Panel title="May this user run it?" note="ACL DRYRUN at every node: nothing is run">
      <form onSubmit={submit} className={styles.filters}>
        <SelectField label="As" value={user} onChange={(event) => setUser(event.target.value)}>
          {users.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </SelectField>
        <TextField
          label="Command to test"
          mono
          className={styles.line}
          placeholder="SET some:key value"
          value={line}
          problem={problem}
          onChange={(event) => setLine(event.target.value)}
        />
        <Button type="submit" disabled={test.isPending}>
          Test
        </Button>
      </form>
      {test.isError && <FailureNote what="test the user" error={test.error} />}
      {test.data && (
        <ul className={styles.outcomes} aria-label="What the nodes say">
          {testLines(test.data, names).map(({ outcome, words, nodes }) => {
            const Icon = icons[outcome]
            return (
              <li key={nodes[0]} data-outcome={outcome}>
                <Icon aria-hidden />
                <span>
                  <b>{outcomes[outcome]}</b> <span title={nodes.join(', ')}>{someNames(nodes, 6)}</span>
                  {words !== '' && <>: {words}</>}
                </span>
              </li>
            )
          })}
        </ul>
      )}
    </Panel>
  )
}
