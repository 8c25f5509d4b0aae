import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { clientAddress, clientKey, noteClientAddress, trustedProxies } from './client-address.ts';

function addressOf(peer: string, headers: Record<string, string> = {}, trusted: readonly string[] = []): string {
  const request = { headers: { ...headers }, socket: { remoteAddress: peer } } as unknown as IncomingMessage;
  noteClientAddress(request, trustedProxies(trusted).proxies);
  return clientAddress(request) ?? '';
}

describe('the address of a client', () => {
  it('is that of the connection, whatever the client says', () => {
    expect(addressOf('203.0.113.5')).toBe('203.0.113.5');
    expect(addressOf('203.0.113.5', { 'x-forwarded-for': '127.0.0.1' })).toBe('203.0.113.5');
    expect(addressOf('203.0.113.5', { 'x-client-address': '127.0.0.1' })).toBe('203.0.113.5');
  });

  it('is what a proxy on this machine says', () => {
    expect(addressOf('127.0.0.1', { 'x-forwarded-for': '203.0.113.5' })).toBe('203.0.113.5');
    expect(addressOf('::1', { 'x-forwarded-for': '203.0.113.5' })).toBe('203.0.113.5');
  });

  it('is the last one that no trusted proxy stands for: what comes before it may be made up', () => {
    const headers = { 'x-forwarded-for': '127.0.0.1, 198.51.100.7, 10.1.2.3' };
    expect(addressOf('127.0.0.1', headers)).toBe('10.1.2.3');
    expect(addressOf('127.0.0.1', headers, ['10.0.0.0/8'])).toBe('198.51.100.7');
    expect(addressOf('10.9.9.9', headers, ['10.0.0.0/8'])).toBe('198.51.100.7');
  });

  it('passes over what is no address', () => {
    expect(addressOf('127.0.0.1', { 'x-forwarded-for': 'unknown, 203.0.113.5, _hidden' })).toBe('203.0.113.5');
    expect(addressOf('127.0.0.1', { 'x-forwarded-for': ',,,' })).toBe('127.0.0.1');
  });

  it('is found at the end of a list of any length, and at its beginning', () => {
    const many = '198.51.100.7, '.repeat(5_000);
    expect(addressOf('127.0.0.1', { 'x-forwarded-for': `${many}203.0.113.5` })).toBe('203.0.113.5');
    expect(addressOf('127.0.0.1', { 'x-forwarded-for': `203.0.113.5${',127.0.0.1'.repeat(5_000)}` })).toBe(
      '203.0.113.5',
    );
    expect(addressOf('127.0.0.1', { 'x-forwarded-for': ',203.0.113.5,' })).toBe('203.0.113.5');
  });

  it('is the same in IPv6 clothes', () => {
    expect(addressOf('::ffff:203.0.113.5')).toBe('203.0.113.5');
    expect(addressOf('::ffff:127.0.0.1', { 'x-forwarded-for': '203.0.113.5' })).toBe('203.0.113.5');
  });
});

describe('trusted proxies', () => {
  it('name what is neither an address nor a range', () => {
    const { wrong } = trustedProxies(['10.0.0.0/8', '192.0.2.1', 'fd00::/8', '10.0.0.0/33', 'proxy', '10.0.0.0/x', '']);
    expect(wrong).toEqual(['10.0.0.0/33', 'proxy', '10.0.0.0/x', '']);
  });
});

describe('whom an address stands for', () => {
  it('is one of IPv4, and a network of 64 bits of IPv6', () => {
    expect(clientKey('203.0.113.5')).toBe('203.0.113.5');
    expect(clientKey('2001:db8:1:2:3:4:5:6')).toBe('2001:db8:1:2::/64');
    expect(clientKey('2001:db8:1:2::9')).toBe('2001:db8:1:2::/64');
    expect(clientKey('2001:0db8:0001:0002:ffff::')).toBe('2001:db8:1:2::/64');
    expect(clientKey('2001:db8::1')).toBe('2001:db8:0:0::/64');
    expect(clientKey('fe80::1%eth0')).toBe('fe80:0:0:0::/64');
  });
});
