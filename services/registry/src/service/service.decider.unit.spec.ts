import { describe, expect, it } from '@jest/globals';
import type { ServiceEvent } from '@tutti/contracts';
import { fold } from '@tutti/kernel';
import { serviceDecider, type ServiceCommand } from './service.decider.js';
import type { InstanceDescription } from './service.state.js';

const instance: InstanceDescription = {
  id: 'coordinator-1',
  service: 'coordinator',
  version: '0.1.0',
  addresses: ['http://127.0.0.1:4710'],
  metadata: { zone: 'a' },
  leaseMs: 10_000,
};
const id = instance.id;
const registered: ServiceEvent = { type: 'ServiceRegistered', data: { ...instance } };
const gone = (because: 'requested' | 'lease-expired'): ServiceEvent => ({ type: 'ServiceDeregistered', data: { id, because } });
const register = (changes: Partial<InstanceDescription> = {}): ServiceCommand => ({
  type: 'RegisterService',
  instance: { ...instance, ...changes },
});
const update = (addresses: readonly string[]): ServiceCommand => ({ type: 'UpdateService', id, addresses, metadata: instance.metadata });

const decide = (given: readonly ServiceEvent[], command: ServiceCommand) => serviceDecider.decide(command, fold(serviceDecider, given));
const refusal = (code: string) => expect.objectContaining({ code, message: expect.stringContaining(id) });

describe('a service instance', () => {
  it('is registered when nobody knows it', () => {
    expect(decide([], register())).toEqual([registered]);
  });

  it('stores nothing when it registers the same way again', () => {
    expect(decide([registered], register())).toEqual([]);
  });

  it('records what changed when it registers with other addresses', () => {
    const addresses = ['http://127.0.0.1:4711'];
    expect(decide([registered], register({ addresses }))).toEqual([
      { type: 'ServiceUpdated', data: { id, addresses, metadata: instance.metadata } },
    ]);
  });

  it('is registered anew when its version or lease is another one', () => {
    expect(decide([registered], register({ version: '0.2.0' }))).toMatchObject([{ type: 'ServiceRegistered' }]);
    expect(decide([registered], register({ leaseMs: 20_000 }))).toMatchObject([{ type: 'ServiceRegistered' }]);
  });

  it('is updated only when something differs', () => {
    expect(decide([registered], update(instance.addresses))).toEqual([]);
    const events = decide([registered], update(['http://127.0.0.1:9']));
    expect(events).toHaveLength(1);
    expect(decide([registered, ...events], update(['http://127.0.0.1:9']))).toEqual([]);
  });

  it('stores nothing when it renews its lease', () => {
    expect(decide([registered], { type: 'RenewService', id })).toEqual([]);
  });

  it('expires once, and not after it was taken out', () => {
    expect(decide([registered], { type: 'ExpireService', id })).toEqual([gone('lease-expired')]);
    expect(decide([registered, gone('lease-expired')], { type: 'ExpireService', id })).toEqual([]);
    expect(decide([registered, gone('requested')], { type: 'ExpireService', id })).toEqual([]);
  });

  it('is taken out once, on request or after it expired', () => {
    expect(decide([registered], { type: 'DeregisterService', id })).toEqual([gone('requested')]);
    expect(decide([registered, gone('requested')], { type: 'DeregisterService', id })).toEqual([]);
    expect(decide([registered, gone('lease-expired')], { type: 'DeregisterService', id })).toEqual([]);
  });

  it('comes back by registering after its lease ran out', () => {
    expect(decide([registered, gone('lease-expired')], register())).toEqual([registered]);
  });

  it('refuses changes with LEASE_EXPIRED when its lease ran out', () => {
    expect(() => decide([registered, gone('lease-expired')], update([]))).toThrow(refusal('LEASE_EXPIRED'));
    expect(() => decide([registered, gone('lease-expired')], { type: 'RenewService', id })).toThrow(refusal('LEASE_EXPIRED'));
  });

  it('refuses changes with SERVICE_NOT_FOUND when it is unknown or was taken out', () => {
    expect(() => decide([], update([]))).toThrow(refusal('SERVICE_NOT_FOUND'));
    expect(() => decide([registered, gone('requested')], update([]))).toThrow(refusal('SERVICE_NOT_FOUND'));
    expect(() => decide([registered, gone('requested')], { type: 'RenewService', id })).toThrow(refusal('SERVICE_NOT_FOUND'));
    expect(() => decide([], { type: 'DeregisterService', id })).toThrow(refusal('SERVICE_NOT_FOUND'));
  });
});
