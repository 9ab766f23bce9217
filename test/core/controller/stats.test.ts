import t from 'tap'
import { countOperation, newStats, statsText } from '../../../src/core/controller/stats.js'

t.test('metrics', async t => {
  const stats = newStats()
  countOperation(stats, 'provision', 'success', 0.3)
  countOperation(stats, 'provision', 'ENOANSWER', 100)
  const text = statsText(stats, { leads: true, synced: false, waiting: 2, sessions: 1, version: '1' })
  for (const line of [
    'cephflex_controller_leader 1',
    'cephflex_controller_synced 0',
    'cephflex_controller_waiting 2',
    'cephflex_controller_operations_total{operation="provision",result="success"} 1',
    'cephflex_controller_operations_total{operation="provision",result="ENOANSWER"} 1',
    'cephflex_controller_operations_total{operation="delete",result="success"} 0',
    'cephflex_controller_operation_duration_seconds_bucket{operation="provision",le="0.25"} 0',
    'cephflex_controller_operation_duration_seconds_bucket{operation="provision",le="0.5"} 1',
    'cephflex_controller_operation_duration_seconds_bucket{operation="provision",le="+Inf"} 2',
    'cephflex_controller_operation_duration_seconds_sum{operation="provision"} 100.3',
  ])
    t.ok(text.split('\n').includes(line), line)
})
