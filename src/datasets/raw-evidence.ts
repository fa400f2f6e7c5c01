/**
 * What the manifests of raw files say of where rows could have come from. Facts of REST and of the instrument are there only where the
 * download asked for them.
 */
import { parseTime } from '../core/time.js'
import type { GapEvidence } from '../market/gaps.js'
import { joinSpans } from '../market/spans.js'
import type { Done } from '../stages/stage.js'

type Days = { readonly from: string; readonly to: string } // ISO, end exclusive

/** When the exchange listed and delisted it, UTC ms. A perpetual that is traded has its end far in the future. */
export function listingOf(instrument: readonly Done[]): { listedFrom: number | null; listedTo: number | null } {
  const { onboardDate, deliveryDate } = instrument.at(0)?.manifest.facts ?? {}
  return {
    listedFrom: timeOrNull(onboardDate),
    listedTo: timeOrNull(deliveryDate),
  }
}

/** The exchange writes 0 for what it does not know. */
function timeOrNull(value: unknown): number | null {
  return typeof value === 'number' && value > 0 ? value : null
}

/** What was looked for in the archive, and what REST was asked for besides. */
export function evidenceOf(files: readonly Done[], instrument: readonly Done[]): GapEvidence {
  const span = ({ from, to }: Days) => ({ from: Date.parse(from), to: Date.parse(to) })
  return {
    searched: joinSpans(files.map(({ settings }) => span(settings as Days))),
    asked: joinSpans(files.flatMap(({ manifest }) => ((manifest.facts.restAsked ?? []) as readonly Days[]).map(span))),
    ...listingOf(instrument),
  }
}

/** Whole months, or days, that the archive does not have. */
export function absentSpans({ manifest, settings }: Done): { from: string; to: string }[] {
  const { absentDays, rows } = manifest.facts
  if (rows === 0) return [{ from: String(settings.from), to: String(settings.to) }]
  return ((absentDays ?? []) as string[]).map((day) => ({
    from: day,
    to: new Date(parseTime(day) + 86_400_000).toISOString().slice(0, 10),
  }))
}

/** Files of the archive without a checksum; what REST gives has none. */
export function unverifiedKeys(files: readonly Done[]): string[] {
  type Source = { readonly key: string; readonly verified: boolean; readonly via?: string }
  return files
    .flatMap(({ manifest }) => (manifest.facts.sources ?? []) as readonly Source[])
    .filter(({ verified, via }) => !verified && via !== 'rest')
    .map(({ key }) => key)
}
