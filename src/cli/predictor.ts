/** The predictor of a bundle that was loaded: of its own model, or of its members' where it is an ensemble. */
import type { Json } from '../core/canonical.js'
import { type Bundle, loadBundle } from '../datasets/bundle.js'
import type { Workspace } from '../datasets/workspace.js'
import type { LoadOptions } from '../models/model.js'
import { modelKind } from '../models/registry.js'
import { type BundlePredictor, bundlePredictor } from '../validation/bundle-predictor.js'
import { ENSEMBLE_FILE, ensemblePredictor, readEnsemble } from '../validation/ensembles/predictor.js'

/** @throws UserError when a bundle is gone, or a byte of it or of a member is not what was written */
export async function loadPredictor(
  { manifest, files }: Bundle,
  workspace: Workspace,
  options: LoadOptions,
): Promise<BundlePredictor> {
  const byFile = new Map(
    manifest.files.flatMap(({ name, path }) => {
      const bytes = files.get(name)
      return bytes === undefined ? [] : [[path.slice(path.lastIndexOf('/') + 1), bytes] as const]
    }),
  )
  if (!byFile.has(ENSEMBLE_FILE)) {
    const { model } = manifest.made.settings as { readonly model: Json }
    return bundlePredictor(byFile, await modelKind(String(model)), options)
  }
  const members: BundlePredictor[] = []
  for (const { id, bundle, content } of readEnsemble(byFile).members) {
    const member = await loadBundle(workspace, { id, bundlePath: bundle, contentHash: content })
    members.push(await loadPredictor(member, workspace, options))
  }
  return ensemblePredictor(byFile, members)
}
