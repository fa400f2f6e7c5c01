/** The browser that some tests need. */
import { findBrowser } from '../../src/cli/pdf.js'

/** Null, with a visible line that names what is skipped, where Chromium is not installed. */
export function installedBrowser(what: string): string | null {
  try {
    return findBrowser(process.env)
  } catch {
    console.log(`skipped: ${what} (Chromium is not installed)`)
    return null
  }
}
