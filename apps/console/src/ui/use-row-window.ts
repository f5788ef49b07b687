import { type RefObject, useLayoutEffect, useState } from 'react'
import { type RowWindow, rowWindow, scrollTo } from '../model/row-window.ts'

/** Rows drawn beyond either end of what is in sight. */
const MARGIN = 10

/**
 * Rows of one height, drawn only where they are in sight, in a list of millions: a virtualizer that keeps a measure of each row takes
 * longer than a frame for that many, each time that one is added.
 */
export function useRowWindow(
  scroll: RefObject<HTMLDivElement | null>,
  count: number,
  rowPx: number
): {
  readonly rows: RowWindow
  /** Never more rows than these at once: a row's index modulo this names the element that it is drawn with. */
  readonly drawn: number
  readonly reveal: (index: number) => void
  readonly viewPx: number
} {
  const [place, setPlace] = useState({ scrollPx: 0, viewPx: 0 })
  useLayoutEffect(() => {
    const box = scroll.current
    if (!box) return
    const read = () =>
      setPlace((held) =>
        held.scrollPx === box.scrollTop && held.viewPx === box.clientHeight ? held : { scrollPx: box.scrollTop, viewPx: box.clientHeight }
      )
    read()
    const sized = new ResizeObserver(read)
    sized.observe(box)
    box.addEventListener('scroll', read, { passive: true })
    return () => {
      sized.disconnect()
      box.removeEventListener('scroll', read)
    }
  }, [scroll])
  const frame = { count, rowPx, ...place }
  return {
    rows: rowWindow(frame, MARGIN),
    drawn: Math.ceil(place.viewPx / rowPx) + 1 + 2 * MARGIN,
    viewPx: place.viewPx,
    reveal: (index) => {
      const box = scroll.current
      if (box) box.scrollTop = scrollTo(index, { ...frame, scrollPx: box.scrollTop })
    }
  }
}
