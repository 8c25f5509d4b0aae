/** An OpenID provider outside the platform that people sign in at. */

/** What a token of theirs says. */
export interface ProviderClaims {
  readonly subject: string;
  readonly expiresAtMs: number;
  /** Every claim, as the provider wrote it. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Reads access tokens of one provider. */
export interface OidcProvider {
  readonly issuer: string;
  /** Whether a token says that it comes from this provider; nothing is verified. */
  claims(token: string): boolean;
  /**
   * Verifies signature, issuer, audience and times by the provider's own metadata and keys. A key that the provider takes back is refused within a minute.
   * @throws AppError UNAUTHENTICATED; UNAVAILABLE when the provider does not answer
   */
  verify(token: string): Promise<ProviderClaims>;
}
