import { isPlainWord } from './bus/fields.ts'
import { IP_BYTES } from './bus/header.ts'

/**
 * What a node may announce of itself by its configuration. Everything here ends up between the spaces and commas of
 * nodes.conf and in other nodes' packets, so it is checked before it is taken. Each check gives the value, or what is wrong.
 */
type Checked = { readonly value: string } | { readonly problem: string }

export function checkHostname(value: string): Checked {
  if (value.length >= 256) return { problem: 'Hostnames must be less than 256 characters' }
  return /^[A-Za-z0-9.-]*$/.test(value) ? { value } : { problem: 'Hostnames may only contain alphanumeric characters, hyphens or dots' }
}

export function checkNodeName(value: string): Checked {
  return isPlainWord(value) ? { value } : { problem: 'Announced human node name contained invalid character' }
}

/** The reference takes any text, also one that its own nodes.conf cannot hold. */
export function checkZone(value: string): Checked {
  return isPlainWord(value) ? { value } : { problem: 'availability-zone contains invalid character' }
}

export function checkAnnouncedAddress(value: string): Checked {
  if (value.length >= IP_BYTES) return { problem: 'cluster-announce-ip is too long' }
  return isPlainWord(value) ? { value } : { problem: 'cluster-announce-ip contains invalid character' }
}

export function checkClientIpv4(value: string): Checked {
  return value === '' || isIpv4(value) ? { value } : { problem: 'Invalid IPv4 address' }
}

export function checkClientIpv6(value: string): Checked {
  return value === '' || isIpv6(value) ? { value } : { problem: 'Invalid IPv6 address' }
}

export function isIpAddress(text: string): boolean {
  return isIpv4(text) || isIpv6(text)
}

function isIpv4(text: string): boolean {
  return /^\d{1,3}(\.\d{1,3}){3}$/.test(text) && text.split('.').every((part) => Number(part) <= 255)
}

function isIpv6(text: string): boolean {
  if (!/^[0-9a-fA-F:]{2,39}$/.test(text)) return false
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  return groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) && (halves.length === 2 ? groups.length < 8 : groups.length === 8)
}
