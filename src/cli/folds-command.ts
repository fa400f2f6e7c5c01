/**
 * `sluice train --dry-run`: the folds that training would use, of features and labels as they lie on disk. Fits nothing.
 */
import { EXIT } from '../core/errors.js'
import { readTrainingTable } from '../datasets/training-table.js'
import type { RunResult } from '../runner/run.js'
import { foldNumbers, splitPlanOf, splitSettings } from '../stages/train/split-plan.js'
import { scheme } from '../validation/schemes.js'
import type { Intervals, Part, Split, SplitPlan } from '../validation/splits.js'
import { checkTraining } from './check-training.js'
import { type Flags, isSet } from './flags.js'
import { renderFolds } from './folds-picture.js'
import { checkFresh, filesNamed, lookUpTo } from './look.js'
import { openSession, type Session } from './session.js'

/** What the folds are made from. */
const NEEDED = ['features', 'labels'] as const

export type PairFolds = { readonly pair: string; readonly intervals: Intervals; readonly plan: SplitPlan }

/** @throws UserError when features or labels of a pair are not made, or hold too few rows */
export async function showFolds(flags: Flags): Promise<number> {
  const session = openSession(flags)
  const { config } = session
  await checkTraining(config)
  const found = await lookUpTo('labels', session)
  const all: PairFolds[] = []
  for (const pair of config['data.pairs']) all.push(await foldsOf(pair, found, session))
  process.stdout.write(
    isSet(flags, 'json')
      ? `${JSON.stringify(
          all.map((one) => foldsJson(one, session)),
          null,
          2,
        )}\n`
      : all.map((one) => renderFolds(one, config)).join('\n'),
  )
  if (!isSet(flags, 'quiet')) {
    const fits = foldNumbers(config).length
    process.stderr.write(`${fits} fits of each model; nothing was fitted: sluice train does it\n`)
  }
  return EXIT.done
}

async function foldsOf(pair: string, { units }: RunResult, session: Session): Promise<PairFolds> {
  const own = units.filter((unit) => unit.pair === pair || unit.pair === null)
  checkFresh(own, `the folds of ${pair} need its features and labels`, 'make them first: sluice run --to labels')
  const [features, labels] = NEEDED.map((stage) =>
    filesNamed(
      stage,
      own.filter((unit) => unit.stage === stage).map(({ manifest }) => manifest),
      session,
    ),
  )
  const table = await readTrainingTable(features, labels)
  return { pair, intervals: table, plan: splitPlanOf(splitSettings(session.config), table) }
}

function foldsJson({ pair, intervals, plan }: PairFolds, { config }: Session) {
  const { t0 } = intervals
  const iso = (time: number) => new Date(time).toISOString()
  const part = ({ ranges, rows, span, purged, unlabelled }: Part) => ({
    from: iso(span.from),
    to: iso(span.to),
    rows: rows.length,
    purged,
    unlabelled,
    /** Rows of the training table, `start` inclusive, `end` exclusive, with the times of the first and the last. */
    ranges: ranges.map(({ start, end }) => ({ start, end, first: iso(t0[start]), last: iso(t0[end - 1]) })),
  })
  const split = ({ name, train, validation, score }: Split) => ({
    name,
    train: part(train),
    validation: part(validation),
    score: part(score),
  })
  const name = config['train.split']
  return {
    pair,
    split: name,
    foresight: scheme(name).foresight,
    embargo: config['train.embargo'] === 'horizon' ? config['labels.horizon'] : config['train.embargo'],
    rows: t0.length,
    folds: plan.folds.map((fold, k) => ({ ...split(fold), paths: plan.paths[k] })),
    final: split(plan.final),
  }
}
