/** Run in a process of its own by the XGBoost test: fits once and prints the SHA-256 of the model's file. */

import { createHash } from 'node:crypto'
import { xgboost } from '../../src/models/xgboost.js'
import { fitOptions, sample } from './sample.js'

const model = await xgboost.fit(sample(21, 800), sample(22, 300), fitOptions())
console.log(
  createHash('sha256')
    .update(model.files().get('model.json') ?? '')
    .digest('hex'),
)
model.close()
