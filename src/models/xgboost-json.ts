/**
 * XGBoost's JSON model, read on our side: what it declares, whether its trees are whole, and what its splits gained.
 * The library trusts the node numbers in the file and would follow a damaged one out of its memory, so they are checked
 * before it sees them. Fields: https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html
 */

import { UserError } from '../core/errors.js'
import { MOST_CATEGORIES } from './constraints.js'
import type { FeatureImportance, ModelTask } from './model.js'

type Tree = {
  readonly left_children: readonly number[]
  readonly right_children: readonly number[]
  readonly parents: readonly number[]
  readonly split_indices: readonly number[]
  readonly loss_changes: readonly number[]
  readonly sum_hessian: readonly number[]
}

export type ModelDocument = {
  readonly task: ModelTask
  /** Regression: 1. */
  readonly classes: number
  /** Scores that the library gives for a row: one a class, but one alone for a regression or the binary objective. */
  readonly outputs: number
  readonly features: readonly string[]
  readonly rounds: number
  /** Gain and cover are means over the splits of a feature, as in XGBoost's importance types "gain" and "cover". */
  readonly importance: readonly FeatureImportance[]
}

/** @throws UserError saying what is damaged */
export function readModelDocument(bytes: Uint8Array): ModelDocument {
  let root: unknown
  try {
    // The threshold of a split by category is written as a bare NaN, which is no JSON.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    root = JSON.parse(text.replace(/(?<=[[,])NaN(?=[\],])/g, '0'))
  } catch (thrown) {
    throw damaged(`it is not JSON (${bytes.length} bytes)`, thrown)
  }
  const learner = field(root, 'learner')
  const shape = field(learner, 'learner_model_param')
  const { task, classes, outputs } = shapeOf(
    field(field(learner, 'objective'), 'name'),
    Number(field(shape, 'num_class')),
  )
  const columns = Number(field(shape, 'num_feature'))
  const features = field(learner, 'feature_names')
  if (!isArrayOf(features, 'string') || features.length !== columns) {
    throw damaged(`it names ${Array.isArray(features) ? features.length : 0} features and declares ${columns}`)
  }
  const model = field(field(learner, 'gradient_booster'), 'model')
  const perRound = outputs * Number(field(field(model, 'gbtree_model_param'), 'num_parallel_tree'))
  const trees = field(model, 'trees')
  if (!Array.isArray(trees) || trees.length === 0 || !(trees.length % perRound === 0)) {
    throw damaged(`it has ${Array.isArray(trees) ? trees.length : 0} trees, ${perRound} belong to a round`)
  }
  const declared = Number(field(field(model, 'gbtree_model_param'), 'num_trees'))
  if (declared !== trees.length) throw damaged(`it has ${trees.length} trees and declares ${declared}`)
  const owners = field(model, 'tree_info')
  if (!isArrayOf(owners, 'number') || owners.length !== trees.length || !owners.every((k) => k >= 0 && k < outputs)) {
    throw damaged('its trees do not each belong to a class')
  }
  return {
    task,
    classes,
    outputs,
    features,
    rounds: trees.length / perRound,
    importance: splitImportance(
      features,
      trees.map((tree, index) => wholeTree(tree, index, columns)),
    ),
  }
}

function shapeOf(objective: unknown, classes: number): Pick<ModelDocument, 'task' | 'classes' | 'outputs'> {
  if (objective === 'reg:squarederror') return { task: 'regression', classes: 1, outputs: 1 }
  if (objective === 'binary:logistic') return { task: 'classification', classes: 2, outputs: 1 }
  if (objective !== 'multi:softprob') throw damaged(`its objective is ${String(objective)}, which no model here has`)
  if (!(Number.isInteger(classes) && classes >= 2)) throw damaged(`it declares ${classes} classes`)
  return { task: 'classification', classes, outputs: classes }
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
  // The library puts a tree where its number says.
  if (field(tree, 'id') !== index) throw damaged(`tree ${index} says that it is tree ${String(field(tree, 'id'))}`)
  const nodes = Number(field(field(tree, 'tree_param'), 'num_nodes'))
  for (const name of nodeArrays) {
    const values = field(tree, name)
    if (!isArrayOf(values, 'number') || values.length !== nodes) {
      throw damaged(`tree ${index} has ${nodes} nodes and ${Array.isArray(values) ? values.length : 0} ${name}`)
    }
  }
  checkCategories(tree, index, nodes)
  const checked = tree as Tree
  const seen = new Uint8Array(nodes)
  const pending = [0]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (!(Number.isInteger(node) && node >= 0 && node < nodes) || seen[node] === 1) {
      throw damaged(`tree ${index} leads to node ${node} of ${nodes} wrongly`)
    }
    seen[node] = 1
    if (node > 0 && !hangsOn(checked, node)) throw damaged(`tree ${index} gives node ${node} to another parent`)
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

function hangsOn({ parents, left_children, right_children }: Tree, node: number): boolean {
  const parent = parents[node]
  return left_children[parent] === node || right_children[parent] === node
}

/** Splits by category: each such node names a stretch of the tree's list of codes. */
function checkCategories(tree: unknown, index: number, nodes: number): void {
  const wrong = () => damaged(`the categories of tree ${index} do not belong together`)
  const list = (name: string): number[] => {
    const values = field(tree, name)
    if (!isArrayOf(values, 'number') || !values.every((value) => Number.isInteger(value) && value >= 0)) throw wrong()
    return values
  }
  const types = list('split_type')
  const owners = list('categories_nodes')
  const [starts, sizes, codes] = ['categories_segments', 'categories_sizes', 'categories'].map(list)
  const categorical = [...types.keys()].filter((node) => types[node] !== 0)
  const whole =
    types.length === nodes &&
    JSON.stringify(owners) === JSON.stringify(categorical) &&
    starts.length === owners.length &&
    sizes.length === owners.length &&
    sizes.every((size, i) => size > 0 && starts[i] + size <= codes.length) &&
    codes.every((code) => code < MOST_CATEGORIES)
  if (!whole) throw wrong()
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

export function damaged(what: string, cause?: unknown): UserError {
  return new UserError(`model.json of an XGBoost model is damaged: ${what}`, {
    hint: 'train again with --force, or restore the bundle',
    cause,
  })
}
