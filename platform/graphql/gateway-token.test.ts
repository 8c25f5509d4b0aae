import { describe, expect, it } from 'vitest';
import { manualClock } from '../clock/manual-clock.ts';
import { AppError } from '../errors.ts';
import { gatewaySigner, gatewayVerifier, signingSecrets, TOKEN_MS } from './gateway-token.ts';
import type { Viewer } from './port.ts';
import { userViewer } from './viewer.ts';

const NOW_MS = Date.UTC(2026, 10, 24);
const OLD = 'the old secret of both ends, 1234567890';
const NEW = 'the new secret of both ends, 1234567890';
const VIEWER: Viewer = userViewer('u1', 'OPERATOR');
const BODY = '{"variables":{"name":"Straße"}}';

function ends(secrets: { readonly gateway?: string; readonly subgraph?: string } = {}) {
  const clock = manualClock(NOW_MS);
  const signer = gatewaySigner(signingSecrets(secrets.gateway ?? OLD, 'file'), 'devices', clock);
  const verifier = gatewayVerifier(signingSecrets(secrets.subgraph ?? OLD, 'file'), 'devices', clock);
  return { clock, signer, verifier };
}

function refusal(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    if (error instanceof AppError) return `${error.code} ${error.subject}`;
  }
  return 'none';
}

describe('a token of the gateway', () => {
  it('carries the viewer, and another name each time', () => {
    const { signer, verifier } = ends();
    const first = verifier.verify(signer.sign(VIEWER, BODY), BODY);
    expect(first.viewer).toEqual(VIEWER);
    expect(verifier.verify(signer.sign(VIEWER, BODY), BODY).id).not.toBe(first.id);
  });

  it('is good for its request alone', () => {
    const { signer, verifier } = ends();
    const token = signer.sign(VIEWER, BODY);
    expect(refusal(() => verifier.verify(token, BODY.replace('Straße', 'Strasse')))).toContain('another request');
    expect(refusal(() => verifier.verify(token, ''))).toMatch(/^UNAUTHENTICATED/);
  });

  it('is good for its subgraph alone', () => {
    const { clock, signer } = ends();
    const alerts = gatewayVerifier(signingSecrets(OLD, 'file'), 'alerts', clock);
    expect(refusal(() => alerts.verify(signer.sign(VIEWER, BODY), BODY))).toContain('another subgraph');
  });

  it('ends after a minute, with what clocks may differ by', async () => {
    const { clock, signer, verifier } = ends();
    const token = signer.sign(VIEWER, BODY);
    await clock.advance(TOKEN_MS + 10_000);
    expect(refusal(() => verifier.verify(token, BODY))).toBe('none');
    await clock.advance(1_000);
    expect(refusal(() => verifier.verify(token, BODY))).toContain('ended');
  });

  it('says that a clock is wrong when it begins later', () => {
    const ahead = gatewaySigner(signingSecrets(OLD, 'file'), 'devices', manualClock(NOW_MS + 7_200_000));
    expect(refusal(() => ends().verifier.verify(ahead.sign(VIEWER, BODY), BODY))).toContain('are both clocks right?');
  });

  it('is refused when it is missing, torn, of another secret, or changed', () => {
    const { signer, verifier } = ends();
    const token = signer.sign(VIEWER, BODY);
    const [header, payload = '', signature] = token.split('.');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
    const raised = Buffer.from(JSON.stringify({ ...claims, viewer: userViewer('u1', 'ADMIN') })).toString('base64url');
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url');
    const foreign = ends({ gateway: NEW }).signer.sign(VIEWER, BODY);
    const bad = [undefined, '', 'x', `${header}.${payload}`, `${header}.${raised}.${signature}`, `${token}.x`, foreign];
    for (const each of [...bad, `${unsigned}.${payload}.`, `${header}.${payload}.`]) {
      expect(
        refusal(() => verifier.verify(each, BODY)),
        String(each),
      ).toMatch(/^UNAUTHENTICATED/);
    }
  });

  it('may be signed with the old secret or the new one while they change', () => {
    const subgraph = `${OLD}\n${NEW}\n`;
    for (const gateway of [OLD, NEW, `${NEW}\n${OLD}`]) {
      const { signer, verifier } = ends({ gateway, subgraph });
      expect(refusal(() => verifier.verify(signer.sign(VIEWER, BODY), BODY))).toBe('none');
    }
  });
});

describe('a file of secrets', () => {
  it('holds one or more, none of which can be guessed', () => {
    expect(refusal(() => signingSecrets('', 'GATEWAY_SECRET_FILE'))).toBe(
      'BAD_SETTING GATEWAY_SECRET_FILE: the file holds no secret',
    );
    expect(refusal(() => signingSecrets(`${OLD}\nshort`, 'GATEWAY_SECRET_FILE'))).toContain('at least 32 characters');
    expect(refusal(() => signingSecrets('x'.repeat(31), 'f'))).toMatch(/^BAD_SETTING/);
    expect(signingSecrets(`\n${'x'.repeat(32)}\n\n`, 'f')).toHaveLength(1);
  });
});
