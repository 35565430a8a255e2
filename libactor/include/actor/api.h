/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ACTOR_API_H
#define ACTOR_API_H

/* What stands between these two is libactor's interface: declared with C linkage where C++ includes it,
 * and exported by the shared library, which hides everything else. Every public header uses them; a
 * program has no need to. */
#ifdef __cplusplus
#define ACTOR_API_BEGIN extern "C" { _Pragma("GCC visibility push(default)")
#define ACTOR_API_END _Pragma("GCC visibility pop") }
#else
#define ACTOR_API_BEGIN _Pragma("GCC visibility push(default)")
#define ACTOR_API_END _Pragma("GCC visibility pop")
#endif

#endif
