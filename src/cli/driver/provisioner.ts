import { deprovision, provision } from '../../ops/provision/calls.js'
import { answer } from './answer.js'

/** Answers a call of the flex provisioner, as {@link answer} does. A separate part, since a mount needs none of it. */
export const answerProvisioner = answer.bind(undefined, { provision, delete: deprovision })
