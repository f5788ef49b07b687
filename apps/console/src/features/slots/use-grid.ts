import { type RefObject, useEffect, useState } from 'react'
import { COLUMNS, fitGrid, type GridGeometry, ROWS } from '../../model/slot-grid.ts'

/** Device pixels of a cell when zoomed in all the way: the canvas is 4,096 wide then, which every browser can hold. */
const widestCell = 32

/** The geometry of the map in its frame, renewed when the frame, the zoom or the pixel ratio changes. `zoom` 1 fits the frame. */
export function useGrid(
  frame: RefObject<HTMLElement | null>,
  zoom: number
): { readonly geometry: GridGeometry | null; readonly maxZoom: number } {
  const [size, setSize] = useState<{ readonly width: number; readonly height: number } | null>(null)
  const [ratio, setRatio] = useState(() => window.devicePixelRatio)
  useEffect(() => {
    if (!frame.current) return
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setSize({ width: Math.floor(entry.contentRect.width), height: Math.floor(entry.contentRect.height) })
    })
    observer.observe(frame.current)
    return () => observer.disconnect()
  }, [frame])
  useEffect(() => {
    const query = matchMedia(`(resolution: ${ratio}dppx)`)
    const onChange = () => setRatio(window.devicePixelRatio)
    query.addEventListener('change', onChange)
    return () => query.removeEventListener('change', onChange)
  }, [ratio])
  if (!size || size.width === 0) return { geometry: null, maxZoom: 1 }
  const fitted = fitGrid(size.width, size.height, ratio)
  const maxZoom = Math.max(1, Math.floor(widestCell / fitted.cellWidth))
  const factor = Math.min(zoom, maxZoom)
  if (factor === 1) return { geometry: fitted, maxZoom }
  return { geometry: fitGrid((fitted.cellWidth * factor * COLUMNS) / ratio, (fitted.cellHeight * factor * ROWS) / ratio, ratio), maxZoom }
}
