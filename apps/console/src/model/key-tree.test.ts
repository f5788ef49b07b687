import { describe, expect, test } from 'vitest'
import { KeyTree } from './key-tree.ts'

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
})
