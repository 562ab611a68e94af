import { defineLoss, map } from '@limbeck/core'
import { ecStrip } from './ec-strip.ts'

const literal = ecStrip({ scales: [1], square: 'none', distance: 'l2sq' })

/**
 * Equations 8 to 11 of eight-connected strip distillation as printed: raw maps, one scale, squared norms. Student
 * [B,H,W,C], teacher [B,H,W,K], K ≤ C. See `ec-strip`.
 */
export const ecStripLiteral = defineLoss({
  name: 'ec-strip-literal',
  summary: 'Eight-connected strip distillation as the paper prints it.',
  inputs: { student: map(), teacher: map({ over: 'student', target: true }) },
  options: {},
  compute: (maps) => literal(maps),
})
