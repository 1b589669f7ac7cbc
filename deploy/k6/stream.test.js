// @ts-check
// node --test deploy/k6/stream.test.js
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stream } from './stream.js';

/** @param {number} after @param {number[]} seqs */
function faults(after, ...seqs) {
  const stream = new Stream(after);
  seqs.forEach((seq) => stream.add(seq));
  return stream.faults();
}

test('nothing is wrong with every number once and in order', () => assert.deepEqual(faults(7, 8, 9, 10), { lost: 0, doubled: 0, disorder: 0 }));
test('a number that is skipped is lost', () => assert.deepEqual(faults(0, 1, 4), { lost: 2, doubled: 0, disorder: 0 }));
test('a number that comes late is out of order, and not lost', () => assert.deepEqual(faults(0, 1, 3, 2), { lost: 0, doubled: 0, disorder: 1 }));
test('a number that comes again is doubled', () => assert.deepEqual(faults(0, 1, 2, 2, 1), { lost: 0, doubled: 2, disorder: 0 }));
test('a number from before the start is doubled', () => assert.deepEqual(faults(5, 5), { lost: 0, doubled: 1, disorder: 0 }));
