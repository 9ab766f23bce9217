import t from 'tap'
import { pathOnce, userOnce } from '../../../src/core/text/said-once.js'

const LONG = '/volumes/kubernetes/kubernetes_dynamic_pvc_9f3c1a52'

t.equal(userOnce('web'), 'client.web')
t.equal(userOnce('kubernetes_dynamic_user_9f3c1a52_6d0b_4e7f_8a21_0c5d7e9b1f34'), "the volume's user")
t.equal(pathOnce(`root '${LONG}' and '${LONG}'`, LONG), "root '...' and '...'")
t.equal(pathOnce("root '/web'", '/web'), "root '/web'", 'a short path is kept')
t.equal(pathOnce('text', ''), 'text')
