import { describe, expect, it } from '@jest/globals';
import { isNegated } from './negation.js';
import { nounPhrases } from './noun-phrases.js';
import { parseStatement } from './statement.js';
import { tokensOf } from './words.js';

describe('negation', () => {
  it.each([
    ['There is no cloud.', 'cloud', true],
    ['It must not depend on any cloud service.', 'cloud', true],
    ['A login is not required.', 'login', true],
    ['Microservices are out of scope.', 'Microservices', true],
    ['It must work without a server.', 'server', true],
    ['It cannot work without a server.', 'server', false],
    ['No data may be lost when the cloud is away.', 'cloud', false],
    ['It runs not only in the cloud.', 'cloud', false],
    ['We want a monolith instead of microservices.', 'microservices', true],
    ['It runs in the cloud.', 'cloud', false],
  ])('in %j of %j is %s', (sentence, word, expected) => {
    const at = sentence.indexOf(word);
    expect(isNegated(sentence, at, at + word.length)).toBe(expected);
  });
});

describe('a statement', () => {
  it.each([
    ['The system must let a nurse record a dose.', 'record', 'dose'],
    ['A merchant shall be able to refund a payment.', 'refund', 'payment'],
    ['WHEN a door opens THE SYSTEM SHALL start the fan.', 'start', 'fan'],
    ['Users can generate complementary and triadic palettes.', 'generate', 'triadic palettes'],
    ['The server must be authoritative.', 'be', null],
    ['Passwords must be hashed.', 'hashed', 'Passwords'],
    ['Export the palette as CSS.', 'export', 'palette'],
  ])('%j says %s %s', (text, verb, object) => {
    expect(parseStatement(text)).toMatchObject({ verb, object });
  });
});

describe('noun phrases', () => {
  it('end at verbs, stop words and possessives', () => {
    const text = "The pump's controller keeps vital signs of the patient and sends alarms";
    expect(nounPhrases(tokensOf(text)).map((phrase) => phrase.text)).toEqual(['pump', 'controller', 'vital signs', 'patient', 'alarms']);
  });
});
