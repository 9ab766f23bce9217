/**
 * To be imported first: the program then is one file, which starts in a third of the time. The coverage of the
 * installer comes from the tests that run it as it is built.
 */
process.env['CEPHFLEX_BUNDLED'] = 'yes'
