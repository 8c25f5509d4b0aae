/**
 * A supergraph as Apollo's gateway loads it: without the note that its security features must be understood, which its packages check against a fixed
 * list that holds none of them. The directives themselves stay, and are honoured by us: `restricted-fields.ts` here, the subgraphs' guards behind.
 */
export function withoutSecurityPurpose(supergraphSdl: string): string {
  return supergraphSdl.replace(SECURITY_LINK, '$1)');
}

const SECURITY_LINK =
  /(@link\(\s*url:\s*"https:\/\/specs\.apollo\.dev\/(?:authenticated|requiresScopes)\/v[\d.]+"[^)]*?),?\s*for:\s*SECURITY\s*\)/g;
