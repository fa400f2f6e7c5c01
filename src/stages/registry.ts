/**
 * The stages, in order. Each is loaded when first needed: planning one stage must not pay for the others.
 */
import { STAGE_NAMES, type Stage, type StageName } from './stage.js'

const LOADERS: Readonly<Record<StageName, () => Promise<Stage>>> = {
  download: async () => (await import('./01-download.js')).download,
  clean: async () => (await import('./02-clean.js')).clean,
  features: async () => (await import('./03-features.js')).features,
  labels: async () => (await import('./04-labels.js')).labels,
  train: async () => (await import('./05-train.js')).train,
  select: async () => (await import('./06-select.js')).select,
  backtest: async () => (await import('./07-backtest.js')).backtest,
  report: async () => (await import('./08-report.js')).report,
}

export function loadStage(name: StageName): Promise<Stage> {
  return LOADERS[name]()
}

/** The compiled module of a stage, relative to the folder of all modules: where its code hash begins. */
export function stageModule(name: StageName): string {
  return `stages/${String(STAGE_NAMES.indexOf(name) + 1).padStart(2, '0')}-${name}.js`
}
