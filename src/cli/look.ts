/** What lies on disk and how fresh it is, for commands that read and do no work. */
import { UserError } from '../core/errors.js'
import type { Manifest } from '../datasets/manifest.js'
import { absolute } from '../datasets/workspace.js'
import { type RunResult, runStages, type UnitReport } from '../runner/run.js'
import { STAGE_NAMES, type StageName } from '../stages/stage.js'
import type { Session } from './session.js'

/** Every stage up to this one. */
export function lookUpTo(stage: StageName, session: Session): Promise<RunResult> {
  const { config, workspace, environment, clock } = session
  return runStages({
    ...{ config, workspace, environment, clock },
    stages: STAGE_NAMES.slice(0, STAGE_NAMES.indexOf(stage) + 1),
    force: false,
    revise: false,
    mode: 'look',
    gitCommit: () => null,
    signal: new AbortController().signal,
    events: {},
  })
}

/** @throws UserError beginning with `what`, when one of the units is not fresh */
export function checkFresh(units: readonly UnitReport[], what: string, hint: string): void {
  const open = units.find(({ state }) => state !== 'fresh')
  if (open === undefined) return
  throw new UserError(`${what}, but ${open.stage} is ${open.state}${open.reason === '' ? '' : `: ${open.reason}`}`, {
    hint,
  })
}

/** Where the files of this name lie, in the order of the units. */
export function filesNamed(
  wanted: string,
  manifests: readonly (Manifest | null)[],
  { workspace }: Pick<Session, 'workspace'>,
): string[] {
  return manifests
    .flatMap((manifest) => manifest?.files ?? [])
    .filter(({ name }) => name === wanted)
    .map(({ path }) => absolute(workspace, path))
}
