/** The address of a room of a cluster. Apart from the list of rooms, so that a room may link to another. */
export function roomPath(clusterId: string, room: string): string {
  return `/clusters/${encodeURIComponent(clusterId)}/${room}`
}
