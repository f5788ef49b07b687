import { useTopic } from '../../stream/hooks.ts'
import { Bands } from './traffic-bands.tsx'

/** What clients notice, under the jobs of the slot room: the last two minutes, small. */
export default function Strip() {
  const traffic = useTopic('traffic')
  return <Bands traffic={traffic?.state ?? null} spanMs={120_000} size="compact" />
}
