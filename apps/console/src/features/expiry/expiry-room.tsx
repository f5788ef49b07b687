import { formatCount } from '../../model/format.ts'
import { useTopic } from '../../stream/hooks.ts'
import { Panel } from '../../ui/panel.tsx'

/** What expires, and when. */
export default function ExpiryRoom() {
  const expiry = useTopic('expiry')
  return (
    <Panel title="What expires">
      <p>{formatCount(expiry?.state.keysWithExpiry ?? null)} keys have an expiry.</p>
      <p>{formatCount(expiry?.state.hashesWithVolatileFields ?? null)} hashes hold fields with an expiry.</p>
    </Panel>
  )
}
