import { TriangleAlert } from 'lucide-react'
import { Component, type ReactNode } from 'react'
import { wordsOf } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'

type State = { readonly error: unknown }

/** A room that breaks says so and leaves the rest of the console standing. A module that fails to load lands here too. */
export class RoomBoundary extends Component<{ readonly label: string; readonly children: ReactNode }, State> {
  override state: State = { error: null }

  static getDerivedStateFromError(error: unknown): State {
    return { error }
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children
    return (
      <EmptyState
        icon={<TriangleAlert aria-hidden />}
        title={`${this.props.label} could not be drawn`}
        action={<Button onClick={() => this.setState({ error: null })}>Try again</Button>}
      >
        {wordsOf(this.state.error)}
      </EmptyState>
    )
  }
}
