import { deprovision, provision } from '../../ops/provision/calls.js'
import { answer } from './answer.js'

/** Answers a call of the flex provisioner, as {@link answer} does. A part of its own: a mount needs none of it. */
export const answerProvisioner = answer.bind(undefined, { provision, delete: deprovision })
