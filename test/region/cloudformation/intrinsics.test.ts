import { describe, expect, it } from 'vitest';
import {
  evaluateCondition,
  NO_VALUE,
  references,
  resolve,
  type Scope,
} from '../../../region/cloudformation/intrinsics.ts';

const known: Record<string, unknown> = {
  'AWS::Region': 'us-east-1',
  'AWS::NoValue': NO_VALUE,
  Table: 'ledger-table',
  Names: ['alpha', 'beta'],
};
const scope: Scope = {
  ref: (name) => {
    if (!(name in known)) throw new Error(`unknown ${name}`);
    return known[name];
  },
  attribute: (logicalId, attribute) => `${logicalId}#${attribute}`,
  condition: (name) => name === 'Always',
};

describe('an intrinsic function', () => {
  it.each([
    ['Ref', { Ref: 'Table' }, 'ledger-table'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Table', 'Arn'] }, 'Table#Arn'],
    ['GetAtt as a string', { 'Fn::GetAtt': 'Table.Stream.Arn' }, 'Table#Stream.Arn'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Table' }, 3]] }, 'a-ledger-table-3'],
    ['Join of a list that Ref yields', { 'Fn::Join': [',', { Ref: 'Names' }] }, 'alpha,beta'],
    ['Split and Select', { 'Fn::Select': ['1', { 'Fn::Split': ['/', 'one/two/three'] }] }, 'two'],
    [
      'Sub with names of the template',
      { 'Fn::Sub': '${AWS::Region}/${Table}/${Table.Arn}/${!Kept}' },
      'us-east-1/ledger-table/Table#Arn/${Kept}',
    ],
    [
      'Sub with own variables',
      { 'Fn::Sub': ['${Mine}-${Table}', { Mine: { Ref: 'AWS::Region' } }] },
      'us-east-1-ledger-table',
    ],
    ['If when the condition holds', { 'Fn::If': ['Always', 'yes', { Ref: 'Missing' }] }, 'yes'],
    ['If when it does not', { 'Fn::If': ['Never', { Ref: 'Missing' }, 'no'] }, 'no'],
  ])('%s yields its value', (_, call, expected) => {
    expect(resolve(call, scope)).toEqual(expected);
  });

  it('AWS::NoValue removes members and elements', () => {
    const value = { kept: 1, gone: { Ref: 'AWS::NoValue' }, list: ['a', { Ref: 'AWS::NoValue' }] };
    expect(resolve(value, scope)).toEqual({ kept: 1, list: ['a'] });
  });

  it.each([
    ['an unknown function', { 'Fn::ImportValue': 'x' }, 'the intrinsic function Fn::ImportValue is not modelled'],
    ['a dynamic reference', '{{resolve:ssm:/a}}', 'the dynamic reference {{resolve:ssm:/a}} is not modelled'],
    ['a function beside other members', { Ref: 'Table', x: 1 }, 'Ref stands beside other members: Ref, x'],
    ['Select beyond the end', { 'Fn::Select': [2, ['a', 'b']] }, 'Fn::Select asks for element 2 of a list of 2'],
    ['Join of an object', { 'Fn::Join': ['', [{ a: 1 }]] }, 'an element of Fn::Join is not a string: {"a":1}'],
    ['Join with three arguments', { 'Fn::Join': ['', [], 1] }, 'Fn::Join takes 2 arguments, not 3'],
  ])('%s is refused', (_, value, sentence) => {
    expect(() => resolve(value, scope)).toThrow(sentence);
  });
});

describe('a condition', () => {
  it.each([
    [{ 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] }, true],
    [{ 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] }, false],
    [{ 'Fn::Equals': ['true', true] }, true],
    [{ 'Fn::Equals': [1, '1'] }, true],
    [{ 'Fn::Equals': [1, '01'] }, false],
    [{ 'Fn::Equals': [true, 'True'] }, false],
    [{ 'Fn::Not': [{ Condition: 'Always' }] }, false],
    [{ 'Fn::And': [{ Condition: 'Always' }, { Condition: 'Never' }] }, false],
    [{ 'Fn::Or': [{ Condition: 'Always' }, { Condition: 'Never' }] }, true],
  ])('%j is %s', (expression, expected) => {
    expect(evaluateCondition(expression, scope)).toBe(expected);
  });

  it.each([
    [['a'], ['a']],
    [{ a: 1 }, { a: 1 }],
    [{ Ref: 'AWS::NoValue' }, ''],
    [null, ''],
  ])('does not compare %j with %j', (...operands) => {
    expect(() => evaluateCondition({ 'Fn::Equals': operands }, scope)).toThrow(
      'every Fn::Equals object requires a list of 2 string parameters',
    );
  });

  it('of an unknown function is refused', () => {
    expect(() => evaluateCondition({ 'Fn::Contains': [['a'], 'a'] }, scope)).toThrow(
      'the condition function Fn::Contains is not modelled',
    );
  });
});

it('references are found in every form', () => {
  const value = [
    { a: { Ref: 'A' } },
    { 'Fn::GetAtt': ['B', 'Arn'] },
    { 'Fn::GetAtt': 'C.Arn' },
    { 'Fn::Sub': ['${D}${E.Arn}${Own}${!F}', { Own: { Ref: 'G' } }] },
  ];
  expect(references(value)).toEqual(['A', 'B', 'C', 'D', 'E', 'G']);
});
