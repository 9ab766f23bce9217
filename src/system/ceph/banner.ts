import { connect } from 'node:net'
import type { MonitorAnswer } from '../../core/ceph/monitor-answer.js'

const BANNER_LENGTH = 9

/** What a client of msgr2 sends first: it needs no feature (Ceph: src/include/msgr.h). */
const OWN_BANNER = `ceph v2\n\x10\0${'\0'.repeat(16)}`

/**
 * Connects to a monitor and reads its banner, which it sends first. Takes at most `timeoutMs`. Never rejects.
 *
 * After half of that without a word, it greets like a client: a web server answers only then.
 */
export function readBanner(host: string, port: number, timeoutMs: number): Promise<MonitorAnswer> {
  return new Promise(resolve => {
    const start = performance.now()
    let isConnected = false
    let text = ''
    const socket = connect({ host, port })
    const finish = (answer: Omit<MonitorAnswer, 'ms'>) => {
      clearTimeout(timer)
      clearTimeout(greeting)
      socket.destroy()
      resolve({ ...answer, ms: Math.round(performance.now() - start) })
    }
    const timer = setTimeout(
      () =>
        finish(isConnected ? { banner: text === '' ? 'silent' : kindOf(text) } : { problem: 'no answer' }),
      timeoutMs,
    )
    const greeting = setTimeout(() => isConnected && text === '' && socket.write(OWN_BANNER), timeoutMs / 2)
    socket.once('connect', () => {
      isConnected = true
    })
    socket.on('data', chunk => {
      text += chunk.toString('latin1')
      if (text.length >= BANNER_LENGTH) finish({ banner: kindOf(text) })
    })
    socket.once('end', () => finish({ banner: kindOf(text) }))
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (isConnected) return finish({ banner: kindOf(text) })
      finish({ problem: error.code === 'ECONNREFUSED' ? 'refused' : (error.code ?? 'EUNKNOWN') })
    })
  })
}

/** msgr1 starts with "ceph v027", msgr2 with "ceph v2\n" and a length (Ceph: src/include/msgr.h). */
function kindOf(text: string): 'v1' | 'v2' | 'other' {
  if (text.startsWith('ceph v0')) return 'v1'
  return text.startsWith('ceph v2\n') ? 'v2' : 'other'
}
