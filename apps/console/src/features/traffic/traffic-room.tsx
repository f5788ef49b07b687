import { Panel } from '../../ui/panel.tsx'
import Strip from './strip.tsx'

/** What clients notice, at full size. */
export default function TrafficRoom() {
  return (
    <Panel title="What clients notice">
      <Strip />
    </Panel>
  )
}
