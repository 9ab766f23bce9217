import { CAPS_TOPICS } from './caps-topics.js'
import { CLIENT_TOPICS } from './client-topics.js'
import { DATA_TOPICS } from './data-topics.js'
import { KEY_TOPICS } from './key-topics.js'
import { KUBELET_TOPICS } from './kubelet-topics.js'
import { MDS_TOPICS } from './mds-topics.js'
import { POD_TOPICS } from './pod-topics.js'
import { PROVISION_TOPICS } from './provision-topics.js'
import { REACH_TOPICS } from './reach-topics.js'
import type { Topic } from './topic.js'

/** Every topic. `test/core/explain/explain.test.ts` has captured lines. */
export const TOPICS: readonly Topic[] = [
  ...KUBELET_TOPICS,
  ...POD_TOPICS,
  ...KEY_TOPICS,
  ...CAPS_TOPICS,
  ...REACH_TOPICS,
  ...MDS_TOPICS,
  ...DATA_TOPICS,
  ...CLIENT_TOPICS,
  ...PROVISION_TOPICS,
]
