import { describe, expect, test } from 'vitest'
import { compareNames, KeyTree } from './key-tree.ts'

const words = (tree: KeyTree, ...open: string[]) =>
  tree
    .lines(new Set(open))
    .map((line) => `${' '.repeat(line.depth * 2)}${line.label}${line.kind === 'folder' ? ` (${line.keys})` : ` #${line.index}`}`)

describe('the tree of keys', () => {
  test('folders first, then keys, both in natural order', () => {
    const tree = new KeyTree()
    tree.add(['b', 'item:10', 'item:9', 'a:x:1', 'a:y:1', 'a'])
    expect(words(tree)).toEqual(['a: (2)', 'item: (2)', 'a #5', 'b #0'])
    expect(words(tree, 'item:')).toEqual(['a: (2)', 'item: (2)', '  9 #2', '  10 #1', 'a #5', 'b #0'])
  })

  test('a folder with nothing but one folder is joined with it', () => {
    const tree = new KeyTree()
    tree.add(['cache:page:1', 'cache:page:2'])
    expect(words(tree)).toEqual(['cache:page: (2)'])
    expect(words(tree, 'cache:page:')).toEqual(['cache:page: (2)', '  1 #0', '  2 #1'])
  })

  test('a key may have the name of a folder, and be empty', () => {
    const tree = new KeyTree()
    tree.add(['user:', 'user:1', ''])
    expect(words(tree, 'user:')).toEqual(['user: (2)', '   #0', '  1 #1', ' #2'])
  })

  test('later pages join what is there', () => {
    const tree = new KeyTree()
    tree.add(['a:1'])
    expect(words(tree, 'a:')).toEqual(['a: (1)', '  1 #0'])
    tree.add(['a:0', 'b:1'])
    expect(tree.count).toBe(3)
    expect(words(tree, 'a:')).toEqual(['a: (2)', '  0 #1', '  1 #0', 'b: (1)'])
  })

  test('another delimiter', () => {
    const tree = new KeyTree('::')
    tree.add(['a::b:c', 'a::d'])
    expect(words(tree, 'a::')).toEqual(['a:: (2)', '  b:c #0', '  d #1'])
  })

  test('each line says which line holds it', () => {
    const tree = new KeyTree()
    tree.add(['a:x:1', 'a:y', 'b'])
    expect(tree.lines(new Set(['a:', 'a:x:'])).map(({ parent }) => parent)).toEqual([-1, 0, 1, 0, -1])
  })
})

describe('the order of names', () => {
  test('digits by their value, whatever their length; equal values still have an order', () => {
    const names = ['a10', 'a9', 'a09', 'a9007199254740993', 'a9007199254740992', 'a', 'b1', 'A']
    expect([...names].sort(compareNames)).toEqual(['A', 'a', 'a09', 'a9', 'a10', 'a9007199254740992', 'a9007199254740993', 'b1'])
  })

  test('it is an order: no name is before itself, and pages that come one by one end as if they had come at once', () => {
    const name = (index: number) => `k${(index * 7919) % 1_000}:${(index * 104_729) % 97}`
    const all = Array.from({ length: 500 }, (_, index) => name(index))
    for (const each of all.slice(0, 50)) expect(compareNames(each, each)).toBe(0)
    const [whole, paged] = [new KeyTree('#'), new KeyTree('#')]
    whole.add(all)
    for (let at = 0; at < all.length; at += 40) {
      paged.add(all.slice(at, at + 40))
      paged.lines(new Set())
    }
    expect(paged.lines(new Set()).map(({ label }) => label)).toEqual(whole.lines(new Set()).map(({ label }) => label))
  })
})
