/**
 * User and password of an address, `https://user:password@host/…`: they are for its host, and for nobody who reads a manifest, a message
 * or the record of a run.
 */
export type Access = { readonly username: string; readonly password: string }

const WITH_ACCESS = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#\\]*)@/i

/** An address without its user and password, and these, decoded; anything else as it is. */
export function splitAccess(address: string): { readonly url: string; readonly access: Access | null } {
  const found = WITH_ACCESS.exec(address)
  if (found === null) return { url: address, access: null }
  const [all, scheme, own] = found
  const colon = own.indexOf(':')
  const [username, password] = colon < 0 ? [own, ''] : [own.slice(0, colon), own.slice(colon + 1)]
  return {
    url: scheme + address.slice(all.length),
    access: { username: decoded(username), password: decoded(password) },
  }
}

/** An address as it may be shown and written down. */
export function withoutAccess(address: string): string {
  return splitAccess(address).url
}

/** `%40` is how an `@` is written; a lone `%` stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
