/**
 * Volume, continued: by price. The point of control is the price with the most volume of the window, the value area the
 * range around it with 70 % of it.
 */
import { MINUTE } from '../../core/time.js'
import { distance, ratio, subtract } from '../../math/elementwise.js'
import { type VolumeProfile, volumeProfile } from '../../math/volume-profile.js'
import { defineFeature, type Feature, type SharedWork } from '../feature.js'

const SHARE = 0.7

/** Width of a price bin on a bar of one minute; it grows with the root of the bar's length, as prices' spread does. */
const MINUTE_BIN = 0.0005

const profileOf = (window: number): SharedWork<'quoteVolume' | 'volume', VolumeProfile> => ({
  inputs: ['quoteVolume', 'volume'],
  of(bars) {
    const binWidth = MINUTE_BIN * Math.sqrt(bars.stepMs / MINUTE)
    return volumeProfile(bars, { window, origin: bars.origin, binWidth, share: SHARE })
  },
})

const profileFeatures = (window: number): Feature[] => {
  const facts = {
    family: 'volume',
    work: profileOf(window),
    lookback: window - 1,
    timeframes: 'every',
    reference: 'Steidlmayer’s market profile, by volume; bins of 0.05 % · √minutes a bar',
  } as const
  const traded = ['quoteVolume', 'volume'] as const
  const levels: { name: string; meaning: string; line: keyof VolumeProfile }[] = [
    { name: 'point_of_control', meaning: `Price with the most volume of ${window} bars`, line: 'control' },
    {
      name: 'value_area_low',
      meaning: `Lower edge of the range with 70 % of the volume of ${window} bars`,
      line: 'areaLow',
    },
    {
      name: 'value_area_high',
      meaning: `Upper edge of the range with 70 % of the volume of ${window} bars`,
      line: 'areaHigh',
    },
  ]
  return [
    ...levels.map(({ name, meaning, line }) =>
      defineFeature({
        ...facts,
        name: `${name}_${window}`,
        meaning: `${meaning}, in quote currency.`,
        inputs: traded,
        compute: (_bars, profile) => profile[line],
      }),
    ),
    defineFeature({
      ...facts,
      name: `point_of_control_distance_${window}`,
      meaning: `Close above the price with the most volume of ${window} bars, as a fraction of it.`,
      inputs: ['close', ...traded],
      compute: (bars, { control }) => distance(bars.close, control),
    }),
    defineFeature({
      ...facts,
      name: `value_area_width_${window}`,
      meaning: `Upper over lower edge of the range with 70 % of the volume of ${window} bars, less 1.`,
      inputs: traded,
      compute: (_bars, { areaHigh, areaLow }) => distance(areaHigh, areaLow),
    }),
    defineFeature({
      ...facts,
      name: `value_area_position_${window}`,
      meaning: `Where the close lies in the range with 70 % of the volume of ${window} bars: 0 = lower edge, 1 = upper.`,
      inputs: ['close', ...traded],
      compute: ({ close }, { areaHigh, areaLow }) => ratio(subtract(close, areaLow), subtract(areaHigh, areaLow)),
    }),
  ]
}

export const volumeProfileFeatures: readonly Feature[] = [60, 240].flatMap(profileFeatures)
