/**
 * Which fits there are: every candidate that can be fitted here, on every fold and on the final split.
 */
import type { Json } from '../../core/canonical.js'
import { UserError } from '../../core/errors.js'
import { refuseLost } from '../../datasets/registry-file.js'
import { absolute, PLACES } from '../../datasets/workspace.js'
import {
  CONSTRAINT_SETTINGS,
  type Done,
  dataSnapshot,
  FOLD_SETTINGS,
  inputsFrom,
  type PlanContext,
  type PlannedTask,
  pick,
} from '../stage.js'
import { fittingModels, librariesOf } from './constraints.js'
import { neuralSettings } from './neural-settings.js'
import { foldNumbers, splitSettings } from './split-plan.js'
import { tunedParameters } from './tuned.js'

export async function planFits(context: PlanContext): Promise<PlannedTask[]> {
  const { workspace, config, pair, done, failed, environment, warn } = context
  if (pair === null) return []
  // Before hours of work that could not be counted.
  refuseLost(absolute(workspace, PLACES.registry))
  const { modelKind } = await import('../../models/registry.js')
  const [table] = done('features', 'table')
  checkCertificate(table, done('features', 'certificate')[0])
  const rows = Number(table?.manifest.facts.rows)
  const columns = Number(table?.manifest.facts.columns)
  const said: string[] = []
  const say = (text: string) => {
    warn(text)
    said.push(text)
  }
  const parametersOf = new Map<string, Json>()
  for (const name of await fittingModels(config, say)) {
    const found = await (await modelKind(name)).available(environment)
    const tuned = tunedParameters({ config, done, failed }, name)
    if (!found.ok) say(`${name} is left out: ${found.reason} (${found.hint})`)
    else if ('failed' in tuned) say(`${name} is left out: ${tuned.failed}`)
    else parametersOf.set(name, tuned.parameters)
  }
  const models = [...parametersOf.keys()]
  if (models.length === 0) {
    throw new UserError(`none of the models can be fitted here: ${said.join('; ')}`, {
      hint: 'sluice doctor says what is missing; --models logistic needs nothing, nor does linear where the label is a value',
    })
  }
  const libraries = new Map(await Promise.all(models.map(async (model) => [model, await librariesOf(model)] as const)))
  const neural = new Map(
    await Promise.all(models.map(async (model) => [model, await neuralSettings(model, config)] as const)),
  )
  const snapshot = dataSnapshot({ config, done })
  return models.flatMap((model) =>
    foldNumbers(config).map((fold) => ({
      stage: 'train' as const,
      step: 'fit',
      pair,
      unit: unitOf(pair, model, fold),
      inputs: [
        ...inputsFrom(done('features', 'months'), ['features']),
        ...inputsFrom(done('features', 'table'), ['feature_set']),
        ...inputsFrom(done('labels', 'table'), ['labels']),
      ],
      // Its rounds take long enough to be followed.
      ...(neural.get(model)?.backend === undefined ? {} : { group: unitOf(pair, model, fold) }),
      // What the weights depend on, and nothing else: fees, gates, calibration and threshold are the bundle's.
      settings: {
        model,
        fold,
        snapshot,
        parameters: parametersOf.get(model) ?? {},
        ...neural.get(model),
        ...splitSettings(config),
        ...pick(config, [
          'seed',
          'data.venue',
          'labels.type',
          'train.threads',
          ...CONSTRAINT_SETTINGS,
          ...FOLD_SETTINGS,
        ]),
      },
      manifest: `artifacts/fits/${config['data.venue']}/${pair}/{fingerprint}/manifest.json`,
      libraries: libraries.get(model) ?? [],
      memoryBytes: 300e6 + rows * columns * 24,
    })),
  )
}

function unitOf(pair: string, model: string, fold: number): string {
  return `${pair} ${model} ${fold === 0 ? 'final' : `fold ${fold}`}`
}

/**
 * No model is fitted on columns that nobody has certified. The certificate is no input: one that looks at more does not
 * make a model stale.
 *
 * @throws UserError when there is none, when it is of other columns, or when it did not pass
 */
function checkCertificate(table: Done | undefined, certificate: Done | undefined): void {
  const hint = 'run sluice verify features; `sluice run --from features` makes table and certificate anew'
  if (certificate === undefined) throw new UserError('the features have no leakage certificate', { hint })
  const { hash, verdict, complaints } = certificate.manifest.facts
  if (hash !== table?.manifest.facts.hash) {
    const [own, other] = [table?.manifest.facts.hash, hash].map((text) => String(text).slice(0, 12))
    throw new UserError(`the leakage certificate is of feature set ${other}, the table of ${own}`, { hint })
  }
  if (verdict !== 'passed') {
    const [first, ...more] = complaints as string[]
    throw new UserError(`the features did not pass their certificate: ${first ?? 'nothing could be compared'}`, {
      hint: `${more.length > 0 ? `there are ${more.length} more: ` : ''}sluice verify features lists all; leave such columns out with features.exclude`,
    })
  }
}
