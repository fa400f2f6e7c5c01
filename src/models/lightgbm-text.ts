/**
 * LightGBM's text model, read on our side: what it declares, whether its trees are whole, and what its splits gained. The library trusts
 * sizes and node numbers in the file and would follow damaged ones out of its memory, so they are checked before it sees them.
 */

import { UserError } from '../core/errors.js'
import type { FeatureImportance, ModelTask } from './model.js'

export type ModelText = {
  readonly task: ModelTask
  /** Regression: 1. */
  readonly classes: number
  /** Scores that the library gives for a row: one a class, but one alone for a regression or the binary objective. */
  readonly outputs: number
  readonly features: readonly string[]
  readonly rounds: number
  /** Gain is the mean over the splits of a feature; LightGBM's own importance type "gain" is their sum. */
  readonly importance: readonly FeatureImportance[]
}

type Fields = ReadonlyMap<string, string>

type Tree = {
  readonly features: readonly number[]
  readonly gains: readonly number[]
}

const lastLine = 'end of parameters\n'

/** @throws UserError saying what is damaged */
export function readModelText(bytes: Uint8Array): ModelText {
  const text = new TextDecoder('latin1').decode(bytes)
  if (!text.startsWith('tree\n')) throw damaged(`it is no LightGBM model (${bytes.length} bytes)`)
  // Sizes in the file count bytes: every byte is a character only in ASCII.
  if (bytes.some((byte) => byte > 126 || byte === 0)) throw damaged('it holds bytes that are not ASCII')
  if (!text.endsWith(lastLine)) throw damaged('its end is missing')
  const blank = text.indexOf('\n\n')
  if (blank < 0) throw damaged('it ends in its head')
  const head = fieldsOf(text.slice(0, blank))
  if (head.has('average_output')) throw damaged('it is a forest, which no model here is')
  const { task, classes, outputs } = shapeOf(head)
  const features = (head.get('feature_names') ?? '').split(' ')
  const columns = whole(head, 'max_feature_idx') + 1
  if (features.length !== columns || (head.get('feature_infos') ?? '').split(' ').length !== columns) {
    throw damaged(`it names ${features.length} features and declares ${columns}`)
  }
  const trees = treesOf(text, blank + 2, head, columns)
  if (trees.length === 0 || trees.length % outputs !== 0) {
    throw damaged(`it has ${trees.length} trees, ${outputs} belong to a round`)
  }
  return {
    task,
    classes,
    outputs,
    features,
    rounds: trees.length / outputs,
    importance: splitImportance(features, trees),
  }
}

function shapeOf(head: Fields): Pick<ModelText, 'task' | 'classes' | 'outputs'> {
  const objective = head.get('objective') ?? ''
  const classes = whole(head, 'num_class')
  const outputs = whole(head, 'num_tree_per_iteration')
  if (objective === `multiclass num_class:${classes}` && classes >= 2 && outputs === classes) {
    return { task: 'classification', classes, outputs }
  }
  if (classes === 1 && outputs === 1) {
    if (objective === 'binary sigmoid:1') return { task: 'classification', classes: 2, outputs }
    if (objective === 'regression') return { task: 'regression', classes: 1, outputs }
  }
  throw damaged(`its objective is ${objective} with ${classes} classes and ${outputs} trees a round`)
}

/** Each tree lies just where the sizes in the head say. */
function treesOf(text: string, start: number, head: Fields, columns: number): Tree[] {
  const sizes = wholesOf(head, 'tree_sizes', null)
  let at = start
  const trees = sizes.map((size, index) => {
    const block = text.slice(at, at + size)
    at += size
    const title = `Tree=${index}\n`
    if (!(size > 0) || !block.startsWith(title) || !block.endsWith('\n\n')) {
      throw damaged(`tree ${index} is not where it should be`)
    }
    const lines = block.slice(title.length).trimEnd()
    // The library looks for the next `=`, wherever that is.
    if (!/^(?:[a-z_]+=[^=\n]*\n?)+$/.test(lines)) throw damaged(`tree ${index} has a line without a name`)
    return wholeTree(fieldsOf(lines), index, columns)
  })
  if (!text.startsWith('end of trees\n', at)) throw damaged(`something else follows its ${trees.length} trees`)
  return trees
}

