export const FOLDER: string
export function referencePages(load: (module: string) => Promise<unknown>): Promise<Record<string, string>>
