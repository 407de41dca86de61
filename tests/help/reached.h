/* SPDX-License-Identifier: MIT */
/*
 * reached.h - which sentences a program has looked up, for tests/reached.py
 */
#ifndef HOLDFAST_TESTS_REACHED_H
#define HOLDFAST_TESTS_REACHED_H

/*
 * test_reached - write down that a sentence was looked up, if HF_REACHED asks for it
 *
 * @english   static text; of a sentence that says how many, the one for one
 */
void test_reached(const char *english);

/*
 * test_reached_begin - look up and write down what this test program says; it is called before main
 */
void test_reached_begin(void);

#endif
