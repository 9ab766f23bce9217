import t from 'tap'
import { podVolumeOf } from '../../../src/core/target/pod-volume.js'

const TARGET = '/var/lib/kubelet/pods/u1/volumes/cephflex~cephfs/data'
t.match(podVolumeOf(TARGET), { uid: 'u1', volume: 'data', pods: '/var/lib/kubelet/pods' })
t.equal(podVolumeOf('/mnt'), undefined)
