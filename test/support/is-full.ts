/** Whether `npm run test:soak` runs, which does all of what other runs do a part of. */
export const IS_FULL = process.env['CEPHFLEX_SOAK'] === 'full'
