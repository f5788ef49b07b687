import { type NodePlanState, type NodeStep, shellOf } from '@slotscope/observer/stream'
import { plural } from '../../model/format.ts'
import { useCore } from '../../stream/hooks.ts'
import { CommandText, CopyButton } from '../../ui/command-text.tsx'
import { CheckList } from '../slots/plan-body.tsx'
import styles from '../slots/plan-card.module.css'

/** More nodes than this are not named one by one. */
const namedInFull = 6

/** What a plan for nodes says, whoever made it: checks, then the steps with their exact commands. */
export function NodePlanBody({ plan }: { readonly plan: Pick<NodePlanState, 'checks' | 'steps'> }) {
  return (
    <>
      <CheckList label="Checks" checks={plan.checks} />
      {plan.steps.map((step, index) => (
        // Steps have no name of their own, and their order is what they are.
        // biome-ignore lint/suspicious/noArrayIndexKey: a plan's steps never change their places
        <StepText key={index} step={step} number={plan.steps.length > 1 ? index + 1 : null} />
      ))}
    </>
  )
}

function StepText({ step, number }: { readonly step: NodeStep; readonly number: number | null }) {
  const nodes = useCore((core) => core.nodes)
  const names = step.to.map((to) => (to.node === null ? undefined : nodes[to.node]?.name) ?? `${to.host}:${to.port}`)
  const who = names.length > namedInFull ? `${plural(names.length, 'node')}, each` : names.join(', ')
  return (
    <div className={styles.command}>
      <div className={styles.commandHead}>
        <span>
          {number !== null && `${number}. `}
          {step.host === undefined ? (
            <>
              to <b>{who}</b>
            </>
          ) : (
            <>
              the host {step.host === 'start' ? 'starts' : 'kills'} <b>{who}</b>
            </>
          )}
        </span>
        {step.host === undefined && <CopyButton text={shellOf(step).join('\n')} label="Copy" what="command for valkey-cli" />}
      </div>
      {step.host === undefined && <CommandText>{step.commands.map((command) => command.join(' ')).join('\n')}</CommandText>}
    </div>
  )
}
