import { describe, expect, it } from '@jest/globals';
import { keyOf, shortcutFor } from './shortcuts.js';

const pressed = (key: string, held: object = {}) => keyOf({ key, ctrlKey: false, metaKey: false, altKey: false, ...held });

describe('the name of a key', () => {
  it('is the key itself, with mod for Control and Command', () => {
    expect([pressed('j'), pressed('?'), pressed('K', { metaKey: true }), pressed('k', { ctrlKey: true })]).toEqual([
      'j',
      '?',
      'mod+k',
      'mod+k',
    ]);
  });

  it('is none for what only changes other keys, and with Alt, which types letters', () => {
    expect([pressed('Shift'), pressed('Control', { ctrlKey: true }), pressed('j', { altKey: true })]).toEqual([null, null, null]);
  });
});

describe('the shortcut that a key ends', () => {
  it('is the pair when the key before began one', () => {
    expect(shortcutFor(['g r', 'r'], 'g', 'r')).toBe('g r');
  });

  it('is the key alone after any other key, and none when it is unknown', () => {
    expect([shortcutFor(['g r', 'r'], 'x', 'r'), shortcutFor(['g r'], '', 'r')]).toEqual(['r', null]);
  });
});
