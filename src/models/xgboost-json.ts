/**
 * XGBoost's JSON model, read on our side: what it declares, whether its trees are whole, and what its splits gained.
 * The library trusts the node numbers in the file and would follow a damaged one out of its memory, so they are checked
 * before it sees them. Fields: https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html
 */

import { UserError } from '../core/errors.js'
import type { FeatureImportance } from './model.js'

type Tree = {
  readonly left_children: readonly number[]
  readonly right_children: readonly number[]
  readonly split_indices: readonly number[]
  readonly loss_changes: readonly number[]
  readonly sum_hessian: readonly number[]
}

export type ModelDocument = {
  readonly classes: number
  readonly features: readonly string[]
  readonly rounds: number
  /** Gain and cover are means over the splits of a feature, as in XGBoost's importance types "gain" and "cover". */
  readonly importance: readonly FeatureImportance[]
}

/** @throws UserError saying what is damaged */
export function readModelDocument(bytes: Uint8Array): ModelDocument {
  let root: unknown
  try {
    root = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (thrown) {
    throw damaged(`it is not JSON (${bytes.length} bytes)`, thrown)
  }
  const learner = field(root, 'learner')
  const objective = field(field(learner, 'objective'), 'name')
  if (objective !== 'multi:softprob') throw damaged(`its objective is ${String(objective)}, expected multi:softprob`)
  const shape = field(learner, 'learner_model_param')
  const classes = Number(field(shape, 'num_class'))
  const columns = Number(field(shape, 'num_feature'))
  if (!(Number.isInteger(classes) && classes >= 2)) throw damaged(`it declares ${classes} classes`)
  const features = field(learner, 'feature_names')
  if (!isArrayOf(features, 'string') || features.length !== columns) {
    throw damaged(`it names ${Array.isArray(features) ? features.length : 0} features and declares ${columns}`)
  }
  const model = field(field(learner, 'gradient_booster'), 'model')
  const trees = field(model, 'trees')
  if (!Array.isArray(trees) || trees.length === 0 || trees.length % classes !== 0) {
    throw damaged(`it has ${Array.isArray(trees) ? trees.length : 0} trees for ${classes} classes`)
  }
  const owners = field(model, 'tree_info')
  if (!isArrayOf(owners, 'number') || owners.length !== trees.length || !owners.every((k) => k >= 0 && k < classes)) {
    throw damaged('its trees do not each belong to a class')
  }
  return {
    classes,
    features,
    rounds: trees.length / classes,
    importance: splitImportance(
      features,
      trees.map((tree, index) => wholeTree(tree, index, columns)),
    ),
  }
}

const nodeArrays = [
  'left_children',
  'right_children',
  'parents',
  'split_indices',
  'split_conditions',
  'default_left',
  'base_weights',
  'loss_changes',
  'sum_hessian',
] as const

/** Every node array has one entry per node, and from the root each node is reached at most once. */
function wholeTree(tree: unknown, index: number, columns: number): Tree {
  const nodes = Number(field(field(tree, 'tree_param'), 'num_nodes'))
  for (const name of nodeArrays) {
    const values = field(tree, name)
    if (!isArrayOf(values, 'number') || values.length !== nodes) {
      throw damaged(`tree ${index} has ${nodes} nodes and ${Array.isArray(values) ? values.length : 0} ${name}`)
    }
  }
  const checked = tree as Tree
  const seen = new Uint8Array(nodes)
  const pending = [0]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (!(Number.isInteger(node) && node >= 0 && node < nodes) || seen[node] === 1) {
      throw damaged(`tree ${index} leads to node ${node} of ${nodes} wrongly`)
    }
    seen[node] = 1
    const left = checked.left_children[node] ?? -1
    const right = checked.right_children[node] ?? -1
    if (left === -1 && right === -1) continue
    const split = checked.split_indices[node] ?? -1
    if (!(Number.isInteger(split) && split >= 0 && split < columns)) {
      throw damaged(`tree ${index} splits on feature ${split} of ${columns}`)
    }
    pending.push(left, right)
  }
  return checked
}

function splitImportance(features: readonly string[], trees: readonly Tree[]): FeatureImportance[] {
  const gain = new Float64Array(features.length)
  const cover = new Float64Array(features.length)
  const splits = new Int32Array(features.length)
  for (const tree of trees) {
    tree.left_children.forEach((left, node) => {
      if (left === -1) return
      const feature = tree.split_indices[node] ?? 0
      gain[feature] += tree.loss_changes[node] ?? 0
      cover[feature] += tree.sum_hessian[node] ?? 0
      splits[feature]++
    })
  }
  const mean = (total: number, n: number) => (n === 0 ? 0 : total / n)
  return features.map((feature, i) => ({
    feature,
    gain: mean(gain[i], splits[i]),
    cover: mean(cover[i], splits[i]),
    splits: splits[i],
  }))
}

function field(parent: unknown, name: string): unknown {
  if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, name)) {
    throw damaged(`"${name}" is missing`)
  }
  return (parent as Record<string, unknown>)[name]
}

function isArrayOf(values: unknown, type: 'number'): values is number[]
function isArrayOf(values: unknown, type: 'string'): values is string[]
function isArrayOf(values: unknown, type: string): boolean {
  return Array.isArray(values) && values.every((value) => typeof value === type)
}

function damaged(what: string, cause?: unknown): UserError {
  return new UserError(`model.json of an XGBoost model is damaged: ${what}`, {
    hint: 'train again with --force, or restore the bundle',
    cause,
  })
}
