import type { Role } from '@slotscope/observer/stream'

const words: Readonly<Record<Role, string>> = {
  viewer: 'viewer: looks and plans',
  operator: 'operator: moves and edits',
  admin: 'admin: accounts and clusters too'
}

/** The roles with what they may, from the least to the most. */
export function RoleOptions() {
  return (Object.keys(words) as Role[]).map((role) => (
    <option key={role} value={role}>
      {words[role]}
    </option>
  ))
}
