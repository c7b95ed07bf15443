import { expect } from 'vitest';
import { EnvFault, readEnv } from '../../src/infra/environment/env.ts';

export const test_key = 'xnd_development_canary123456';
export const live_key = 'xnd_production_canary123456';

/** The message with which an environment is refused. */
export function refusal(source: Record<string, string>): string {
  try {
    readEnv(source);
  } catch (error) {
    expect(error).toBeInstanceOf(EnvFault);
    return (error as Error).message;
  }
  throw new Error('The environment was taken.');
}
