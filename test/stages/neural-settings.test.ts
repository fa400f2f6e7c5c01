/** What nets read of a table that has more: `neural.inputs`. */
import { describe, expect, it } from 'vitest'
import { resolveConfig } from '../../src/config/load.js'
import { CORE } from '../../src/features/presets.js'
import { inputsOf, neuralSettings } from '../../src/stages/train/neural-settings.js'

const config = (inputs: readonly string[]) =>
  resolveConfig([{ from: 'test', values: { 'neural.inputs': inputs } }]).config

describe('neural.inputs', () => {
  it('is the bar and its order flow unless said otherwise, all of it in core', async () => {
    const inputs = await inputsOf(await neuralSettings('lstm', config(['sequence'])), [...CORE, 'rsi_14_1h'])
    expect(inputs).toEqual([
      ...['log_return', 'high_low_range', 'close_position', 'body_share', 'volume_zscore_20', 'taker_buy_share'],
      ...['trade_intensity', 'average_trade_size_ratio'],
    ])
    expect(resolveConfig([]).config['neural.inputs']).toEqual(['sequence'])
  })

  it('takes names, families and globs, in the order of the table', async () => {
    const settings = await neuralSettings('tcn', config(['rsi_*', 'sequence']))
    expect(await inputsOf(settings, ['zscore_50', 'rsi_14', 'log_return', 'rsi_7', 'rsi_14_1h'])).toEqual([
      ...['rsi_14', 'log_return', 'rsi_7', 'rsi_14_1h'],
    ])
  })

  it('is no setting of a tree, so that it makes none stale', async () => {
    const settings = await neuralSettings('xgboost', config(['sequence']))
    expect(settings).toEqual({})
    expect(await inputsOf(settings, ['rsi_14'])).toBeNull()
  })

  it('says which entry names no feature, and when the table has none of them', async () => {
    await expect(neuralSettings('gru', config(['sequenze']))).rejects.toThrow('unknown feature sequenze')
    const settings = await neuralSettings('gru', config(['sequence']))
    await expect(inputsOf(settings, ['rsi_14', 'cci_20'])).rejects.toThrow(
      /names 8 features, and none of them is among the table's 2/,
    )
  })
})
