import { z } from 'zod'

/** The directory of the figures, one file per reliability suite. */
export const FIGURES_DIRECTORY = 'test/records/results/figures'

const Figures = z.strictObject({
  date: z.iso.date(),
  rows: z.array(z.strictObject({ what: z.string().min(1), count: z.int().min(0), lost: z.int().min(0) })),
})
export type Figures = z.infer<typeof Figures>

/** Reads a result file. @throws ZodError or SyntaxError if it was edited by hand and is not valid. */
export function parseFigures(json: string): Figures {
  return Figures.parse(JSON.parse(json))
}

/** The rows of the table in `src/assets/docs/reliability.md`. */
export function figureRows(all: readonly Figures[]): string[][] {
  return all.flatMap(({ date, rows }) =>
    rows.map(({ what, count, lost }) => [what, count.toLocaleString('en'), String(lost), date]),
  )
}
