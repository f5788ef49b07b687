import type { ComponentProps } from 'react'

/** A part that scrolls by itself: named, and reachable by keys, or nobody without a pointer could read it to its end. */
export function ScrollRegion({ label, ...rest }: Omit<ComponentProps<'section'>, 'aria-label' | 'tabIndex'> & { readonly label: string }) {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys (axe: scrollable-region-focusable)
  return <section {...rest} aria-label={label} tabIndex={0} />
}
