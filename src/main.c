/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdio.h>

int main(void)
{
    puts("latchkey");
    return 0;
}
