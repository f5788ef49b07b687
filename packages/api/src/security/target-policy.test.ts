import { describe, expect, test } from 'vitest'
import { ForbiddenTargetError, TargetPolicy } from './target-policy.ts'

const OWN_PORT = 7_400

/** A resolver of the test's own, so that nothing depends on the names of a machine; numbers in any form are the system's to read. */
const names: Readonly<Record<string, readonly string[]>> = {
  'valkey.example': ['10.1.2.3'],
  'two.example': ['10.1.2.3', 'fd12::3'],
  'inside.example': ['127.0.0.1'],
  'half.example': ['10.1.2.3', '127.0.0.1'],
  'inside.example.': ['127.0.0.1'],
  'meta.example': ['169.254.169.254'],
  'xn--bcher-kva.example': ['::ffff:127.0.0.1']
}

function policyOf(allowLocal: boolean, resolve?: (host: string) => Promise<readonly string[]>): TargetPolicy {
  return new TargetPolicy({ allowLocal, ownPort: () => OWN_PORT, ...(resolve === undefined ? {} : { resolve }) })
}

const byTable = async (host: string): Promise<readonly string[]> => {
  const found = names[host]
  if (found === undefined) throw new Error(`getaddrinfo ENOTFOUND ${host}`)
  return found
}

describe('[T5] addresses that a profile made on screen may not lead to', () => {
  // What the system itself makes of a number in any form; none of these asks a name server.
  test.each([
    ['127.0.0.1', 'loopback'],
    ['127.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['2130706433', 'loopback'],
    ['0x7f000001', 'loopback'],
    ['0x7f.0.0.1', 'loopback'],
    ['0177.0.0.1', 'loopback'],
    ['0177.0x0.0.1', 'loopback'],
    ['017700000001', 'loopback'],
    ['１２７.０.０.１', 'loopback'],
    ['①②⑦.⓪.⓪.①', 'loopback'],
    ['127。0。0。1', 'loopback'],
    ['localhost', 'loopback'],
    ['LOCALHOST', 'loopback'],
    ['ｌｏｃａｌｈｏｓｔ', 'loopback'],
    ['::1', 'loopback'],
    ['0:0:0:0:0:0:0:1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['0:0:0:0:0:ffff:127.0.0.1', 'loopback'],
    ['::127.0.0.1', 'loopback'],
    ['64:ff9b::127.0.0.1', 'loopback'],
    ['2002:7f00:1::', 'loopback'],
    ['0.0.0.0', 'no address of a machine'],
    ['0', 'no address of a machine'],
    ['0.1.2.3', 'no address of a machine'],
    ['::', 'no address of a machine'],
    ['::ffff:0.0.0.0', 'no address of a machine'],
    ['169.254.169.254', 'metadata'],
    ['2852039166', 'metadata'],
    ['0xa9fea9fe', 'metadata'],
    ['::ffff:169.254.169.254', 'metadata'],
    ['64:ff9b::a9fe:a9fe', 'metadata'],
    ['fd00:ec2::254', 'metadata'],
    ['169.254.170.2', 'metadata'],
    ['169.254.1.1', 'link-local'],
    ['fe80::1', 'link-local'],
    ['fe80::1%lo', 'link-local'],
    ['224.0.0.1', 'multicast'],
    ['239.255.255.255', 'multicast'],
    ['ff02::1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['240.0.0.1', 'reserved']
  ])('%s', async (host, words) => {
    await expect(policyOf(false).locate(host, 6_379)).rejects.toThrow(words)
    await expect(policyOf(false).locate(host, 6_379)).rejects.toBeInstanceOf(ForbiddenTargetError)
  })

  test.each([
    ['inside.example', 'inside.example is 127.0.0.1, which is a loopback address'],
    ['inside.example.', 'loopback'],
    ['half.example', 'loopback'],
    ['meta.example', 'metadata'],
    ['bücher.example', 'loopback'],
    ['', 'no host name'],
    ['valkey.example/../127.0.0.1', 'no host name'],
    ['ann@valkey.example', 'no host name'],
    ['127.0.0.1:7000', 'no host name']
  ])('the name "%s"', async (host, words) => {
    await expect(policyOf(false, byTable).locate(host, 6_379)).rejects.toThrow(words)
  })

  test('private networks are where clusters live', async () => {
    for (const host of ['10.0.0.1', '172.16.0.1', '192.168.1.1', '100.64.0.1', 'fd12:3456::1', '::ffff:10.0.0.1', '203.0.113.7'])
      expect(await policyOf(false).locate(host, 6_379)).toEqual([host])
    expect(await policyOf(false, byTable).locate('two.example', 6_379)).toEqual(['10.1.2.3', 'fd12::3'])
  })

  test('a name that there is not is told in the words of the system', async () => {
    await expect(policyOf(false, byTable).locate('nowhere.example', 6_379)).rejects.toThrow('ENOTFOUND')
  })

  test('where it is allowed, loopback and link-local are; metadata, multicast, any address and our own port are not', async () => {
    const policy = policyOf(true, byTable)
    for (const host of ['127.0.0.1', '::1', '169.254.1.1', 'fe80::1']) expect(await policy.locate(host, 6_379)).toEqual([host])
    for (const host of ['169.254.169.254', 'fd00:ec2::254', '224.0.0.1', '0.0.0.0', '::', '::ffff:169.254.169.254'])
      await expect(policy.locate(host, 6_379)).rejects.toBeInstanceOf(ForbiddenTargetError)
    for (const host of ['127.0.0.1', '127.0.0.9', '::1', '::ffff:127.0.0.1', 'inside.example'])
      await expect(policy.locate(host, OWN_PORT)).rejects.toThrow('our own port')
    expect(await policy.locate('10.0.0.1', OWN_PORT)).toEqual(['10.0.0.1'])
  })
})
