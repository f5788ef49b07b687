import { type RefObject, useEffect, useLayoutEffect, useMemo, useState } from 'react'
import { layOutMap, type MapLayout } from '../../model/map-layout.ts'

/**
 * The layout of the map in the room, renewed when the room, the zoom or the pixel ratio changes. `columns` is the element that
 * holds the map's panel and everything beside it; `legend` says whether there is one beneath the map.
 */
export function useMapLayout(columns: RefObject<HTMLElement | null>, zoom: number, legend: boolean): MapLayout | null {
  const [size, setSize] = useState<{ readonly width: number; readonly height: number } | null>(null)
  const [typeScale, setTypeScale] = useState(1)
  const [ratio, setRatio] = useState(() => window.devicePixelRatio)
  useLayoutEffect(() => {
    if (!columns.current) return
    const read = (rect: DOMRectReadOnly) => {
      // The type may have grown with the room: both are read in one go.
      setTypeScale(Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16)
      const [width, height] = [Math.floor(rect.width), Math.floor(rect.height)]
      setSize((held) => (held?.width === width && held.height === height ? held : { width, height }))
    }
    // Not only when the observer is first called: the map is there with the first picture of the room.
    read(columns.current.getBoundingClientRect())
    const observer = new ResizeObserver(([entry]) => entry && read(entry.contentRect))
    observer.observe(columns.current)
    return () => observer.disconnect()
  }, [columns])
  useEffect(() => {
    const query = matchMedia(`(resolution: ${ratio}dppx)`)
    const onChange = () => setRatio(window.devicePixelRatio)
    query.addEventListener('change', onChange)
    return () => query.removeEventListener('change', onChange)
  }, [ratio])
  return useMemo(
    () =>
      size && size.width > 0
        ? layOutMap({
            ...size,
            pixelRatio: ratio,
            narrow: innerWidth < 900,
            coarse: matchMedia('(pointer: coarse)').matches,
            typeScale,
            legend,
            zoom
          })
        : null,
    [size, ratio, zoom, typeScale, legend]
  )
}
