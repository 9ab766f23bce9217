import t from 'tap'
import { didYouMean, nearest } from '../../../src/core/text/nearest.js'

const WORDS = ['monitors', 'mounter', 'mountOptions', 'path', 'rasize', 'wsize']

t.equal(nearest('monitor', WORDS), 'monitors', 'a letter is missing')
t.equal(nearest('mountoptions', WORDS), 'mountOptions', 'case does not count')
t.equal(nearest('pahts', WORDS), undefined, 'too far for so short a word')
t.equal(nearest('raszie', WORDS), 'rasize', 'two letters swapped')
t.equal(nearest('rsize', WORDS), 'rasize', 'the first of two equally close words')
t.equal(nearest('', WORDS), undefined, 'the empty word has no neighbour')
t.equal(nearest('m'.repeat(65), ['m'.repeat(65)]), undefined, 'very long words are not compared')
t.equal(nearest('zzzzzz', WORDS), undefined, 'nothing close')
t.equal(didYouMean('pat', WORDS), ': did you mean "path"?', 'as the end of a message')
t.equal(didYouMean('zzzzzz', WORDS), '', 'empty without a suggestion')