/** Every list has one entry per node or leaf, and from the root each of them is reached exactly once. */
function wholeTree(fields: Fields, index: number, columns: number): Tree {
  const wrong = (what: string) => damaged(`tree ${index} ${what}`)
  const leaves = whole(fields, 'num_leaves')
  const categories = whole(fields, 'num_cat')
  if (!(leaves >= 1 && categories >= 0)) throw wrong(`has ${leaves} leaves and ${categories} splits by category`)
  if (whole(fields, 'is_linear') !== 0) throw wrong('has linear leaves, which no model here has')
  if (!numbersOf(fields, 'leaf_value', leaves).every(Number.isFinite)) throw wrong('has a leaf that is no number')
  if (leaves === 1) return { features: [], gains: [] }
  const nodes = leaves - 1
  const list = (name: string, length = nodes) => numbersOf(fields, name, length)
  const [left, right, features, types] = ['left_child', 'right_child', 'split_feature', 'decision_type'].map((name) =>
    wholesOf(fields, name, nodes),
  )
  list('leaf_weight', leaves)
  for (const name of ['internal_value', 'internal_weight']) list(name)
  wholesOf(fields, 'leaf_count', leaves)
  wholesOf(fields, 'internal_count', nodes)
  const reached = new Set<number>()
  const pending = [0]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (!(node < nodes && node >= -leaves) || reached.has(node)) {
      throw wrong(`leads to node ${node} of ${nodes} wrongly`)
    }
    reached.add(node)
    if (node >= 0) pending.push(left[node], right[node])
  }
  if (reached.size !== nodes + leaves) throw wrong(`reaches ${reached.size} of its ${nodes + leaves} nodes and leaves`)
  const strange = features.find((feature) => !(feature >= 0 && feature < columns))
  if (strange !== undefined) throw wrong(`splits on feature ${strange} of ${columns}`)
  checkCategories(fields, categories, types, list('threshold'), wrong)
  return { features, gains: list('split_gain') }
}

/** A split by category names one of the tree's sets of codes, each a stretch of 32-bit words. */
function checkCategories(
  fields: Fields,
  categories: number,
  types: readonly number[],
  thresholds: readonly number[],
  wrong: (what: string) => UserError,
): void {
  const byCategory = thresholds.filter((_, node) => (types[node] & 1) === 1)
  if (
    byCategory.length !== categories ||
    !byCategory.every((set) => Number.isInteger(set) && set >= 0 && set < categories)
  ) {
    throw wrong(`has ${categories} sets of categories and ${byCategory.length} splits by them`)
  }
  if (categories === 0) return
  const boundaries = wholesOf(fields, 'cat_boundaries', categories + 1)
  if (boundaries[0] !== 0 || !boundaries.every((value, i) => i === 0 || value > boundaries[i - 1])) {
    throw wrong('has sets of categories that do not follow each other')
  }
  wholesOf(fields, 'cat_threshold', boundaries[categories])
}

function splitImportance(features: readonly string[], trees: readonly Tree[]): FeatureImportance[] {
  const gain = new Float64Array(features.length)
  const splits = new Int32Array(features.length)
  for (const tree of trees) {
    tree.features.forEach((feature, node) => {
      gain[feature] += tree.gains[node]
      splits[feature]++
    })
  }
  return features.map((feature, j) => ({
    feature,
    gain: splits[j] === 0 ? 0 : gain[j] / splits[j],
    splits: splits[j],
  }))
}

/** Lines `name=value`; a line without `=` is a name alone. */
function fieldsOf(text: string): Fields {
  return new Map(
    text.split('\n').map((line) => {
      const at = line.indexOf('=')
      return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]
    }),
  )
}

function whole(fields: Fields, name: string): number {
  return wholesOf(fields, name, 1)[0]
}

/** Digits alone: the library would read 1e2 as 1. */
function wholesOf(fields: Fields, name: string, length: number | null): number[] {
  const values = numbersOf(fields, name, length)
  const digits = /^-?\d{1,10}( -?\d{1,10})*$/
  if (values.length > 0 && !digits.test(fields.get(name) ?? '')) throw damaged(`${name} are not whole numbers`)
  return values
}

/** @param length  null = as many as there are */
function numbersOf(fields: Fields, name: string, length: number | null): number[] {
  const text = fields.get(name)
  if (text === undefined) throw damaged(`"${name}" is missing`)
  const values = text === '' ? [] : text.split(' ').map(numberOf)
  if (length !== null && values.length !== length)
    throw damaged(`${name} has ${values.length} entries, ${length} are needed`)
  if (values.includes(null)) throw damaged(`${name} holds something that is no number`)
  return values as number[]
}

/** C++ writes what is not finite in its own words: `nan` is the threshold of a feature that was never known in training. */
function numberOf(word: string): number | null {
  if (word === 'nan' || word === '-nan') return Number.NaN
  if (word === 'inf' || word === '-inf') return word === 'inf' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
  const value = Number(word)
  return word === '' || Number.isNaN(value) ? null : value
}

function damaged(what: string): UserError {
  return new UserError(`model.txt of a LightGBM model is damaged: ${what}`, {
    hint: 'train again with --force, or restore the bundle',
  })
}
