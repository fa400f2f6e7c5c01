/**
 * What runs in the reader's browser: draws every chart again so that it answers to the pointer, follows the width of
 * the page and its theme. Without it (no scripts, print) the still SVG stays.
 */
import { CHART_COLORS } from './chart.js'
import { createFormats } from './chart-formats.js'

export const CHART_DATA_ID = 'chart-data'

export function browserScript(): string {
  return `(function () {
  'use strict'
  var formats = (${createFormats.toString()})()
  var colors = ${JSON.stringify(CHART_COLORS)}
  var charts = JSON.parse(document.getElementById('${CHART_DATA_ID}').textContent)
  var live = []

  function palette() {
    var style = getComputedStyle(document.documentElement)
    var found = {}
    colors.forEach(function (name) { found['color:' + name] = style.getPropertyValue('--' + name).trim() })
    return found
  }

  function resolve(value, theme) {
    if (typeof value === 'string') {
      if (Object.hasOwn(theme, value)) return theme[value]
      var format = value.slice(0, 7) === 'format:' ? formats[value.slice(7)] : undefined
      return format === undefined ? value : format
    }
    if (value === null || typeof value !== 'object') return value
    if (Array.isArray(value)) return value.map(function (item) { return resolve(item, theme) })
    var copy = {}
    Object.keys(value).forEach(function (key) { copy[key] = resolve(value[key], theme) })
    return copy
  }

  function paint(one, theme) {
    var spec = charts[one.id]
    one.chart.setOption(resolve(Object.assign({}, spec.option, spec.live), theme), true)
  }

  if (typeof echarts === 'undefined') return
  Object.keys(charts).forEach(function (id) {
    var figure = document.getElementById(id)
    if (figure === null) return
    var place = document.createElement('div')
    place.className = 'live'
    figure.appendChild(place)
    figure.classList.add('drawn')
    var one = { id: id, chart: echarts.init(place, null, { renderer: 'svg' }) }
    paint(one, palette())
    live.push(one)
    new ResizeObserver(function () {
      if (place.clientWidth > 0) one.chart.resize()
    }).observe(place)
  })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', function () {
    var theme = palette()
    live.forEach(function (one) { paint(one, theme) })
  })
})()`
}
