/** Gives a file to the browser to save. */
export function saveFile(name: string, lines: readonly string[]): void {
  const address = URL.createObjectURL(new Blob([...lines], { type: 'application/x-ndjson' }))
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The download has begun by then, and holds what it needs.
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}
