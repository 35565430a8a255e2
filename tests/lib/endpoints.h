/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_ENDPOINTS_H
#define TESTS_LIB_ENDPOINTS_H

#include <stdio.h>
#include <unistd.h>

/* Endpoints that no other process has: tests run side by side, and several builds of them. */

/* "tcp://127.A.B.C:0". A port that was had there once can be had again: others get theirs at 127.0.0.1, and
 * so do connections, also those that try to get there meanwhile (at 127.0.0.1 they may be given the very port
 * they look for, and reach themselves). */
static inline const char *own_tcp_endpoint(char ret[32])
{
        unsigned pid = (unsigned) getpid();
        snprintf(ret, 32, "tcp://127.%u.%u.%u:0", 1 + (pid >> 16) % 200, pid >> 8 & 255, pid & 255);
        return ret;
}

/* "ipc:///tmp/troupe-test-NAME-PID.sock". */
static inline const char *own_ipc_endpoint(char ret[80], const char *name)
{
        snprintf(ret, 80, "ipc:///tmp/troupe-test-%.32s-%d.sock", name, (int) getpid());
        return ret;
}

#endif
