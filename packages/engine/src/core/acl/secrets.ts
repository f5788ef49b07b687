import type { CommandDefinition } from '../commands/define-command.ts'
import type { Args } from '../resp/args.ts'

const SECRET_PARAMETERS = ['REQUIREPASS', 'PRIMARYAUTH', 'MASTERAUTH', 'PRIMARYUSER', 'MASTERUSER']

/** May this argument be shown in logs and to monitors? Names of users and passwords may not. */
export function isSecret({ name }: CommandDefinition, args: Args, index: number): boolean {
  switch (name) {
    case 'AUTH':
      return index > 0
    case 'HELLO':
      return (index > 2 && args.is(index - 1, 'AUTH')) || (index > 3 && args.is(index - 2, 'AUTH'))
    case 'ACL|SETUSER':
    case 'ACL|DELUSER':
    case 'ACL|GETUSER':
      return index > 1
    case 'CONFIG|SET':
      return index > 2 && index % 2 === 1 && SECRET_PARAMETERS.some((parameter) => args.is(index - 1, parameter))
    default:
      return false
  }
}
