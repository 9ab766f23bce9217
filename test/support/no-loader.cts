/**
 * Required by each test process before tap registers a loader, which sends every module through another thread: half of
 * the processor time of a short test. tap has it to transform modules and to list the loaded ones. Coverage needs neither.
 */
process.getBuiltinModule('node:module').register = () => undefined
